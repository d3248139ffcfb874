using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.Supervision;
using EdgeAssist.AlertRelay.Tests.Support;
using EdgeAssist.Contracts;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Supervision;

/// <summary><c>edgeassist.v1.Supervision</c> over gRPC, with a gateway that does what the test says.</summary>
public sealed class SupervisionServiceTests : IAsyncLifetime
{
    private static readonly Principal Sue = new() { Subject = "sue", Role = PrincipalRole.Supervisor, Teams = ["billing"] };
    private static readonly Principal Tom = new() { Subject = "tom", Role = PrincipalRole.Supervisor, Teams = ["sales"] };
    private static readonly Principal Anna = new() { Subject = "anna", Role = PrincipalRole.Agent };

    private readonly TempDirectory _directory = new();
    private readonly FakeGateway _gateway = new();
    private readonly CallId _call = Say.NewCall();
    private RelayServer _server = null!;
    private V1.Supervision.SupervisionClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        await StartAsync();
        await _server.Sink.PublishAsync(Say.Started(_call), Patience.Normal);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task What_is_possible_comes_from_the_gateway_with_what_stands_against_the_rest()
    {
        var answer = await _client.CapabilitiesAsync(new V1.CapabilitiesRequest { CallId = _call.Value }, _server.Headers(Sue));

        Assert.Equal([true, false, false, false], answer.Modes.Select(mode => mode.Possible));
        Assert.Equal(V1.SupervisionMode.TakeOver, answer.Modes[3].Mode);
        Assert.Equal(("siprec_only", "sip:sue@phones.example", ""), (answer.Modes[1].WhyNot, answer.Phone, answer.SupervisedBy));
    }

