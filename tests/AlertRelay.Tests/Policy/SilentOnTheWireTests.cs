using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.State;
using EdgeAssist.AlertRelay.Tests.Support;
using EdgeAssist.Contracts;
using EdgeAssist.Testing;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Web;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Policy;

/// <summary>Nothing of a silent team's calls leaves the relay: the octets of every stream and answer, searched.</summary>
public sealed class SilentOnTheWireTests : IAsyncLifetime
{
    private const double SilentRisk = 0.8437219, ShownRisk = 0.7712345;
    private const string SilentWords = "nobody ever phones me back about the boiler", ShownWords = "where is my parcel from October";

    private static readonly Principal[] Everybody =
    [
        new() { Subject = "sue", Role = PrincipalRole.Supervisor, Teams = ["billing", "sales"] },
        new() { Subject = "wall", Role = PrincipalRole.Supervisor, Teams = [Principal.AllTeams], SeesPersonal = true },
        new() { Subject = "anna", Role = PrincipalRole.Agent },
        RelayServer.Admin,
    ];

    private readonly TempDirectory _directory = new();
    private readonly List<IDisposable> _channels = [];
    private readonly List<Task> _readers = [];
    private readonly CancellationTokenSource _end = new();
    private RelayServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RelayServer.StartAsync(_directory.Path, options => options.ObserveTeams.Add("billing"));

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAll(_readers);
        _channels.ForEach(channel => channel.Dispose());
        await _server.DisposeAsync();
        _directory.Dispose();
        _end.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_escalating_call_of_an_observed_team_is_on_no_stream_and_in_no_answer(bool overWeb)
    {
        var wires = Everybody.Select(principal => Follow(principal, overWeb)).ToList();
        var (silent, shown) = (Say.NewCall(), Say.NewCall());

        await EscalateAsync(silent, "billing", SilentRisk, SilentWords);
        await EscalateAsync(shown, "sales", ShownRisk, ShownWords);
        var (silentAlert, shownAlert) = (AlertOf(silent), AlertOf(shown));
        foreach (var (principal, wire, invoker) in wires) await AskEverythingAsync(invoker, principal, silent.Value, silentAlert);
        await _server.Sink.PublishAsync(Say.Ended(silent), Patience.Normal);
        await _server.Sink.PublishAsync(Say.Ended(shown), Patience.Normal);

        var prompts = (await new V1.Assist.AssistClient(_server.Invoker()).ListAsync(new V1.ListPromptsRequest { CallId = silent.Value, IncludeWouldBe = true }, _server.Headers())).Prompts;
        Assert.All(prompts, prompt => Assert.Equal(V1.PromptState.WouldBe, prompt.State));
        Assert.NotEmpty(prompts);

        foreach (var (principal, wire, _) in wires)
        {
            // The same capture finds the other team's alert, words, wall entry and risk: it would have found these.
            foreach (var needle in (string[])[shownAlert, "parcel_lost", ShownWords, "parcel from"]) await FoundAsync(wire, needle);
            await UntilAsync(() => wire.Holds(ShownRisk), "the risk");
            foreach (var needle in (string[])[silentAlert, "asks_for_manager", SilentWords, "phones me back", .. prompts.SelectMany(prompt => (string[])[prompt.PromptId, prompt.Phrase.Text])])
                Assert.False(wire.Holds(needle), $"«{needle}» came to {principal.Subject}.");
            Assert.False(wire.Holds(SilentRisk), $"The risk came to {principal.Subject}.");
        }
    }

