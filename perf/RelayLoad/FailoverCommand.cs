using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using EdgeAssist.Client;
using EdgeAssist.V1;

namespace EdgeAssist.RelayLoad;

/// <summary>
/// <c>failover</c>: two relays on one Redis log; the one a client is connected to is killed, and the time until the client
/// hears the next event from the other is taken. The publisher is at the other.
/// </summary>
internal static class FailoverCommand
{
    private const int Rate = 50;

    public static Command Create()
    {
        var times = new Option<int>("--times") { DefaultValueFactory = _ => 10 };
        var command = new Command("failover", "Kill the relay a client is at and time how soon it goes on at the other.") { times };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var scratch = new Scratch();
            using var redis = StartRedis(scratch.Sub("redis"), out var log);
            try
            {
                var took = new List<double>();
                var lost = 0;
                for (var round = 0; round < parsed.GetValue(times); round++)
                {
                    var (silence, missing) = await RoundAsync(scratch, log, cancellationToken);
                    took.Add(silence);
                    lost += missing;
                }

                Figures.Tell(Figures.Text($"failover: {took.Count} kills, kill to the next event at the other relay {Figures.Of(took)}, {lost} events lost; {Figures.Machine}"));
                return lost == 0 ? 0 : 1;
            }
            finally
            {
                redis.Kill();
                await redis.WaitForExitAsync(CancellationToken.None);
            }
        });
        return command;
    }

    private static async Task<(double Milliseconds, int Lost)> RoundAsync(Scratch scratch, string log, CancellationToken cancellationToken)
    {
        await using var first = await RelayProcess.StartAsync(scratch.Sub("one"), log);
        CopyKey(scratch);
        await using var second = await RelayProcess.StartAsync(scratch.Sub("other"), log);
        await using var client = new EdgeAssistClient([first.Address, second.Address], _ => ValueTask.FromResult(first.Token));
        var offsets = new List<long>();
        var (killedAt, goneOnAfter) = (0L, 0.0);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        await foreach (var item in client.WatchCallsAsync(snapshot: false, cancellationToken: deadline.Token))
        {
            if (item is WatchItem<CallDetail, CallEvent>.Connection { State: ConnectionState.Connected } && killedAt == 0)
                await second.SayAsync(string.Create(CultureInfo.InvariantCulture, $"rate {Rate} 30"));
            if (item is not WatchItem<CallDetail, CallEvent>.Event { Value: var told }) continue;
            offsets.Add(told.Offset);
            if (offsets.Count == Rate)
            {
                killedAt = TimeProvider.System.GetTimestamp();
                await first.KillAsync();
            }
            else if (killedAt != 0 && goneOnAfter == 0)
            {
                goneOnAfter = TimeProvider.System.GetElapsedTime(killedAt).TotalMilliseconds;
            }

            if (offsets.Count == 3 * Rate) break;
        }

        return (goneOnAfter, offsets.Zip(offsets.Skip(1)).Sum(pair => (int)(pair.Second - pair.First - 1)));
    }

    // Access tokens of one relay are good at the other when both have the key.
    private static void CopyKey(Scratch scratch)
    {
        var target = Path.Combine(scratch.Sub("other"), "keys");
        Directory.CreateDirectory(target);
        File.Copy(Path.Combine(scratch.Sub("one"), "keys", "identity.key"), Path.Combine(target, "identity.key"), overwrite: true);
    }

    private static Process StartRedis(string directory, out string address)
    {
        const string server = "/usr/bin/redis-server";
        if (!File.Exists(server)) throw new FileNotFoundException("redis-server is not installed (Debian: apt-get install redis-server).");
        int port;
        using (var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            port = ((IPEndPoint)probe.LocalEndPoint!).Port;
        }

        var start = new ProcessStartInfo(server) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
        foreach (var word in new[] { "--bind", "127.0.0.1", "--port", port.ToString(CultureInfo.InvariantCulture), "--dir", directory, "--save", "", "--appendonly", "yes", "--appendfsync", "always" })
            start.ArgumentList.Add(word);
        var process = Process.Start(start)!;
        while (process.StandardOutput.ReadLine() is { } line && !line.Contains("Ready to accept connections", StringComparison.Ordinal))
        {
            // Its greeting.
        }

        return process;
    }
}
