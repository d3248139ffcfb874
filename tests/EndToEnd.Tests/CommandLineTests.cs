using System.Net;
using System.Net.Sockets;
using EdgeAssist.AlertRelay.Hosting;
using EdgeAssist.Contracts;
using EdgeAssist.EndToEnd.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace EdgeAssist.EndToEnd.Tests;

/// <summary>The program as an operator runs it.</summary>
public sealed class CommandLineTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_with_a_bad_setting_exits_2_with_a_sentence_that_names_it()
    {
        var ran = await RunAsync("--set", "Sip:Listen:0=udp:nowhere", "--set", "Sip:MaxCalls=0");

        AssertSentences(2, ran);
        Assert.Contains("Sip:Listen 'udp:nowhere' is not an address to listen on: write udp:ADDRESS:PORT", ran.Error, StringComparison.Ordinal);
        Assert.Contains("Sip:MaxCalls is 0; it must be between 1 and 10000.", ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_with_a_value_that_is_no_number_exits_2_with_a_sentence_that_names_it()
    {
        var ran = await RunAsync("--set", "Sip:MaxCalls=many");

        AssertSentences(2, ran);
        Assert.Contains("Sip:MaxCalls", ran.Error, StringComparison.Ordinal);
        Assert.Contains("many", ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_with_a_port_in_use_exits_2_with_a_sentence_that_names_it()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        var ran = await RunAsync("--set", $"Sip:Listen:0=udp:{taken.LocalEndPoint}");

        AssertSentences(2, ran);
        Assert.Contains($"port {((IPEndPoint)taken.LocalEndPoint!).Port} is in use", ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_without_a_token_exits_2_and_says_how_to_make_one()
    {
        var ran = await Tool.RunAsync(Tool.EdgeAssist, ["watch"], folder: null, Cancel);

        AssertSentences(2, ran);
        Assert.Contains("edgeassist token --role supervisor", ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Models_list_names_every_model_with_licence_and_state()
    {
        var ran = await Tool.RunAsync(Tool.EdgeAssist, ["models", "list"], folder: null, Cancel);

        Assert.Equal(0, ran.ExitCode);
        Assert.Contains("moonshine-tiny-en", ran.Output, StringComparison.Ordinal);
        Assert.Contains("silero-vad-v6", ran.Output, StringComparison.Ordinal);
        Assert.Contains("MIT", ran.Output, StringComparison.Ordinal);
        Assert.Contains("store: /", ran.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Backup_copies_the_journal_and_puts_it_back_and_does_not_write_over_an_old_copy()
    {
        var folder = Directory.CreateTempSubdirectory("edgeassist-backup-");
        try
        {
            var (data, copy) = (Path.Combine(folder.FullName, "data"), Path.Combine(folder.FullName, "copy.db"));
            var config = Path.Combine(folder.FullName, "edgeassist.json");
            await File.WriteAllTextAsync(config, $$"""{ "Data": { "Directory": "{{data}}" } }""", Cancel);
            var nothing = await BackupAsync("--to", copy);
            using (File.Create(copy))
            {
                // No journal, and no backup either.
            }

            var noBackup = await BackupAsync("--restore", copy);
            File.Delete(copy);
            var (records, digest) = await MakeJournalAsync(data);
            var taken = await BackupAsync("--to", copy);
            var again = await BackupAsync("--to", copy);
            var restored = await BackupAsync("--restore", copy);
            var both = await BackupAsync("--restore", copy, "--to", copy);

            AssertSentences(2, nothing);
            AssertSentences(2, noBackup);
            Assert.True(taken.ExitCode == 0, taken.Error);
            Assert.Contains($"copied {records} records, sha256 {digest}", taken.Output, StringComparison.Ordinal);
            AssertSentences(2, again);
            Assert.Contains("exists already", again.Error, StringComparison.Ordinal);
            Assert.True(restored.ExitCode == 0, restored.Error);
            Assert.Contains($"restored {records} records, sha256 {digest}", restored.Output, StringComparison.Ordinal);
            AssertSentences(2, both);

            Task<ToolResult> BackupAsync(params string[] words) => Tool.RunAsync(Tool.EdgeAssist, ["backup", "--config", config, .. words], folder: null, Cancel);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>A journal as a relay leaves it; what a copy of it must hold.</summary>
    private static async Task<(long Records, string Digest)> MakeJournalAsync(string data)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting().AddLogging().AddAlertRelay(options => options.DataDirectory = data);
        await using (var relay = builder.Build())
        {
            relay.MapAlertRelay();
            await relay.StartAsync(Cancel);
            var sink = relay.Services.GetRequiredService<ICallScoreSink>();
            var (call, now) = (CallId.From(Guid.CreateVersion7()), Instant.Now(TimeProvider.System));
            var info = new CallInfo { Id = call, Origin = now, StartedAt = TimeProvider.System.GetUtcNow(), Source = "replay", Team = "billing", Agent = "anna" };
            await sink.PublishAsync(new CallStarted(info, now), Cancel);
            await sink.PublishAsync(new CallEnded(call, Instant.Now(TimeProvider.System), CallEndReason.Hangup), Cancel);
            await relay.StopAsync(Cancel);
        }

        var made = JournalBackup.Take(data, Path.Combine(data, "other-copy.db"));
        Assert.True(made.Records >= 2);
        return made;
    }

    /// <summary>Runs <c>edgeassist run</c> with a data directory of its own and without models, on ports of the system's choice unless told otherwise.</summary>
    private static async Task<ToolResult> RunAsync(params string[] arguments)
    {
        var data = Directory.CreateTempSubdirectory("edgeassist-cli-");
        try
        {
            string[] ours =
            [
                "run", "--set", $"Data:Directory={data.FullName}", "--set", $"Inference:ModelDirectory={data.FullName}", "--set", "Sip:Listen:0=udp:127.0.0.1:0",
                "--set", "Api:Listen=127.0.0.1:0", "--set", "Api:WebListen=",
            ];
            return await Tool.RunAsync(Tool.EdgeAssist, ours.Concat(arguments), folder: null, Cancel);
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    private static void AssertSentences(int exitCode, ToolResult ran)
    {
        Assert.True(exitCode == ran.ExitCode, $"Exit code {ran.ExitCode}: {ran.Error}");
        Assert.NotEqual("", ran.Error.Trim());
        Assert.DoesNotContain("   at ", ran.Error + ran.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", ran.Error + ran.Output, StringComparison.Ordinal);
    }
}
