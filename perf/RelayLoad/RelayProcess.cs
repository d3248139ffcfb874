using System.Diagnostics;
using System.Globalization;
using EdgeAssist.V1;
using Grpc.Core;
using Grpc.Net.Client;

namespace EdgeAssist.RelayLoad;

/// <summary>This program as a relay in a process of its own.</summary>
internal sealed class RelayProcess : IAsyncDisposable
{
    private readonly Process _process;

    private RelayProcess(Process process, Uri address, string token) => (_process, Address, Token) = (process, address, token);

    public Uri Address { get; }

    public string Token { get; }

    public Metadata Headers => new() { { "authorization", "Bearer " + Token } };

    public static async Task<RelayProcess> StartAsync(string data, string sharedLog = "")
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var word in new[] { "serve", "--data", data, "--shared-log", sharedLog }) start.ArgumentList.Add(word);
        var process = Process.Start(start)!;
        var ready = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The relay did not start.");
        var words = ready.Split(' ');
        return new RelayProcess(process, new Uri(words[1]), words[2]);
    }

    public async Task<string> AskAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
        return await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The relay is gone.");
    }

    /// <summary>Says a line and does not wait for the answer.</summary>
    public async Task SayAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    public ValueTask<string?> HearAsync(CancellationToken cancellationToken) => _process.StandardOutput.ReadLineAsync(cancellationToken);

    /// <summary>Working set and managed heap after a full collection, bytes.</summary>
    public async Task<(long WorkingSet, long Managed)> MemoryAsync()
    {
        var words = (await AskAsync("memory")).Split(' ');
        return (long.Parse(words[1], CultureInfo.InvariantCulture), long.Parse(words[2], CultureInfo.InvariantCulture));
    }

    /// <summary>Processor time it has used.</summary>
    public async Task<TimeSpan> BusyAsync() => TimeSpan.FromMicroseconds(double.Parse((await AskAsync("busy")).Split(' ')[1], CultureInfo.InvariantCulture));

    /// <summary>SIGKILL. Returns what it had said and nobody had read yet; the last line may be cut.</summary>
    public async Task<string> KillAsync()
    {
        if (!_process.HasExited) _process.Kill();
        var rest = await _process.StandardOutput.ReadToEndAsync();
        await _process.WaitForExitAsync();
        return rest;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    /// <summary>Channels of their own connections, so many streams each.</summary>
    public List<GrpcChannel> Channels(int streams, int perConnection) =>
        [.. Enumerable.Range(0, (streams + perConnection - 1) / perConnection).Select(_ => GrpcChannel.ForAddress(Address, new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler { EnableMultipleHttp2Connections = false },
            DisposeHttpClient = true,
        }))];

    /// <summary>When the event was durable, by its hops. Both processes read one clock.</summary>
    public static DateTimeOffset CommittedAt(Latency latency) => latency.Hops.TakeWhile(hop => hop.Hop != V1.Hop.FanOut)
        .Aggregate(latency.WordsEndedAt.ToDateTimeOffset(), (sum, hop) => sum + hop.Duration.ToTimeSpan());
}

/// <summary>A directory that is gone with its owner.</summary>
internal sealed class Scratch : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("edgeassist-relayload-").FullName;

    public string Sub(string name) => Directory.CreateDirectory(System.IO.Path.Combine(Path, name)).FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
