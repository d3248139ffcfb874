using System.Diagnostics;

namespace EdgeAssist.EndToEnd.Tests.Support;

/// <summary>What a program wrote and how it ended.</summary>
internal sealed record ToolResult(int ExitCode, string Output, string Error);

/// <summary>Runs other programs, for a bounded time.</summary>
internal static class Tool
{
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(30);

    /// <summary>The program itself, as it was built beside these tests.</summary>
    public static string EdgeAssist { get; } = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "edgeassist.exe" : "edgeassist");

    /// <summary>A program on the path, or null.</summary>
    public static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <exception cref="OperationCanceledException">It ran longer than <paramref name="longest"/>, or 30 s, and was ended.</exception>
    public static async Task<ToolResult> RunAsync(string program, IEnumerable<string> arguments, string? folder, CancellationToken cancellationToken, TimeSpan? longest = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(longest ?? s_longest);
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false, WorkingDirectory = folder ?? "",
        };
        start.Environment.Remove("EDGEASSIST_TOKEN");
        start.Environment.Remove("EDGEASSIST_TRACE");
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        try
        {
            process.StandardInput.Close();
            var (output, error) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
            await process.WaitForExitAsync(limit.Token);
            return new ToolResult(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }
}
