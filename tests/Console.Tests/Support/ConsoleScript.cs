using System.Diagnostics;
using System.Text;
using EdgeAssist.EndToEnd.Tests.Support;
using EdgeAssist.Testing;
using Xunit;

namespace EdgeAssist.ConsoleTests.Support;

/// <summary>A script in <c>src/Console/e2e</c>, run by node: it drives Chromium, and asks the test for what only the test can do.</summary>
internal static class ConsoleScript
{
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(4);

    public static string Folder => SharedFolder.InTree(Path.Combine("src", "Console")) ?? throw new DirectoryNotFoundException("src/Console is not beside these tests.");

    /// <summary>Skips the test with the reason where node, the console's packages or Chromium are missing.</summary>
    public static void SkipWithoutBrowser()
    {
        SkipWithoutNode();
        Assert.SkipUnless(File.Exists(Chromium), "Chromium is not installed (Debian: apt-get install chromium).");
    }

    public static void SkipWithoutNode()
    {
        Assert.SkipWhen(Tool.Find("node") is null, "node is not installed (Debian: apt-get install nodejs).");
        Assert.SkipUnless(Directory.Exists(Path.Combine(Folder, "node_modules", "playwright-core")), "The console's packages are not installed (npm ci in src/Console).");
    }

    /// <summary>Runs to the end and returns what it wrote; a line «@WORD ARGUMENT» of the script is answered on its standard input.</summary>
    /// <exception cref="Xunit.Sdk.XunitException">It failed; the message has what it wrote.</exception>
    public static async Task<string> RunAsync(string script, IReadOnlyDictionary<string, string> environment, params (string Word, Func<string, Task<string>> Answer)[] answers)
    {
        SkipWithoutBrowser();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(s_longest);
        var start = new ProcessStartInfo(Tool.Find("node")!, [Path.Combine(Folder, "e2e", script)])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = Folder,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start) ?? throw new InvalidOperationException("node did not start.");
        var said = new StringBuilder();
        try
        {
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
            {
                said.AppendLine(line);
                if (!line.StartsWith('@')) continue;
                var space = line.IndexOf(' ', StringComparison.Ordinal);
                var word = space < 0 ? line[1..] : line[1..space];
                var answer = await answers.First(known => known.Word == word).Answer(space < 0 ? "" : line[(space + 1)..]);
                await process.StandardInput.WriteLineAsync(answer.AsMemory(), limit.Token);
            }

            await process.WaitForExitAsync(limit.Token);
            Assert.True(process.ExitCode == 0, $"{script} failed:{Environment.NewLine}{said}{await errors}");
            return said.ToString();
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private static string Chromium => Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium";
}