    [Fact]
    public async Task Would_be_alerts_stand_in_the_store_with_their_mode_and_an_admin_finds_them_once_the_call_is_over()
    {
        var call = Say.NewCall();
        await EscalateAsync(call, "billing", SilentRisk, SilentWords);
        var alertId = AlertOf(call);
        var policies = new V1.Policies.PoliciesClient(_server.Invoker());
        var alerts = new V1.Alerts.AlertsClient(_server.Invoker());

        var stored = await _server.Table.Journal.ReadAlertAsync(alertId, Patience.Normal);
        Assert.Equal(V1.PolicyMode.Observe, RelayEventCodec.ToEvent(stored!, _server.Table.Journal.Epoch).Alert!.Alert.Mode);
        Assert.Empty((await policies.ListWouldBeAsync(new V1.ListWouldBeRequest(), _server.Headers())).Alerts);

        await _server.Sink.PublishAsync(Say.Ended(call), Patience.Normal);

        var wouldBe = Assert.Single((await policies.ListWouldBeAsync(new V1.ListWouldBeRequest { Teams = { "billing" } }, _server.Headers())).Alerts);
        Assert.Equal((alertId, SilentRisk), (wouldBe.AlertId, wouldBe.Score.Risk));
        Assert.Empty((await alerts.ListAsync(new V1.ListAlertsRequest { Filter = new V1.AlertFilter { IncludeSuppressed = true } }, _server.Headers())).Alerts);
        var verdict = await alerts.DismissAsync(new V1.AlertActionRequest { AlertId = alertId, RequestId = "d", Reason = "they only joked" }, _server.Headers());
        Assert.Equal(V1.AlertState.Dismissed, verdict.State);
        var looked = (await policies.ListAuditAsync(new V1.ListAuditRequest { Action = "alerts.would_be" }, _server.Headers())).Entries;
        Assert.Equal([("root", "looked at or acted on"), ("root", "1 would-be alerts listed"), ("root", "0 would-be alerts listed")], looked.Select(entry => (entry.Actor, entry.Detail)));
    }

    [Fact]
    public async Task Words_of_a_silent_call_are_found_when_it_is_over_and_its_scores_by_admins_alone()
    {
        var call = Say.NewCall();
        await EscalateAsync(call, "billing", SilentRisk, SilentWords);
        var calls = new V1.Calls.CallsClient(_server.Invoker());

        var live = await calls.GetAsync(new V1.GetCallRequest { CallId = call.Value }, _server.Headers());
        await _server.Sink.PublishAsync(Say.Ended(call), Patience.Normal);
        var toSupervisor = await calls.GetAsync(new V1.GetCallRequest { CallId = call.Value }, _server.Headers(Everybody[0]));
        var toAdmin = await calls.GetAsync(new V1.GetCallRequest { CallId = call.Value }, _server.Headers());

        Assert.Equal((V1.PolicyMode.Observe, 0, 0, null), (live.Call.Mode, live.Transcript.Count, live.Scores.Count, live.Call.Score));
        Assert.Equal((1, 0, null), (toSupervisor.Transcript.Count, toSupervisor.Scores.Count, toSupervisor.Call.Score));
        Assert.Equal(2, toAdmin.Scores.Count);
        Assert.Equal(SilentRisk, toAdmin.Call.Score.Risk);
        var looked = (await new V1.Policies.PoliciesClient(_server.Invoker()).ListAuditAsync(new V1.ListAuditRequest { CallId = call.Value }, _server.Headers())).Entries;
        Assert.Equal(["root", "sue", "root"], looked.Select(entry => entry.Actor));
    }

    private (Principal Principal, CapturedWire Wire, CallInvoker Invoker) Follow(Principal principal, bool overWeb)
    {
        var wire = new CapturedWire();
        var options = new GrpcChannelOptions { HttpHandler = wire.Handler() };
        if (overWeb) options = new GrpcChannelOptions { HttpHandler = new GrpcWebHandler(GrpcWebMode.GrpcWeb, wire.Handler()), HttpVersion = new Version(2, 0) };
        var channel = GrpcChannel.ForAddress(_server.Address, options);
        _channels.Add(channel);
        var invoker = channel.CreateCallInvoker();
        var headers = _server.Headers(principal);
        _readers.Add(ReadAsync(RawWatch.Alerts(invoker, headers, snapshot: true, filter: new V1.AlertFilter { IncludeSuppressed = true }, cancellationToken: _end.Token)));
        _readers.Add(ReadAsync(RawWatch.Alerts(invoker, headers, cancellationToken: _end.Token)));
        _readers.Add(ReadAsync(RawWatch.Calls(invoker, headers, snapshot: true, cancellationToken: _end.Token)));
        _readers.Add(ReadAsync(new V1.Assist.AssistClient(invoker).Watch(new V1.WatchAssistRequest { Snapshot = true }, headers, cancellationToken: _end.Token)));
        _readers.Add(ReadAsync(new V1.Calls.CallsClient(invoker).WatchWall(new V1.WatchWallRequest { Top = 100 }, headers, cancellationToken: _end.Token)));
        return (principal, wire, invoker);
    }

