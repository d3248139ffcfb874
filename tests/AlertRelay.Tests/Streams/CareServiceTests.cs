using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.Tests.Support;
using EdgeAssist.Client;
using EdgeAssist.Contracts;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Streams;

/// <summary>Silences, receipts, notes, the rota and the wall over gRPC.</summary>
public sealed class CareServiceTests : IAsyncLifetime
{
    private static readonly Principal Sue = new() { Subject = "sue", Role = PrincipalRole.Supervisor, Teams = ["billing"] };

    private readonly TempDirectory _directory = new();
    private RelayServer _server = null!;
    private V1.Alerts.AlertsClient _alerts = null!;
    private V1.Silences.SilencesClient _silences = null!;

    public async ValueTask InitializeAsync()
    {
        var rota = Path.Combine(_directory.Path, "rota.json");
        await File.WriteAllTextAsync(rota, """{ "teams": { "billing": [ { "tier": "leads", "patience": "00:00:01", "members": [ { "subject": "sue" } ] }, { "tier": "boss", "members": [ { "subject": "mia" } ] } ] } }""");
        _server = await RelayServer.StartAsync(_directory.Path, options => options.RotaFile = rota);
        _alerts = new V1.Alerts.AlertsClient(_server.Invoker());
        _silences = new V1.Silences.SilencesClient(_server.Invoker());
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_silenced_alert_is_told_to_those_who_ask_for_it_and_to_the_others_when_the_silence_ends()
    {
        var silence = await _silences.CreateAsync(Quiet(TimeSpan.FromMinutes(1), "billing"), _server.Headers(Sue));
        using var usual = RawWatch.Alerts(_server.Invoker(), _server.Headers(Sue));
        using var all = RawWatch.Alerts(_server.Invoker(), _server.Headers(Sue), filter: new V1.AlertFilter { IncludeSuppressed = true });
        await usual.NextAsync(Patience.Normal);
        await all.NextAsync(Patience.Normal);
        await OpenAsync();
        Assert.Equal(silence.SilenceId, (await EventAsync(all)).Alert.SuppressedBy);

        await _silences.EndAsync(new V1.EndSilenceRequest { RequestId = "end", SilenceId = silence.SilenceId }, _server.Headers(Sue));
        var heard = await EventAsync(usual);

        Assert.Equal(V1.AlertChange.Unsilenced, heard.Change);
        Assert.Empty((await _silences.ListAsync(new V1.ListSilencesRequest(), _server.Headers())).Silences);
    }

    [Fact]
    public async Task A_supervisor_silences_their_own_teams_only_and_never_everything()
    {
        var others = await Assert.ThrowsAsync<RpcException>(async () => await _silences.CreateAsync(Quiet(TimeSpan.FromMinutes(1), "sales"), _server.Headers(Sue)));
        var everything = await Assert.ThrowsAsync<RpcException>(async () => await _silences.CreateAsync(Quiet(TimeSpan.FromMinutes(1)), _server.Headers(Sue)));
        var tooLong = await Assert.ThrowsAsync<RpcException>(async () => await _silences.CreateAsync(Quiet(TimeSpan.FromDays(8), "billing"), _server.Headers(Sue)));

        Assert.Equal([StatusCode.PermissionDenied, StatusCode.PermissionDenied, StatusCode.InvalidArgument], new[] { others, everything, tooLong }.Select(error => error.StatusCode));
    }

    [Fact]
    public async Task The_client_library_claims_renews_notes_and_hands_on_and_others_see_it()
    {
        await using var client = _server.Client(Sue);
        var id = await OpenAsync();

        var claimed = await client.ClaimAsync(id, cancellationToken: Patience.Normal);
        var renewed = await client.RenewAsync(id, claimed.Version, Patience.Normal);
        var noted = await client.AnnotateAsync(id, "calls back at four", "callback", Patience.Normal);
        var stale = await Assert.ThrowsAsync<EdgeAssistException>(() => client.RenewAsync(id, claimed.Version, Patience.Normal));
        var handedOn = await client.EscalateAsync(id, "asks for the manager", cancellationToken: Patience.Normal);
        var seen = await _alerts.GetAsync(new V1.GetAlertRequest { AlertId = id }, _server.Headers());

        Assert.Equal("sue", claimed.Holder);
        Assert.True(renewed.LeaseUntil.ToDateTimeOffset() >= claimed.LeaseUntil.ToDateTimeOffset());
        Assert.Equal(("sue", "calls back at four", "callback"), (noted.Notes.Single().Author, noted.Notes.Single().Text, noted.Outcome.Disposition));
        Assert.NotEmpty(stale.Message);
        Assert.True(handedOn.Version > noted.Version);
        Assert.Equal(["mia"], handedOn.AssignedTo);
        Assert.Equal(handedOn.Notes, seen.Notes);
        Assert.Equal(handedOn.AssignedTo, seen.AssignedTo);
    }

    [Fact]
    public async Task Who_was_told_and_who_saw_it_is_known_and_what_nobody_saw_is_found()
    {
        using var watch = RawWatch.Alerts(_server.Invoker(), _server.Headers(Sue));
        await watch.NextAsync(Patience.Normal);
        var seen = await OpenAsync();
        var unseen = await OpenAsync();
        var marked = await _alerts.MarkShownAsync(new V1.MarkShownRequest { AlertIds = { seen, seen } }, _server.Headers(Sue));
        var markedAgain = await _alerts.MarkShownAsync(new V1.MarkShownRequest { AlertIds = { seen } }, _server.Headers(Sue));

        var deadline = Patience.Normal;
        V1.Alert alert;
        do
        {
            deadline.ThrowIfCancellationRequested();
            alert = await _alerts.GetAsync(new V1.GetAlertRequest { AlertId = seen }, _server.Headers());
        }
        while (alert.Receipts.Count < 2);

        var nobodySaw = await _alerts.ListUnseenAsync(new V1.ListUnseenRequest(), _server.Headers(Sue));
        var nobodySawForLong = await _alerts.ListUnseenAsync(new V1.ListUnseenRequest { OlderThan = Duration.FromTimeSpan(TimeSpan.FromMinutes(5)) }, _server.Headers(Sue));

        Assert.Equal([1, 0], [marked.Marked, markedAgain.Marked]);
        Assert.Equal([V1.ReceiptKind.Told, V1.ReceiptKind.Shown], alert.Receipts.Select(receipt => receipt.Kind).Order());
        Assert.Equal([unseen], nobodySaw.Alerts.Select(each => each.AlertId));
        Assert.Empty(nobodySawForLong.Alerts);
    }

    [Fact]
    public async Task What_nobody_acts_on_goes_up_and_the_simulation_had_said_to_whom()
    {
        var simulated = await _alerts.WhoWouldGetAsync(new V1.WhoWouldGetRequest { Team = "billing" }, _server.Headers(Sue));
        using var watch = RawWatch.Alerts(_server.Invoker(), _server.Headers(Sue));
        await watch.NextAsync(Patience.Normal);
        await OpenAsync();

        V1.AlertEvent told;
        do told = await EventAsync(watch);
        while (told.Change != V1.AlertChange.Escalated);

        Assert.Equal(["sue", "mia"], simulated.Tiers.SelectMany(tier => tier.Subjects));
        Assert.Equal(TimeSpan.FromSeconds(1), simulated.Tiers[1].After.ToTimeSpan());
        Assert.Equal(["mia"], told.Alert.AssignedTo);
    }

    [Fact]
    public async Task The_wall_shows_the_gravest_call_first_and_follows_within_a_second()
    {
        var mild = Say.NewCall();
        var grave = Say.NewCall();
        foreach (var call in new[] { mild, grave }) await _server.Sink.PublishAsync(Say.Started(call), Patience.Normal);
        await _server.Sink.PublishAsync(Say.Score(mild, EscalationLevel.Watch, risk: 0.4), Patience.Normal);
        await _server.Sink.PublishAsync(Say.Score(grave, EscalationLevel.Escalated, risk: 0.9), Patience.Normal);
        using var watch = new V1.Calls.CallsClient(_server.Invoker()).WatchWall(new V1.WatchWallRequest { Top = 2 }, _server.Headers(Sue));
        var first = await watch.NextAsync(Patience.Normal);

        await _server.Sink.PublishAsync(Say.Score(mild, EscalationLevel.Critical, at: 2, risk: 0.99), Patience.Normal);
        V1.Wall later;
        do later = await watch.NextAsync(Patience.Normal);
        while (later.Entries[0].CallId != mild.Value);

        Assert.Equal([grave.Value, mild.Value], first.Entries.Select(entry => entry.CallId));
        Assert.Equal(1, first.FreeSupervisors);
        Assert.Equal(2, first.Ranked);
        Assert.NotEqual("", later.Entries[0].AlertId);
    }

    [Fact]
    public async Task A_call_that_leaves_the_team_is_taken_off_the_screen_in_so_many_words()
    {
        using var watch = RawWatch.Calls(_server.Invoker(), _server.Headers(Sue));
        await watch.NextAsync(Patience.Normal);
        var call = Say.NewCall();
        await _server.Sink.PublishAsync(Say.Started(call), Patience.Normal);
        await _server.Sink.PublishAsync(new CallUpdated(Say.Info(call, team: "sales"), Say.Now), Patience.Normal);

        V1.Revoked? revoked = null;
        while (revoked is null) revoked = (await watch.NextAsync(Patience.Normal)).Revoked;
        using var resumed = RawWatch.Calls(_server.Invoker(), _server.Headers(Sue), revoked.ResumeToken);

        Assert.Equal(call.Value, revoked.CallId);
        Assert.Equal(2, revoked.Offset);
        Assert.NotNull((await resumed.NextAsync(Patience.Normal)).Hello);
    }

    private static V1.CreateSilenceRequest Quiet(TimeSpan length, params string[] teams) => new()
    {
        RequestId = "quiet",
        Silence = new V1.Silence { Teams = { teams }, EndsAt = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow() + length), Comment = "a drill" },
    };

    private static async Task<V1.AlertEvent> EventAsync(AsyncServerStreamingCall<V1.WatchAlertsResponse> watch)
    {
        while (true)
        {
            if ((await watch.NextAsync(Patience.Normal)).Event is { } told) return told;
        }
    }

    private async Task<string> OpenAsync()
    {
        var call = Say.NewCall();
        await _server.Sink.PublishAsync(Say.Started(call), Patience.Normal);
        await _server.Sink.PublishAsync(Say.Score(call, EscalationLevel.Escalated), Patience.Normal);
        return _server.Writer.State.Alerts.Values.Single(alert => alert.CallId == call.Value).AlertId;
    }
}
