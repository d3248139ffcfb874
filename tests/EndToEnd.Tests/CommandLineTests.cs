using EdgeAssist.EndToEnd.Tests.Support;
using Xunit;

namespace EdgeAssist.EndToEnd.Tests;

/// <summary>The program as an operator runs it.</summary>
public sealed class CommandLineTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_with_a_bad_setting_exits_2_with_a_sentence_that_names_it()
    {
        var data = Directory.CreateTempSubdirectory("edgeassist-cli-");
        try
        {
            var ran = await RunAsync("run", "--set", "Sip:Listen:0=udp:nowhere", "--set", "Sip:MaxCalls=0", "--set", $"Data:Directory={data.FullName}");

            AssertSentences(2, ran);
            Assert.Contains("Sip:Listen 'udp:nowhere' is not an address to listen on: write udp:ADDRESS:PORT", ran.Error, StringComparison.Ordinal);
            Assert.Contains("Sip:MaxCalls is 0; it must be between 1 and 10000.", ran.Error, StringComparison.Ordinal);
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Run_with_a_value_that_is_no_number_exits_2_with_a_sentence_that_names_it()
    {
        var data = Directory.CreateTempSubdirectory("edgeassist-cli-");
        try
        {
            var ran = await RunAsync("run", "--set", "Sip:MaxCalls=many", "--set", $"Data:Directory={data.FullName}");

            AssertSentences(2, ran);
            Assert.Contains("Sip:MaxCalls", ran.Error, StringComparison.Ordinal);
            Assert.Contains("many", ran.Error, StringComparison.Ordinal);
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Watch_without_a_token_exits_2_and_says_how_to_make_one()
    {
        var ran = await RunAsync("watch");

        AssertSentences(2, ran);
        Assert.Contains("edgeassist token --role supervisor", ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Models_list_names_every_model_with_licence_and_state()
    {
        var ran = await RunAsync("models", "list");

        Assert.Equal(0, ran.ExitCode);
        Assert.Contains("moonshine-tiny-en", ran.Output, StringComparison.Ordinal);
        Assert.Contains("silero-vad-v6", ran.Output, StringComparison.Ordinal);
        Assert.Contains("MIT", ran.Output, StringComparison.Ordinal);
        Assert.Contains("store: /", ran.Output, StringComparison.Ordinal);
    }

    private static Task<ToolResult> RunAsync(params string[] arguments) => Tool.RunAsync(Tool.EdgeAssist, arguments, folder: null, Cancel);

    private static void AssertSentences(int exitCode, ToolResult ran)
    {
        Assert.True(exitCode == ran.ExitCode, $"Exit code {ran.ExitCode}: {ran.Error}");
        Assert.NotEqual("", ran.Error.Trim());
        Assert.DoesNotContain("   at ", ran.Error + ran.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", ran.Error + ran.Output, StringComparison.Ordinal);
    }
}
