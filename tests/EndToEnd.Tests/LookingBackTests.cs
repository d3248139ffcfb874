using System.Globalization;
using System.Text;
using System.Text.Json;
using EdgeAssist.EndToEnd.Tests.Support;
using EdgeAssist.Testing;
using Xunit;

namespace EdgeAssist.EndToEnd.Tests;

/// <summary>Commands that look back or ahead, as an operator runs them: baseline, reconcile, vcon, readiness, rollout.</summary>
public sealed class LookingBackTests : IAsyncLifetime
{
    // Recognising a minute of calls takes seconds, and many times that where other tests keep all cores.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("edgeassist-past-");
    private IReadOnlyList<string> _calls = [];
    private string _config = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _calls = await MadeJournal.WriteAsync(_data.FullName, seed: 7, calls: 400, Cancel);
        _config = Path.Combine(_data.FullName, "settings.json");
        await File.WriteAllTextAsync(_config, JsonSerializer.Serialize(new { Data = new { Directory = _data.FullName } }), Cancel);
    }

    public ValueTask DisposeAsync()
    {
        _data.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Baseline_draws_the_same_map_every_time_and_its_numbers_add_up()
    {
        string[] arguments = ["--from", "2026-03-01", "--to", "2026-04-01", "--out", Path.Combine(_data.FullName, "map")];
        var first = await RunAsync("baseline", arguments);
        var html = await File.ReadAllTextAsync(Path.Combine(_data.FullName, "map", "process-map.html"), Cancel);
        await RunAsync("baseline", arguments);

        Assert.Equal(0, first.ExitCode);
        Assert.Equal(html, await File.ReadAllTextAsync(Path.Combine(_data.FullName, "map", "process-map.html"), Cancel));
        Assert.Contains("<svg", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotContain("http", html.Replace("http-equiv", "", StringComparison.Ordinal), StringComparison.Ordinal);
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_data.FullName, "map", "process-map.json"), Cancel));
        var upset = json.RootElement.GetProperty("upset_calls").GetInt32();
        Assert.Equal(400, json.RootElement.GetProperty("calls").GetInt32());
        Assert.InRange(upset, 60, 160);
        var steps = json.RootElement.GetProperty("steps").EnumerateArray().ToList();
        Assert.All(steps.GroupBy(step => step.GetProperty("column").GetString()), column => Assert.Equal(upset, column.Sum(step => step.GetProperty("calls").GetInt32())));
        Assert.Contains(steps, step => step.GetProperty("judgement").GetBoolean());
    }

    [Fact]
    public async Task Reconcile_finds_what_is_missing_and_says_why()
    {
        // Of the calls that were seen two are not in the file, one row is broken, and four more calls were made than came.
        var cdr = new StringBuilder("Start,Call-ID,Caller,Seconds,Disposition\r\n");
        var journal = await StartsAsync();
        foreach (var (id, start) in journal.Skip(2)) cdr.Append(CultureInfo.InvariantCulture, $"{start:yyyy-MM-dd'T'HH:mm:ss}Z,{id},,120,ANSWERED\r\n");
        cdr.Append("2026-03-02T09:00:00Z,gone@sbc.example,,120,ANSWERED\r\n2026-03-02T09:01:00Z,short@sbc.example,,1,ANSWERED\r\n2026-03-02T09:02:00Z,none@sbc.example,,0,NO ANSWER\r\n")
            .Append("2026-03-01T09:00:00Z,sunday@sbc.example,,60,ANSWERED\r\nyesterday,bad@sbc.example,,60,ANSWERED\r\n");
        var file = Path.Combine(_data.FullName, "cdr.csv");
        await File.WriteAllTextAsync(file, cdr.ToString(), Cancel);

        var ran = await RunAsync("reconcile", "--cdr", file, "--mapping", "start=Start,id=Call-ID,number=Caller,duration=Seconds,status=Disposition", "--hours", "Mon-Sat 00:00-23:59",
            "--json", Path.Combine(_data.FullName, "missing.json"));

        Assert.Equal(3, ran.ExitCode);
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_data.FullName, "missing.json"), Cancel));
        var causes = json.RootElement.GetProperty("missing").EnumerateArray().ToDictionary(call => call.GetProperty("id").GetString()!, call => call.GetProperty("cause").GetString());
        Assert.Equal(new Dictionary<string, string?> { ["gone@sbc.example"] = "not_forked", ["short@sbc.example"] = "too_short", ["none@sbc.example"] = "too_short", ["sunday@sbc.example"] = "outside_hours" }, causes);
        Assert.Equal(2, json.RootElement.GetProperty("unexpected").GetArrayLength());
        var bad = Assert.Single(json.RootElement.GetProperty("bad_rows").EnumerateArray());
        Assert.Equal((404, 1), (bad.GetProperty("line").GetInt32(), bad.GetProperty("column").GetInt32()));
    }

    [Fact]
    public async Task Vcon_writes_a_call_without_its_parties_names_and_notes_who_did()
    {
        var ran = await RunAsync("vcon", _calls[0]);

        Assert.Equal(0, ran.ExitCode);
        using var vcon = JsonDocument.Parse(ran.Output);
        Assert.Equal(2, vcon.RootElement.GetProperty("parties").GetArrayLength());
        Assert.DoesNotContain("Daniel Reed", ran.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("+1202555", ran.Output, StringComparison.Ordinal);
        using var audit = AlertRelay.Policy.AuditLog.Open(_data.FullName, TimeProvider.System);
        Assert.Equal(("export.vcon", _calls[0]), Assert.Single(audit.List(new AlertRelay.Policy.AuditFilter(), long.MaxValue, 10).Select(entry => (entry.Action, entry.CallId))));
    }

    [Fact]
    public async Task Readiness_of_the_appliance_looks_at_the_calls_it_saw()
    {
        var ran = await RunAsync("readiness", "--from", "2026-03-01", "--to", "2026-04-01", "--json");

        using var json = JsonDocument.Parse(ran.Output);
        var verdicts = json.RootElement.GetProperty("items").EnumerateArray().ToDictionary(item => item.GetProperty("id").GetString()!, item => (Verdict: item.GetProperty("verdict").GetString(), Finding: item.GetProperty("finding").GetString()!));
        foreach (var passes in (string[])["calls", "channels", "roles", "codecs", "loss", "recognition", "duplicates"]) Assert.Equal((passes, "pass"), (passes, verdicts[passes].Verdict));
        Assert.Equal("fail", verdicts["history"].Verdict);
        Assert.Equal("400 of 400 (100 %) calls have each party on a stream of its own", verdicts["channels"].Finding);
        Assert.Equal(json.RootElement.GetProperty("worst").GetString() == "fail" ? 1 : 3, ran.ExitCode);
    }

    [Fact]
    public async Task Readiness_of_a_folder_passes_good_recordings_and_names_bad_ones()
    {
        var folder = _data.CreateSubdirectory("recordings").FullName;
        var samples = SharedFolder.InTree("samples") ?? throw new InvalidOperationException("There is no samples folder.");
        File.Copy(Path.Combine(samples, "calm", "agent.wav"), Path.Combine(folder, "good_agent.wav"));
        File.Copy(Path.Combine(samples, "calm", "customer.wav"), Path.Combine(folder, "good_customer.wav"));
        await File.WriteAllTextAsync(Path.Combine(folder, "broken.wav"), "no wave", Cancel);
        await File.WriteAllBytesAsync(Path.Combine(folder, "silent.wav"), Silence(seconds: 5), Cancel);
        await File.WriteAllTextAsync(Path.Combine(folder, "calls.csv"), "call_id,agent_file,team,started_at,customer,consent\ngood,good_agent.wav,billing,2026-03-02T08:00:00Z,+1 202 555 0100,yes\n", Cancel);
        await File.WriteAllTextAsync(Path.Combine(folder, "history.csv"), "customer,updated_at\n0012025550100,2020-01-01\n", Cancel);
        await File.WriteAllTextAsync(Path.Combine(folder, "satisfaction.csv"), "call_id,score\ngood,4\nelsewhere,2\n", Cancel);

        var ran = await RunAsync("readiness", "--folder", folder, "--no-recognition", "--json");

        Assert.Equal(1, ran.ExitCode);
        using var json = JsonDocument.Parse(ran.Output);
        var items = json.RootElement.GetProperty("items").EnumerateArray().ToDictionary(item => item.GetProperty("id").GetString()!, item => item);
        Assert.Contains("broken.wav: not a RIFF WAVE file", items["files"].GetProperty("finding").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("1 of 2 (50 %)", items["channels"].GetProperty("finding").GetString(), StringComparison.Ordinal);
        Assert.Equal("pass", items["clipping"].GetProperty("verdict").GetString());
        Assert.StartsWith("1 of 1 (100 %)", items["history"].GetProperty("finding").GetString(), StringComparison.Ordinal);
        Assert.Equal("fail", items["history"].GetProperty("verdict").GetString());   // years old
        Assert.StartsWith("1 of 2 (50 %) calls with an answer, 1 answers without a call", items["satisfaction"].GetProperty("finding").GetString(), StringComparison.Ordinal);
        Assert.All(items.Values, item => Assert.True(item.GetProperty("verdict").GetString() == "pass" || item.GetProperty("fix").GetString()!.Length > 20));
    }

    [Fact]
    public async Task Readiness_recognises_a_sample_of_a_real_call()
    {
        var (models, missing) = await TestModels.FindAsync(Cancel);
        Assert.SkipWhen(models is null, missing);
        var folder = SharedFolder.Find("data/two-party-calls");
        Assert.SkipWhen(folder is null, "../shared/data/two-party-calls is not here.");

        var ran = await RunAsync("readiness", "--folder", folder!, "--json");

        using var json = JsonDocument.Parse(ran.Output);
        var items = json.RootElement.GetProperty("items").EnumerateArray().ToDictionary(item => item.GetProperty("id").GetString()!, item => item);
        foreach (var id in (string[])["channels", "roles", "clipping", "noise", "one-way audio", "duplicates"]) Assert.Equal((id, "pass"), (id, items[id].GetProperty("verdict").GetString()));
        Assert.Contains("utterances, confidence p10", items["recognition"].GetProperty("finding").GetString(), StringComparison.Ordinal);
        Assert.Contains("cores a call", items["capacity"].GetProperty("finding").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_is_frozen_shown_exported_and_found_out_when_it_is_touched()
    {
        string[] plan =
        [
            "plan", "spring", "--team", "billing", "--team", "sales", "--baseline-from", "2026-03-02", "--first-start", "2026-03-30", "--until", "2026-05-31", "--zone", "Europe/Berlin", "--seed", "one",
        ];
        var made = await RunAsync("rollout", plan);
        var again = await RunAsync("rollout", plan);
        var csv = await RunAsync("rollout", "export", "spring");
        var verified = await RunAsync("rollout", "verify", "spring");
        var file = Path.Combine(_data.FullName, "rollout", "spring.json");
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file, Cancel)).Replace("2026-03-02", "2026-03-09", StringComparison.Ordinal), Cancel);
        var touched = await RunAsync("rollout", "verify", "spring");

        Assert.Equal((0, 2, 0, 0, 2), (made.ExitCode, again.ExitCode, csv.ExitCode, verified.ExitCode, touched.ExitCode));
        Assert.Contains("A plan is frozen", again.Error, StringComparison.Ordinal);
        Assert.Equal(1 + 2 * 91, csv.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("the appliance has not taken it up yet", verified.Output, StringComparison.Ordinal);
        Assert.Contains("changed after it was made", touched.Error, StringComparison.Ordinal);
    }

    // Ids and starts of the journal's calls, as its own vCons say them.
    private async Task<List<(string SipCallId, DateTimeOffset Start)>> StartsAsync()
    {
        using var journal = AlertRelay.Journal.Sqlite.JournalFile.Open(_data.FullName);
        var starts = new List<(string, DateTimeOffset)>();
        await foreach (var call in AlertRelay.Baseline.ObservedCalls.ReadAsync(journal.ReadAsync, journal.Epoch, journal.Oldest, DateTimeOffset.MinValue, DateTimeOffset.MaxValue, Cancel))
            starts.Add((call.Info.CorrelationIds["sip-call-id"], call.StartedAt));
        return starts;
    }

    private async Task<ToolResult> RunAsync(string command, params string[] arguments) =>
        await Tool.RunAsync(Tool.EdgeAssist, [command, .. arguments, "--config", _config], folder: null, Cancel, s_patience);

    private static byte[] Silence(int seconds)
    {
        var data = new byte[seconds * 8000 * 2];
        using var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer);
        writer.Write("RIFF"u8);
        writer.Write(36 + data.Length);
        writer.Write("WAVEfmt "u8);
        writer.Write(16);
        writer.Write((short)1);
        writer.Write((short)1);
        writer.Write(8000);
        writer.Write(16_000);
        writer.Write((short)2);
        writer.Write((short)16);
        writer.Write("data"u8);
        writer.Write(data.Length);
        writer.Write(data);
        writer.Flush();
        return buffer.ToArray();
    }
}
