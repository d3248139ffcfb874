using System.Diagnostics;
using System.Net;
using System.Text.Json;

namespace EdgeAssist.EndToEnd.Tests.Support;

/// <summary>The program as a process of its own: an inference worker to be killed, or a whole appliance.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_start = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Task _output;

    private WorkerProcess(Process process, JsonElement places)
    {
        (_process, Api) = (process, First(places, "api"));
        Sip = places.TryGetProperty("SipUdp", out var sip) && sip.GetArrayLength() > 0 ? IPEndPoint.Parse(sip[0].GetString()!) : new IPEndPoint(IPAddress.None, 0);
        _output = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
    }

    public string Api { get; }

    /// <summary>Where it takes calls over UDP, when it does.</summary>
    public IPEndPoint Sip { get; }

    /// <exception cref="TimeoutException">It did not become ready within a minute.</exception>
    public static Task<WorkerProcess> StartAsync(string data, string models, string relay, CancellationToken cancellationToken) =>
        StartAsync(data, "inference", [new("Inference:ModelDirectory", models), new("Api:WebListen", ""), new("Links:Relay", relay)], cancellationToken);

    /// <inheritdoc cref="StartAsync(string, string, string, CancellationToken)"/>
    public static async Task<WorkerProcess> StartAsync(
        string data, string role, IEnumerable<KeyValuePair<string, string?>> settings, CancellationToken cancellationToken)
    {
        var ready = Path.Combine(data, $"worker-{Guid.NewGuid():N}.json");
        string[] arguments =
        [
            "run", "--role", role, "--ready-file", ready, "--set", $"Data:Directory={data}", "--set", "Api:Listen=127.0.0.1:0",
            .. settings.SelectMany(setting => (string[])["--set", $"{setting.Key}={setting.Value}"]),
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
        return new WorkerProcess(process, places.RootElement);
    }

    /// <summary>Ends it as kill -9 does, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        await _output;
    }

    private static string First(JsonElement places, string name) =>
        places.EnumerateObject().First(place => string.Equals(place.Name, name, StringComparison.OrdinalIgnoreCase)).Value[0].GetString()!;

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
    }
}
