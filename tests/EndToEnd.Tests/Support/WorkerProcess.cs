using System.Diagnostics;
using System.Text.Json;

namespace EdgeAssist.EndToEnd.Tests.Support;

/// <summary>An inference worker as a process of its own, to be killed.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_start = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Task _output;

    private WorkerProcess(Process process, string api)
    {
        (_process, Api) = (process, api);
        _output = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
    }

    public string Api { get; }

    /// <exception cref="TimeoutException">It did not become ready within a minute.</exception>
    public static async Task<WorkerProcess> StartAsync(string data, string models, string relay, CancellationToken cancellationToken)
    {
        var ready = Path.Combine(data, $"worker-{Guid.NewGuid():N}.json");
        string[] arguments =
        [
            "run", "--role", "inference", "--ready-file", ready, "--set", $"Data:Directory={data}", "--set", $"Inference:ModelDirectory={models}",
            "--set", "Api:Listen=127.0.0.1:0", "--set", "Api:WebListen=", "--set", $"Links:Relay={relay}",
        ];
        var process = Process.Start(new ProcessStartInfo(Tool.EdgeAssist, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })
            ?? throw new InvalidOperationException("The worker did not start.");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_start);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        try
        {
            while (!File.Exists(ready)) await tick.WaitForNextTickAsync(limit.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            process.Kill();
            throw new TimeoutException("The worker did not become ready.", e);
        }

        using var places = JsonDocument.Parse(await File.ReadAllBytesAsync(ready, cancellationToken));
        var api = places.RootElement.EnumerateObject().First(place => string.Equals(place.Name, "api", StringComparison.OrdinalIgnoreCase)).Value[0].GetString()!;
        return new WorkerProcess(process, api);
    }

    /// <summary>Ends it as kill -9 does, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        await _output;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
    }
}
