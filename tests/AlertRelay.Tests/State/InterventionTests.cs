using EdgeAssist.AlertRelay.Rules;
using EdgeAssist.AlertRelay.State;
using EdgeAssist.Contracts;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.State;

/// <summary>Interventions and what they mean for the alert, in virtual time.</summary>
public sealed class InterventionTests
{
    private readonly StepHarness _relay = new();
    private readonly List<InterventionStep> _reported = [];

    [Fact]
    public void Joining_claims_the_open_alert_and_the_claim_lasts_as_long_as_the_intervention()
    {
        Bad();

        var id = Join("sue").Intervention!.InterventionId;
        Report(id, InterventionPhase.Listening, "answered");
        _relay.Advance(600);
        _relay.Tick();

        Assert.Equal((V1.AlertState.Claimed, "sue"), (_relay.Alert().State, _relay.Alert().Holder));
        Report(id, InterventionPhase.Ended, "phone_hung_up");
        Assert.Equal(_relay.Wall + _relay.Policy.Lease, _relay.Alert().LeaseUntil.ToDateTimeOffset());   // time to write down what came of it
        _relay.Advance(_relay.Policy.Lease.TotalSeconds + 1);
        _relay.Tick();
        Assert.Equal(V1.AlertState.Open, _relay.Alert().State);
    }

    [Fact]
    public void Nobody_joins_a_call_of_a_team_that_is_observed()
    {
        _relay.Step(step => step.Switch(new V1.PolicySwitch { Team = "billing", Mode = V1.PolicyMode.Observe, Actor = "root" }, ""));
        Bad();

        var refused = Join("sue");

        Assert.Equal((StepVerdict.DoesNotFit, "OBSERVED"), (refused.Verdict, refused.Reason));
        Assert.Null(_relay.Alert().Outcome);
        Assert.DoesNotContain(V1.AlertChange.Claimed, _relay.Changes);
    }

    [Fact]
    public void The_outcome_tells_the_cycle_alert_claim_action_calm_with_the_risk_at_each()
    {
        Bad();
        _relay.Advance(10);
        var claimed = _relay.Wall;
        var id = Join("sue").Intervention!.InterventionId;
        _relay.Advance(5);
        var listening = _relay.Wall;
        Report(id, InterventionPhase.Listening, "answered");
        _relay.Advance(20);
        var whispering = _relay.Wall;
        Report(id, InterventionPhase.Whispering, "order");
        _relay.Score(V1.Level.Calm, at: 50);
        _relay.Advance(31);
        _relay.Score(V1.Level.Calm, at: 81);
        var left = _relay.Wall;
        Report(id, InterventionPhase.Ended, "left");

        var outcome = _relay.Alert().Outcome;
        Assert.Equal((claimed, listening), (outcome.ClaimedAt.ToDateTimeOffset(), outcome.IntervenedAt.ToDateTimeOffset()));
        Assert.Equal([("listen", listening, whispering), ("whisper", whispering, left)],
            outcome.Actions.Select(action => (action.Kind, action.At.ToDateTimeOffset(), action.Until.ToDateTimeOffset())));
        Assert.All(outcome.Actions, action => Assert.Equal(("sue", id, 0.6), (action.Actor, action.InterventionId, action.Risk)));
        Assert.Equal((0.6, 0.2), (outcome.RiskBefore, outcome.RiskAfter));
        Assert.NotNull(outcome.CalmAt);
        Assert.Equal(_relay.Alert().CalmSince, outcome.CalmAt);
    }

    [Fact]
    public void A_second_supervisor_is_told_who_is_there()
    {
        _relay.Start();
        Join("sue");

        var second = Join("tom");

        Assert.Equal((StepVerdict.DoesNotFit, "SUPERVISED"), (second.Verdict, second.Reason));
        Assert.Contains("sue", second.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, "ALERT_HELD")]
    [InlineData(true, "")]
    public void Nobody_but_an_admin_joins_a_call_whose_alert_another_holds(bool overrides, string reason)
    {
        Bad();
        _relay.Act(AlertAction.Claim, "sue", "c");

        var answer = Join("tom", overrides);

        Assert.Equal(reason, answer.Reason);
        Assert.Equal("sue", _relay.Alert().Holder);
    }

    [Fact]
    public void The_same_request_gives_the_same_intervention_and_another_use_of_its_id_is_refused()
    {
        _relay.Start();
        _relay.Start("other");

        var first = Join("sue");
        var again = Join("sue");
        var other = _relay.Step(step => step.Join(new JoinAsk("sue", false, "r-sue", "other", V1.SupervisionMode.Listen, "")));

        Assert.Equal(first.Intervention!.InterventionId, again.Intervention!.InterventionId);
        Assert.Equal(StepVerdict.RequestIdReused, other.Verdict);
        Assert.Single(_relay.State.Interventions);
    }