    [Fact]
    public async Task Agents_and_supervisors_of_other_teams_get_nothing_done_and_learn_nothing()
    {
        var live = await JoinAsync("1");
        Func<Principal, Task>[] attempts =
        [
            who => _client.CapabilitiesAsync(new V1.CapabilitiesRequest { CallId = _call.Value }, _server.Headers(who)).ResponseAsync,
            who => _client.JoinAsync(new V1.JoinRequest { RequestId = "x", CallId = _call.Value, Mode = V1.SupervisionMode.Listen }, _server.Headers(who)).ResponseAsync,
            who => _client.ChangeModeAsync(new V1.ChangeModeRequest { RequestId = "x", InterventionId = live.InterventionId, Mode = V1.SupervisionMode.Barge }, _server.Headers(who)).ResponseAsync,
            who => _client.TakeOverAsync(new V1.TakeOverRequest { RequestId = "x", InterventionId = live.InterventionId }, _server.Headers(who)).ResponseAsync,
            who => _client.LeaveAsync(new V1.LeaveRequest { RequestId = "x", InterventionId = live.InterventionId }, _server.Headers(who)).ResponseAsync,
            who => _client.GetAsync(new V1.GetInterventionRequest { InterventionId = live.InterventionId }, _server.Headers(who)).ResponseAsync,
        ];

        foreach (var attempt in attempts)
        {
            Assert.Equal(StatusCode.PermissionDenied, (await Assert.ThrowsAsync<RpcException>(() => attempt(Anna))).StatusCode);
            Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(() => attempt(Tom))).StatusCode);
        }

        Assert.Empty((await _client.ListAsync(new V1.ListInterventionsRequest { CallId = _call.Value }, _server.Headers(Tom))).Interventions);
        using var watching = _client.Watch(new V1.WatchInterventionsRequest(), _server.Headers(Tom));
        Assert.True(await watching.ResponseStream.MoveNext(Patience.Normal));
        Assert.Empty(watching.ResponseStream.Current.Interventions_);
        Assert.Single(_gateway.Orders);
    }

    [Fact]
    public async Task Every_step_is_journaled_with_its_actor_and_reason_and_read_back_after_a_restart()
    {
        var live = await JoinAsync("1", "he is angry");
        _gateway.Step(live.InterventionId, InterventionPhase.Listening, "answered", 200);
        await WaitForAsync(live.InterventionId, V1.InterventionState.Listening);
        await _client.ChangeModeAsync(new V1.ChangeModeRequest { RequestId = "2", InterventionId = live.InterventionId, Mode = V1.SupervisionMode.Barge, Reason = "help" }, _server.Headers(Sue));
        await _client.LeaveAsync(new V1.LeaveRequest { RequestId = "3", InterventionId = live.InterventionId }, _server.Headers(Sue));
        await _server.Sink.PublishAsync(Say.Ended(_call), Patience.Normal);

        await _server.DisposeAsync();
        await StartAsync();
        var known = await _client.GetAsync(new V1.GetInterventionRequest { InterventionId = live.InterventionId }, _server.Headers(Sue));

        Assert.Equal(
            ["sue asked he is angry", "sue order ", "system answered ", "sue asked help", "sue order ", "sue asked ", "sue left "],
            known.Steps.Select(step => $"{step.Actor} {step.Cause} {step.Reason}"));
        Assert.All(known.Steps, step => Assert.NotNull(step.At));
        Assert.Equal([known], (await _client.ListAsync(new V1.ListInterventionsRequest { CallId = _call.Value }, _server.Headers(Sue))).Interventions);
    }

    [Fact]
    public async Task A_request_that_comes_twice_is_carried_out_once_also_across_a_restart()
    {
        var first = await JoinAsync("1");
        var again = await JoinAsync("1");
        await _server.DisposeAsync();
        await StartAsync();   // the call was lost with the relay, and with it the intervention
        var after = await JoinAsync("1");

        Assert.Equal(first.InterventionId, again.InterventionId);
        Assert.Equal((first.InterventionId, V1.InterventionState.Ended), (after.InterventionId, after.State));
        Assert.Single(_gateway.Orders);
    }

    [Fact]
    public async Task What_the_gateway_refuses_is_told_with_its_word_and_journaled()
    {
        _gateway.WhyNot = "no_phone";

        var refused = await Assert.ThrowsAsync<RpcException>(() => JoinAsync("1"));

        Assert.Equal((StatusCode.FailedPrecondition, "NO_PHONE"), (refused.StatusCode, refused.Trailers.GetValue("edgeassist-reason")));
        var known = Assert.Single((await _client.ListAsync(new V1.ListInterventionsRequest { CallId = _call.Value }, _server.Headers(Sue))).Interventions);
        Assert.Equal((V1.InterventionState.Ended, "refused_by_gateway"), (known.State, known.EndCause));
    }

    [Fact]
    public async Task A_gateway_that_cannot_be_reached_is_told_and_the_call_is_free_for_another_try()
    {
        _gateway.IsGone = true;
        var refused = await Assert.ThrowsAsync<RpcException>(() => JoinAsync("1"));
        _gateway.IsGone = false;

        var second = await JoinAsync("2");

        Assert.Equal((StatusCode.Unavailable, "GATEWAY_UNREACHABLE"), (refused.StatusCode, refused.Trailers.GetValue("edgeassist-reason")));
        Assert.Equal(V1.InterventionState.Calling, second.State);
    }

    [Fact]
    public async Task An_order_whose_answer_was_lost_is_taken_back_so_that_nobody_is_on_a_call_off_the_record()
    {
        _gateway.LosesAnswer = true;
        var refused = await Assert.ThrowsAsync<RpcException>(() => JoinAsync("1"));
        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);

        _gateway.Step(_gateway.Orders[0].Id, InterventionPhase.Listening, "answered");

        Assert.Equal(_gateway.Orders[0].Id, await _gateway.Left.Reader.ReadAsync(Patience.Normal));
    }

    [Fact]
    public async Task An_order_whose_answer_was_lost_is_answered_by_what_the_gateway_reported_meanwhile()
    {
        Func<string, Task> Reports(InterventionPhase phase, V1.InterventionState state, string cause) => async id =>
        {
            _gateway.Step(id, phase, cause);
            await WaitForAsync(id, state);
        };
        _gateway.LosesAnswer = true;
        _gateway.BeforeLoss = Reports(InterventionPhase.Listening, V1.InterventionState.Listening, "answered");

        var joined = await JoinAsync("1");
        var again = await JoinAsync("1");
        _gateway.BeforeLoss = Reports(InterventionPhase.Barged, V1.InterventionState.Barged, "order");
        var barged = await _client.ChangeModeAsync(new V1.ChangeModeRequest { RequestId = "2", InterventionId = joined.InterventionId, Mode = V1.SupervisionMode.Barge }, _server.Headers(Sue));
        _gateway.BeforeLoss = Reports(InterventionPhase.Ended, V1.InterventionState.Ended, "left");
        var left = await _client.LeaveAsync(new V1.LeaveRequest { RequestId = "3", InterventionId = joined.InterventionId }, _server.Headers(Sue));

        Assert.Equal((V1.InterventionState.Listening, joined), (joined.State, again));
        Assert.Single(_gateway.Orders);
        Assert.Equal([V1.InterventionState.Barged, V1.InterventionState.Ended], [barged.State, left.State]);
        Assert.Equal(["asked", "order", "answered", "asked", "order", "asked", "left"], left.Steps.Select(step => step.Cause));
    }

    [Fact]
    public async Task A_change_whose_answer_was_lost_falls_when_the_gateway_reported_none()
    {
        var joined = await JoinAsync("1");
        _gateway.Step(joined.InterventionId, InterventionPhase.Listening, "answered");
        await WaitForAsync(joined.InterventionId, V1.InterventionState.Listening);
        _gateway.LosesAnswer = true;

        var refused = await Assert.ThrowsAsync<RpcException>(() => _client.ChangeModeAsync(
            new V1.ChangeModeRequest { RequestId = "2", InterventionId = joined.InterventionId, Mode = V1.SupervisionMode.Barge }, _server.Headers(Sue)).ResponseAsync);

        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        var known = await _client.GetAsync(new V1.GetInterventionRequest { InterventionId = joined.InterventionId }, _server.Headers(Sue));
        Assert.Equal((V1.InterventionState.Listening, V1.SupervisionMode.Listen, "refused_by_gateway"), (known.State, known.Mode, known.Steps[^1].Cause));
    }

    [Fact]
    public async Task A_mode_that_is_none_of_joining_is_refused_before_anything_is_written()
    {
        foreach (var mode in new[] { V1.SupervisionMode.Unspecified, V1.SupervisionMode.TakeOver, (V1.SupervisionMode)77 })
        {
            var refused = await Assert.ThrowsAsync<RpcException>(() => _client.JoinAsync(new V1.JoinRequest { RequestId = "1", CallId = _call.Value, Mode = mode }, _server.Headers(Sue)).ResponseAsync);
            Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        }

        Assert.Empty(_server.Writer.State.Interventions);
    }

    [Fact]
    public async Task The_alert_shows_what_was_done()
    {
        await _server.Sink.PublishAsync(Say.Score(_call, EscalationLevel.Escalated, risk: 0.8), Patience.Normal);
        var live = await JoinAsync("1");
        _gateway.Step(live.InterventionId, InterventionPhase.Whispering, "answered");
        await WaitForAsync(live.InterventionId, V1.InterventionState.Whispering);

        var alert = await new V1.Alerts.AlertsClient(_server.Invoker()).GetAsync(new V1.GetAlertRequest { AlertId = live.AlertId }, _server.Headers(Sue));

        Assert.Equal((V1.AlertState.Claimed, "sue", 0.8), (alert.State, alert.Holder, alert.Outcome.RiskBefore));
        Assert.Equal(["whisper"], alert.Outcome.Actions.Select(action => action.Kind));
    }

    [Fact]
    public async Task A_gateway_that_was_started_anew_ends_what_it_does_not_know()
    {
        var time = new ShiftedTime();
        await _server.DisposeAsync();
        await StartAsync(time);
        var call = Say.NewCall();
        await _server.Sink.PublishAsync(Say.Started(call), Patience.Normal);
        var live = await _client.JoinAsync(new V1.JoinRequest { RequestId = "1", CallId = call.Value, Mode = V1.SupervisionMode.Listen }, _server.Headers(Sue));

        _gateway.Restart();
        time.Shift(TimeSpan.FromSeconds(20));   // past the time in which an order may be under way
        _gateway.Restart();

        var ended = await WaitForAsync(live.InterventionId, V1.InterventionState.Ended);
        Assert.Equal("gateway_lost", ended.EndCause);
        Assert.True(_server.Writer.State.Calls.ContainsKey(call.Value));
    }

    private async Task StartAsync(TimeProvider? time = null)
    {
        _server = await RelayServer.StartAsync(_directory.Path, time: time, services: services => services.AddSingleton(new GatewayLink("", _gateway)));
        _client = new V1.Supervision.SupervisionClient(_server.Invoker());
    }

    private Task<V1.Intervention> JoinAsync(string requestId, string reason = "") => _client.JoinAsync(
        new V1.JoinRequest { RequestId = requestId, CallId = _call.Value, Mode = V1.SupervisionMode.Listen, Reason = reason }, _server.Headers(Sue)).ResponseAsync;

    private async Task<V1.Intervention> WaitForAsync(string id, V1.InterventionState state)
    {
        using var watching = _client.Watch(new V1.WatchInterventionsRequest(), _server.Headers(Sue));
        await foreach (var list in watching.ResponseStream.ReadAllAsync(Patience.Normal))
            if (list.Interventions_.FirstOrDefault(known => known.InterventionId == id && known.State == state) is { } found) return found;
        throw new InvalidOperationException("The stream ended.");
    }

    /// <summary>The wall clock of the machine, and some time more.</summary>
    private sealed class ShiftedTime : TimeProvider
    {
        private long _shift;

        public void Shift(TimeSpan by) => Interlocked.Add(ref _shift, by.Ticks);

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _shift));
    }
}
