using System.Text.RegularExpressions;
using EdgeAssist.ConsoleTests.Support;
using EdgeAssist.EndToEnd.Tests.Support;
using Xunit;

namespace EdgeAssist.ConsoleTests;

/// <summary>The console's own unit tests, in TypeScript, by node's test runner.</summary>
public sealed partial class LogicTests
{
    [Fact]
    public async Task The_consoles_logic_passes_its_own_tests()
    {
        ConsoleScript.SkipWithoutNode();
        var cancel = TestContext.Current.CancellationToken;
        var bundled = await Tool.RunAsync(Tool.Find("node")!, ["build.mjs", "--tests"], ConsoleScript.Folder, cancel);
        Assert.True(bundled.ExitCode == 0, bundled.Output + bundled.Error);

        var files = Directory.GetFiles(Path.Combine(ConsoleScript.Folder, "obj", "test"), "*.test.js");
        var ran = await Tool.RunAsync(Tool.Find("node")!, ["--test", "--test-reporter=tap", .. files], ConsoleScript.Folder, cancel);

        Assert.True(ran.ExitCode == 0, ran.Output + ran.Error);
        Assert.True(int.Parse(Passed().Match(ran.Output).Groups["count"].Value, System.Globalization.CultureInfo.InvariantCulture) >= 20, ran.Output);
    }

    [GeneratedRegex(@"^# pass (?<count>\d+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Passed();
}
