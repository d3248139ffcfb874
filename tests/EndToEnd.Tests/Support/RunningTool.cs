using System.Diagnostics;
using System.Text;

namespace EdgeAssist.EndToEnd.Tests.Support;

/// <summary>A program that runs beside a test: what it writes is kept, and it is ended with its children when disposed.</summary>
internal sealed class RunningTool : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private RunningTool(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>What it wrote so far, both streams.</summary>
    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    public static RunningTool Start(string program, IEnumerable<string> arguments, string folder)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false, WorkingDirectory = folder,
        };
        start.Environment["HOME"] = folder;
        return new RunningTool(Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start."));
    }

    /// <summary>Types a line.</summary>
    public Task TypeAsync(string line) => _process.StandardInput.WriteLineAsync(line);

    /// <summary>Waits until it wrote this.</summary>
    /// <exception cref="TimeoutException">It did not; the message has what it wrote.</exception>
    public async Task WaitForAsync(string text, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < patience;)
        {
            if (Output.Contains(text, StringComparison.Ordinal)) return;
            if (_process.HasExited) break;
            await timer.WaitForNextTickAsync(cancellationToken);
        }

        throw new TimeoutException($"'{text}' was not written. Output: {Output}");
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> WaitForExitAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken).WaitAsync(patience, cancellationToken);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        lock (_output) _output.AppendLine(line);
    }
}
