using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.Host.Commands;
using EdgeAssist.Host.Composition;
using EdgeAssist.Host.Demo;

namespace EdgeAssist.LoadTest;

/// <summary>An appliance in a process of its own, on loopback ports the system chose, with its data in a folder that goes with it.</summary>
internal sealed class ApplianceProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly DirectoryInfo _data;

    private ApplianceProcess(Process process, DirectoryInfo data, ListeningPlaces places, TimeSpan ready)
    {
        (_process, _data, Places, Ready) = (process, data, places, ready);
    }

    public ListeningPlaces Places { get; }

    /// <summary>Process start → calls are taken.</summary>
    public TimeSpan Ready { get; }

    public static async Task<ApplianceProcess> StartAsync(SampleCall sample, IEnumerable<string> settings, CancellationToken cancellationToken)
    {
        var data = Directory.CreateTempSubdirectory("edgeassist-load-");
        var readyFile = Path.Combine(data.FullName, "ready.json");
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardOutput = true };
        foreach (var word in (string[])[Path.Combine(AppContext.BaseDirectory, "edgeassist.dll"), "run", "--ready-file", readyFile]) start.ArgumentList.Add(word);
        var basics = LoopbackSettings.Of(data.FullName, "load", [sample]).Select(setting => $"{setting.Key}={setting.Value}");
        foreach (var setting in basics.Append("Logging:LogLevel:Default=Warning").Concat(settings))
        {
            start.ArgumentList.Add("--set");
            start.ArgumentList.Add(setting);
        }

        var watch = Stopwatch.StartNew();
        var process = Process.Start(start) ?? throw new InvalidOperationException("dotnet could not be started.");
        process.OutputDataReceived += (_, line) => { if (line.Data is not null) Console.Error.WriteLine($"  appliance: {line.Data}"); };
        process.BeginOutputReadLine();
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!File.Exists(readyFile))
        {
            if (process.HasExited) throw new InvalidOperationException($"The appliance ended with code {process.ExitCode} before it was ready.");
            if (watch.Elapsed > StartLimit) throw new TimeoutException("The appliance was not ready within a minute.");
            await poll.WaitForNextTickAsync(cancellationToken);
        }

        var ready = watch.Elapsed;
        var places = JsonSerializer.Deserialize<ListeningPlaces>(await File.ReadAllTextAsync(readyFile, cancellationToken))!;
        return new ApplianceProcess(process, data, places, ready);
    }

    public string Token() => TokenAuthority.Open(_data.FullName).Issue(
        new Principal { Subject = "load", Role = PrincipalRole.Supervisor, Teams = [Principal.AllTeams] }, TimeSpan.FromHours(1));

    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Resident memory now and at its peak, in MiB.</summary>
    public (double Now, double Peak) Memory()
    {
        var status = File.ReadAllLines($"/proc/{_process.Id}/status");
        double Field(string name) => double.Parse(status.First(line => line.StartsWith(name, StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
        return (Field("VmRSS:"), Field("VmHWM:"));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _data.Delete(recursive: true);
    }
}