    [Fact]
    public void Reports_add_the_steps_that_are_new_and_each_says_who_did_it()
    {
        _relay.Start();
        var id = Join("sue").Intervention!.InterventionId;
        Report(id, InterventionPhase.Ringing, "ringing");
        Report(id, InterventionPhase.Listening, "answered");
        _relay.Step(step => step.Change(new ChangeAsk("sue", false, "r2", id, V1.SupervisionMode.Barge, "he shouts")));
        Report(id, InterventionPhase.Barged, "order");
        Repeat(id);
        Report(id, InterventionPhase.Whispering, "key");
        Report(id, InterventionPhase.Ended, "phone_hung_up");
        Report(id, InterventionPhase.Listening, "order");   // after its end nothing counts

        Assert.Equal(
            ["sue asked", "system ringing", "system answered", "sue asked", "sue order", "sue key", "sue phone_hung_up"],
            _relay.State.Interventions[id].Steps.Select(step => $"{step.Actor} {step.Cause}"));
        Assert.Equal("he shouts", _relay.State.Interventions[id].Steps[3].Reason);
    }

    [Fact]
    public void A_wish_the_gateway_refuses_leaves_the_mode_and_the_supervisor_on_the_call()
    {
        _relay.Start();
        var id = Join("sue").Intervention!.InterventionId;
        Report(id, InterventionPhase.Listening, "answered");
        _relay.Step(step => step.Change(new ChangeAsk("sue", false, "r2", id, V1.SupervisionMode.Whisper, "")));

        _relay.Step(step => step.RefuseByGateway(id, "policy", "not here"));

        var known = _relay.State.Interventions[id];
        Assert.Equal((V1.InterventionState.Listening, V1.SupervisionMode.Listen), (known.State, known.Mode));
        Assert.Equal(("refused_by_gateway", "policy"), (known.Steps[^1].Cause, known.Steps[^1].Reason));
    }

    [Fact]
    public void Only_its_supervisor_changes_an_intervention_and_an_admin_ends_it()
    {
        _relay.Start();
        var id = Join("sue").Intervention!.InterventionId;

        var change = _relay.Step(step => step.Change(new ChangeAsk("root", true, "1", id, V1.SupervisionMode.Barge, "")));
        var leave = _relay.Step(step => step.Change(new ChangeAsk("tom", false, "2", id, null, "")));
        var end = _relay.Step(step => step.Change(new ChangeAsk("root", true, "3", id, null, "enough")));
        Report(id, InterventionPhase.Ended, "left");

        Assert.Equal(["NOT_YOURS", "NOT_YOURS", ""], new[] { change, leave, end }.Select(answer => answer.Reason));
        Assert.Equal("root", _relay.State.Interventions[id].Steps[^1].Actor);
    }

    [Fact]
    public void The_end_of_the_call_ends_the_intervention_and_it_is_forgotten_after_a_minute()
    {
        _relay.Start();
        var id = Join("sue").Intervention!.InterventionId;
        Report(id, InterventionPhase.Listening, "answered");

        _relay.End();

        Assert.Equal((V1.InterventionState.Ended, "call_ended"), (_relay.State.Interventions[id].State, _relay.State.Interventions[id].EndCause));
        _relay.Advance(61);
        _relay.Tick();
        Assert.Empty(_relay.State.Interventions);
        Assert.Equal(StepVerdict.Accepted, Join("sue").Verdict);   // its request id is still known
    }

    [Fact]
    public void A_call_that_is_not_live_is_not_found() => Assert.Equal(StepVerdict.NotFound, Join("sue").Verdict);

    private void Bad()
    {
        _relay.Start();
        _relay.Score(V1.Level.Escalated, at: 1);
    }

    private StepAnswer Join(string who, bool overrides = false) =>
        _relay.Step(step => step.Join(new JoinAsk(who, overrides, "r-" + who, StepHarness.Call, V1.SupervisionMode.Listen, "")));

    private void Report(string id, InterventionPhase phase, string cause)
    {
        _reported.Add(new InterventionStep(phase, _relay.Wall, cause));
        Repeat(id);
    }

    private void Repeat(string id) => _relay.Step(step => step.Observe(new InterventionReport { Id = id, Call = new CallId(StepHarness.Call), Steps = [.. _reported] }));
}
