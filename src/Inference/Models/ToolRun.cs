using System.ComponentModel;
using System.Diagnostics;

namespace EdgeAssist.Inference.Models;

/// <summary>Runs a program of the machine to its end and keeps what it said.</summary>
internal static class ToolRun
{
    /// <param name="command">The program, on the search path or with its path.</param>
    /// <param name="arguments">Handed on as they are; no shell is between.</param>
    /// <param name="folder">Where it runs.</param>
    /// <param name="timeout">After which it is ended, with its children.</param>
    /// <param name="cancellationToken">Ends it as well.</param>
    /// <returns>Its exit code and its error output.</returns>
    /// <exception cref="Win32Exception">There is no such program.</exception>
    /// <exception cref="TimeoutException">It took too long.</exception>
    public static async Task<(int Code, string Errors)> RunAsync(string command, IEnumerable<string> arguments, string folder, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(command, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        using var process = Process.Start(start) ?? throw new UnreachableException("Without the shell a started process is always a new one.");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(timeout);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token).ConfigureAwait(false);
            await output.ConfigureAwait(false);
            return (process.ExitCode, await errors.ConfigureAwait(false));
        }
        catch (OperationCanceledException e)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            throw new TimeoutException($"{command} did not finish within {timeout.TotalMinutes:0.#} minutes.", e);
        }
    }
}
