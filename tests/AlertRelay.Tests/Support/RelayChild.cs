using System.Diagnostics;
using EdgeAssist.Contracts;
using Grpc.Core;
using Grpc.Net.Client;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Support;

/// <summary>
/// A relay with one open alert in a process of its own (this very program), perhaps started by another program: a tracer, or
/// one that gives it a small file system. It ends when its standard input does.
/// </summary>
internal sealed class RelayChild : IAsyncDisposable
{
    internal const string Variable = "EDGEASSIST_RELAY_CHILD";
    private const string Mark = "ready ";

    private readonly Process _process;
    private readonly GrpcChannel _channel;
    private readonly string _alertId;
    private readonly Metadata _headers;

    private RelayChild(Process process, string[] words)
    {
        (_process, Id, _alertId) = (process, int.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture), words[3]);
        _channel = GrpcChannel.ForAddress(words[2]);
        _headers = new Metadata { { "authorization", "Bearer " + words[4] } };
    }

    /// <summary>The program that such a relay runs in.</summary>
    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "EdgeAssist.AlertRelay.Tests");

    /// <summary>The relay's own process id, also under another program.</summary>
    public int Id { get; }

    public static async Task<RelayChild> StartAsync(string directory, string[] command)
    {
        var process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
            Environment = { [Variable] = directory },
        })!;
        while (await process.StandardOutput.ReadLineAsync(Patience.Of(60)) is { } line)
        {
            // The test runner has its own lines to say.
            if (line.StartsWith(Mark, StringComparison.Ordinal)) return new RelayChild(process, line.Split(' '));
        }

        throw new InvalidOperationException($"{command[0]} ended before the relay was ready.");
    }

    /// <summary>Adds a note to the alert: returns when the relay has acknowledged it.</summary>
    /// <exception cref="RpcException">It was refused.</exception>
    public async Task AnnotateAsync(string note) => await new V1.Alerts.AlertsClient(_channel).AnnotateAsync(
        new V1.AnnotateAlertRequest { AlertId = _alertId, RequestId = Guid.NewGuid().ToString("N"), Note = note }, _headers, cancellationToken: Patience.Of(30));

    /// <summary>Ends the relay in order, and waits for whoever started it.</summary>
    public async Task<int> StopAsync()
    {
        _channel.Dispose();
        _process.StandardInput.Close();
        await _process.WaitForExitAsync(Patience.Of(60));
        return _process.ExitCode;
    }

    public ValueTask DisposeAsync()
    {
        _channel.Dispose();
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Skips the test with the reason when a program is missing or may not do what is asked of it.</summary>
    public static async Task SkipUnlessAsync(string program, params string[] arguments)
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
        Assert.SkipWhen(path is null, $"{program} is not installed.");
        using var probe = Process.Start(new ProcessStartInfo(path!, arguments) { RedirectStandardError = true, UseShellExecute = false })!;
        var said = await probe.StandardError.ReadToEndAsync(Patience.Of(20));
        await probe.WaitForExitAsync(Patience.Of(20));
        Assert.SkipWhen(probe.ExitCode != 0, $"{program} may not be used here: {said.Trim()}");
    }

    /// <summary>What the child does.</summary>
    internal static async Task ServeAsync(string directory)
    {
        await using var server = await RelayServer.StartAsync(directory);
        var call = Say.NewCall();
        await server.Sink.PublishAsync(Say.Started(call), Patience.Normal);
        await server.Sink.PublishAsync(Say.Score(call, EscalationLevel.Escalated), Patience.Normal);
        Console.Out.WriteLine($"{Mark}{Environment.ProcessId} {server.Address} {server.Writer.State.Alerts.Keys.Single()} {server.Token()}");
        await Console.Out.FlushAsync();
        await Console.In.ReadToEndAsync();
    }
}
