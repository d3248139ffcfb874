using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace EdgeAssist.RelayBench;

/// <summary>Our relay in a process of its own, driven by lines on its standard input (see <see cref="ServeCommand"/>).</summary>
internal sealed class OwnRelay : IRelayUnderTest
{
    private readonly Process _process;

    private OwnRelay(Process process, string name) => (_process, Name) = (process, name);

    public string Name { get; }

    public int ProcessId => _process.Id;

    /// <param name="core">Processors it may use, as taskset writes them.</param>
    /// <param name="fork">Decode both sides of every call.</param>
    /// <param name="more">Further words for the serve command.</param>
    public static async Task<OwnRelay> StartAsync(string core, bool fork, params IEnumerable<string> more)
    {
        var start = new ProcessStartInfo("taskset") { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var word in (IEnumerable<string>)["-c", core, "dotnet", Path.Combine(AppContext.BaseDirectory, "EdgeAssist.RelayBench.dll"), "serve", .. more]) start.ArgumentList.Add(word);
        if (fork) start.ArgumentList.Add("--fork");
        var relay = new OwnRelay(Process.Start(start) ?? throw new InvalidOperationException("taskset could not be started."), fork ? "edgeassist + fork" : "edgeassist");
        await relay.AskAsync("ready").ConfigureAwait(false);
        return relay;
    }

    public async Task<(IPEndPoint Caller, IPEndPoint Callee)> OpenAsync(int index, IPEndPoint caller, IPEndPoint callee, bool secure)
    {
        var ports = (await AskAsync(string.Create(CultureInfo.InvariantCulture, $"open {caller.Port} {callee.Port} {(secure ? 1 : 0)}")).ConfigureAwait(false)).Split(' ');
        return (At(ports[0]), At(ports[1]));

        static IPEndPoint At(string port) => new(IPAddress.Loopback, int.Parse(port, CultureInfo.InvariantCulture));
    }

    public Task MarkAsync() => AskAsync("mark");

    public Task<string> ReportAsync(long packets) => AskAsync(string.Create(CultureInfo.InvariantCulture, $"report {packets}"));

    /// <summary>One line of counts over all calls.</summary>
    public Task<string> CountsAsync() => AskAsync("counts");

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await _process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private async Task<string> AskAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line).ConfigureAwait(false);
        await _process.StandardInput.FlushAsync().ConfigureAwait(false);
        return await _process.StandardOutput.ReadLineAsync().ConfigureAwait(false) ?? throw new InvalidOperationException($"The relay process ended at \"{line}\".");
    }
}
