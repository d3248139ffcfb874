using EdgeAssist.AlertRelay.Hosting;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.EndToEnd.Tests.Support;
using EdgeAssist.Testing.Audio;
using EdgeAssist.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Xunit;

namespace EdgeAssist.EndToEnd.Tests;

/// <summary>A recording session of somebody who called before: the history comes into the call, its score, and to the agent who has the call.</summary>
public sealed class HistoryTests : IDisposable
{
    private static readonly Principal Admin = new() { Subject = "root", Role = PrincipalRole.Admin, SeesPersonal = true };
    private static readonly Principal Frank = new() { Subject = "frank", Role = PrincipalRole.Agent };
    private static readonly Principal Other = new() { Subject = "gina", Role = PrincipalRole.Agent };

    private readonly DirectoryInfo _noModels = Directory.CreateTempSubdirectory("edgeassist-history-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _noModels.Delete(recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]   // relay, analysis and gateway joined by gRPC
    public async Task The_history_of_a_recorded_caller_comes_into_the_call_and_its_score(bool apart)
    {
        await using var appliance = apart ? await TestAppliance.StartApartAsync(_noModels.FullName, Cancel) : await TestAppliance.StartAsync(_noModels.FullName, Cancel);
        using var channel = GrpcChannel.ForAddress(appliance.Api);
        var histories = new History.HistoryClient(channel);
        await histories.UpsertAsync(Told(), Headers(appliance, Admin), cancellationToken: Cancel);
        await using var watcher = appliance.Watch();
        await watcher.OpenAsync(Cancel).WaitAsync(TimeSpan.FromSeconds(60), Cancel);

        var call = await appliance.PlayAsync(watcher, Recordings.Streams((Quiet(3), Quiet(3))), Cancel);

        Assert.True(call.Result.Succeeded, call.Result.ToString());
        var detail = await new Calls.CallsClient(channel).GetAsync(new GetCallRequest { CallId = call.Started.CallId }, Headers(appliance, Admin), cancellationToken: Cancel);
        Assert.Equal(new CustomerHistory { OpenCases = 2, RecentContacts = 3, BrokenPromises = 1 }, detail.Call.History);
        Assert.Equal("2.5", detail.Call.CorrelationIds["customer-value"]);
        var cues = detail.Scores.SelectMany(score => score.Reasons).Select(reason => reason.Cue).ToHashSet();
        Assert.Superset(new HashSet<string> { "open_cases", "recent_contacts", "unkept_promises" }, cues);

        var known = await histories.ForCallAsync(new ForCallRequest { CallId = call.Started.CallId }, Headers(appliance, Frank), cancellationToken: Cancel);
        Assert.Equal((MatchOutcome.Matched, "number"), (known.Outcome, known.Identifier));
        Assert.Equal(["t-2", "i-3", "i-2", "i-1", "p-1", "t-1"], known.Customer.Interactions.Select(interaction => interaction.SourceId));
        Assert.Equal("", known.Customer.Name);
        var refused = await Assert.ThrowsAsync<RpcException>(() => histories.ForCallAsync(new ForCallRequest { CallId = call.Started.CallId }, Headers(appliance, Other), cancellationToken: Cancel).ResponseAsync);
        Assert.Equal(StatusCode.NotFound, refused.StatusCode);

        // Neither who it was nor what happened to them is in the log.
        var lines = appliance.Log.Lines.Select(line => line.Everything).ToList();
        foreach (var secret in new[] { "Olivia", "kunde-77", Recordings.CustomerNumber[1..], "Charged twice" }) Assert.DoesNotContain(lines, line => line.Contains(secret, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task An_export_is_imported_shown_copied_and_forgotten_from_the_command_line()
    {
        var data = Path.Combine(_noModels.FullName, "data");
        var config = Path.Combine(_noModels.FullName, "edgeassist.json");
        await File.WriteAllTextAsync(config, $$"""{ "Data": { "Directory": "{{data}}" } }""", Cancel);
        var (rows, map) = (Path.Combine(_noModels.FullName, "rows.csv"), Path.Combine(_noModels.FullName, "map.yaml"));
        await File.WriteAllTextAsync(map, "source: crm\ncustomer: { key: who, identifiers: [ { number: phone } ] }\ninteractions: [ { kind: { value: contact }, id: id, at: at } ]\n", Cancel);
        await File.WriteAllTextAsync(rows, "id,who,phone,at\n1,c-1,+49305550100,2026-11-01\n2,c-1,nobody,2026-11-01\n", Cancel);

        var dry = await RunAsync("import", rows, "--mapping", map, "--dry-run");
        var nothingYet = await RunAsync("stats");
        var imported = await RunAsync("import", rows, "--mapping", map);
        var shown = await RunAsync("show", "c-1");
        var badMap = await RunAsync("import", rows, "--mapping", rows);
        var copied = HistoryFiles.TakeBackup(data, Path.Combine(_noModels.FullName, "copy.history"));
        var erased = await RunAsync("erase", "c-1", "--reason", "asked for it");
        var gone = await RunAsync("show", "c-1");
        var restored = HistoryFiles.RestoreBackup(data, Path.Combine(_noModels.FullName, "copy.history"), TimeProvider.System.GetUtcNow());
        var back = await RunAsync("stats");

        Assert.Equal((1, "2 rows checked: 1 can be used, 1 cannot. Nothing was written."), (dry.ExitCode, dry.Output.Trim()));
        Assert.Equal(1, nothingYet.ExitCode);
        Assert.Equal((1, 0), (imported.ExitCode, shown.ExitCode));
        Assert.Contains("rows.csv:3:7: phone is no telephone number with its country, and the mapping names no region.", imported.Error, StringComparison.Ordinal);
        Assert.Contains("2 rows: 1 added", imported.Output, StringComparison.Ordinal);
        Assert.Contains("crm/1", shown.Output, StringComparison.Ordinal);
        Assert.Equal(2, badMap.ExitCode);
        Assert.StartsWith("rows.csv:1:1: ", badMap.Error, StringComparison.Ordinal);
        Assert.Equal((0, 1), (erased.ExitCode, gone.ExitCode));
        Assert.Equal((1L, 1L), (copied, restored));
        Assert.Contains("1 customers, 1 interactions", back.Output, StringComparison.Ordinal);

        Task<ToolResult> RunAsync(params string[] words) => Tool.RunAsync(Tool.EdgeAssist, ["history", .. words, "--config", config], folder: null, Cancel);
    }

    private static UpsertHistoryRequest Told() => new()
    {
        RequestId = "told", Source = "crm",
        Customers = { new CustomerUpsert { Key = "kunde-77", Name = "Olivia Customer", Value = 2.5, Identifiers = { new CustomerIdentifier { Kind = "number", Value = "+1 (202) 555-0163" } } } },
        Interactions =
        {
            Interaction("t-1", InteractionKind.Ticket, 20, "t-1", InteractionState.Open), Interaction("t-2", InteractionKind.Ticket, 1, "t-2", InteractionState.Open),
            Interaction("i-1", InteractionKind.Contact, 9, "t-1"), Interaction("i-2", InteractionKind.Contact, 6, "t-1"), Interaction("i-3", InteractionKind.Contact, 2, "t-1"),
            Interaction("p-1", InteractionKind.Promise, 15, "t-1", InteractionState.Broken),
        },
    };

    private static Interaction Interaction(string id, InteractionKind kind, int daysAgo, string matter, InteractionState state = InteractionState.Unspecified) => new()
    {
        CustomerKey = "kunde-77", SourceId = id, Kind = kind, State = state, Matter = matter, Summary = "Charged twice",
        At = TimeProvider.System.GetUtcNow().AddDays(-daysAgo).ToTimestamp(),
    };

    private static Metadata Headers(TestAppliance appliance, Principal who) => new() { { "authorization", "Bearer " + appliance.Token(who) } };

    private static Clip Quiet(int seconds) => new(8000, new short[8000 * seconds]);
}