    private static async Task ReadAsync<T>(AsyncServerStreamingCall<T> stream)
    {
        using (stream)
        {
            try
            {
                while (await stream.ResponseStream.MoveNext(CancellationToken.None))
                {
                    // What came is in the capture.
                }
            }
            catch (RpcException ended) when (ended.StatusCode == StatusCode.Cancelled)
            {
                // The test is over.
            }
        }
    }

    private async Task EscalateAsync(CallId call, string team, double risk, string words)
    {
        var silent = team == "billing";
        await _server.Sink.PublishAsync(Say.Started(call, team), Patience.Normal);
        await _server.Sink.PublishAsync(Say.Partial(call, 1, words), Patience.Normal);
        await _server.Sink.PublishAsync(Say.Final(call, 1, words), Patience.Normal);
        var reason = new EscalationReason(silent ? "asks_for_manager" : "parcel_lost", 2, TimeSpan.FromSeconds(1), PartyRole.Customer, silent ? "phones me back" : "parcel from");
        foreach (var said in (ScoreUpdated[])[Say.Score(call, EscalationLevel.Watch, at: 1, risk: 0.3), Say.Score(call, EscalationLevel.Escalated, at: 2, risk: risk)])
            await _server.Sink.PublishAsync(said with { Score = said.Score with { Reasons = [reason] } }, Patience.Normal);
    }

    private string AlertOf(CallId call) => _server.Writer.State.Alerts.Values.Single(alert => alert.CallId == call.Value).AlertId;

    // Every way to ask about one alert and about everything; what the answers are is of no matter here, their octets are kept.
    private async Task AskEverythingAsync(CallInvoker invoker, Principal principal, string callId, string alertId)
    {
        var (alerts, calls, policies) = (new V1.Alerts.AlertsClient(invoker), new V1.Calls.CallsClient(invoker), new V1.Policies.PoliciesClient(invoker));
        var headers = _server.Headers(principal);
        var act = new V1.AlertActionRequest { AlertId = alertId, Reason = "r", RequestId = "q" };
        Func<Task>[] questions =
        [
            async () => await alerts.ListAsync(new V1.ListAlertsRequest { Filter = new V1.AlertFilter { IncludeSuppressed = true } }, headers),
            async () => await alerts.ListUnseenAsync(new V1.ListUnseenRequest(), headers),
            async () => await calls.ListAsync(new V1.ListCallsRequest(), headers),
            async () => await calls.ListAsync(new V1.ListCallsRequest { LiveOnly = true }, headers),
            async () => await calls.GetAsync(new V1.GetCallRequest { CallId = callId }, headers),
            async () => await new V1.Assist.AssistClient(invoker).ListAsync(new V1.ListPromptsRequest { CallId = callId }, headers),
            async () => await policies.GetAsync(new V1.GetPolicyRequest(), headers),
            async () => await policies.ListWouldBeAsync(new V1.ListWouldBeRequest(), headers),
        ];
        foreach (var question in questions)
        {
            try
            {
                await question();
            }
            catch (RpcException refused) when (refused.StatusCode == StatusCode.PermissionDenied)
            {
                // Agents may not ask that.
            }
        }

        // Answers name the id that was asked for; asked over a wire that is not searched for it.
        var own = _server.Invoker();
        var ofOwn = new V1.Alerts.AlertsClient(own);
        await RefusedAsync(() => ofOwn.GetAsync(new V1.GetAlertRequest { AlertId = alertId }, headers));
        await RefusedAsync(() => ofOwn.MarkShownAsync(new V1.MarkShownRequest { AlertIds = { alertId } }, headers));
        await RefusedAsync(() => ofOwn.ClaimAsync(act, headers));
        await RefusedAsync(() => ofOwn.AcknowledgeAsync(act, headers));
    }

    private static async Task RefusedAsync<T>(Func<AsyncUnaryCall<T>> ask)
    {
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await ask());
        Assert.Contains(refused.StatusCode, (StatusCode[])[StatusCode.NotFound, StatusCode.PermissionDenied]);
    }

    private static Task FoundAsync(CapturedWire wire, string needle) => UntilAsync(() => wire.Holds(needle), $"«{needle}»");

    private static async Task UntilAsync(Func<bool> holds, string what)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var deadline = Patience.Of(60);
        while (!holds())
        {
            Assert.False(deadline.IsCancellationRequested, $"{what} did not come.");
            await tick.WaitForNextTickAsync(CancellationToken.None);
        }
    }
}
