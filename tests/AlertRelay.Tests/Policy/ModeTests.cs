using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.Policy;
using EdgeAssist.AlertRelay.Rules;
using EdgeAssist.AlertRelay.State;
using EdgeAssist.AlertRelay.Tests.State;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Policy;

/// <summary>When a switch takes effect, in virtual time.</summary>
public sealed class ModeTests
{
    private readonly StepHarness _relay = new();

    private V1.Call Call => _relay.State.Calls[StepHarness.Call].Info;

    [Fact]
    public void A_team_nobody_switched_is_shown()
    {
        _relay.Start();

        Assert.Equal((V1.PolicyMode.Assist, false), (Call.Mode, Call.ModeChanged));
    }

    [Fact]
    public void A_call_that_begins_under_observe_carries_it_on_every_event_and_on_its_would_be_alert()
    {
        Switch(V1.PolicyMode.Observe);
        _relay.Start();
        _relay.Score(V1.Level.Escalated, 1);
        _relay.End();

        Assert.All(_relay.Journal.Where(said => said.Call is not null), said => Assert.Equal(V1.PolicyMode.Observe, said.Call!.Mode));
        Assert.Equal(V1.PolicyMode.Observe, _relay.Newest.Mode);
        Assert.All(_relay.Journal.Where(said => said.CallId.Length > 0), said => Assert.True(said.IsWithheld));
        Assert.False(_relay.Journal.Last(said => said.Kind == JournalKind.CallEnded).Call!.Ended.ModeChanged);
    }

    [Fact]
    public void Observe_takes_effect_at_once_and_withdraws_what_stands()
    {
        _relay.Start();
        _relay.Score(V1.Level.Escalated, 1);
        _relay.Act(AlertAction.Claim, "sue");
        var answer = Switch(V1.PolicyMode.Observe);

        Assert.Equal((V1.PolicyMode.Assist, 1), (answer.Policy!.From, answer.Policy.CallsSilenced));
        Assert.Equal((V1.PolicyMode.Observe, true), (Call.Mode, Call.ModeChanged));
        Assert.Equal(V1.AlertChange.Withdrawn, _relay.Changes.Last());
        var alert = _relay.Alert();
        Assert.Equal((V1.PolicyMode.Observe, V1.AlertState.Open, ""), (alert.Mode, alert.State, alert.Holder));
    }

    [Fact]
    public void What_is_told_of_a_withdrawal_names_the_alert_and_none_of_its_reasons()
    {
        _relay.Start();
        _relay.Score(V1.Level.Escalated, 1);
        Switch(V1.PolicyMode.Observe);

        var told = SilentCalls.OnStreams(_relay.Journal[^1].Alert!)!;

        Assert.Equal(_relay.Newest.AlertId, told.Alert.AlertId);
        Assert.Equal((null, V1.Level.Unspecified, null, 0), (told.Alert.Score, told.Alert.Level, told.Alert.Outcome, told.Alert.Receipts.Count));
    }

    [Fact]
    public void Assist_is_for_calls_that_begin_afterwards()
    {
        Switch(V1.PolicyMode.Observe);
        _relay.Start();
        _relay.Score(V1.Level.Watch, 1);
        Switch(V1.PolicyMode.Assist, "second");
        _relay.Score(V1.Level.Escalated, 2);
        _relay.Start("later");

        Assert.Equal(V1.PolicyMode.Observe, Call.Mode);
        Assert.False(Call.ModeChanged);
        Assert.Equal(V1.PolicyMode.Observe, _relay.Alert().Mode);
        Assert.Equal(V1.PolicyMode.Assist, _relay.State.Calls["later"].Info.Mode);
    }

    [Theory]
    [InlineData(false, V1.PolicyMode.Observe, false)]   // shown, not scored yet, moved to a silent team
    [InlineData(true, V1.PolicyMode.Observe, true)]     // it had been scored: belongs to neither side
    public void A_call_that_moves_to_a_silent_team_becomes_silent(bool scored, V1.PolicyMode expected, bool changed)
    {
        Switch(V1.PolicyMode.Observe, team: "sales");
        _relay.Start();
        if (scored) _relay.Score(V1.Level.Escalated, 1);
        Move("sales");

        Assert.Equal((expected, changed), (Call.Mode, Call.ModeChanged));
        Assert.Equal(scored, _relay.Changes.Contains(V1.AlertChange.Withdrawn));
    }

    [Theory]
    [InlineData(false, V1.PolicyMode.Assist)]
    [InlineData(true, V1.PolicyMode.Observe)]
    public void A_silent_call_that_moves_to_a_shown_team_is_shown_only_when_it_was_not_scored(bool scored, V1.PolicyMode expected)
    {
        Switch(V1.PolicyMode.Observe);
        _relay.Start();
        if (scored) _relay.Score(V1.Level.Watch, 1);
        Move("sales");

        Assert.Equal((expected, false), (Call.Mode, Call.ModeChanged));
    }

    [Fact]
    public void A_team_without_a_mode_of_its_own_has_that_of_the_others()
    {
        Switch(V1.PolicyMode.Observe, "others", TeamModes.Others);
        Switch(V1.PolicyMode.Assist, "own");
        Assert.Equal((V1.PolicyMode.Assist, V1.PolicyMode.Observe), (_relay.State.Modes.Of("billing"), _relay.State.Modes.Of("sales")));

        Switch(V1.PolicyMode.Unspecified, "none");

        Assert.Equal(V1.PolicyMode.Observe, _relay.State.Modes.Of("billing"));
    }

    [Fact]
    public void The_same_request_acts_once_and_a_request_id_that_was_used_otherwise_is_refused()
    {
        var first = Switch(V1.PolicyMode.Observe);
        var again = Switch(V1.PolicyMode.Observe);
        var other = Switch(V1.PolicyMode.Assist);

        Assert.Same(first.Policy, again.Policy);
        Assert.Equal(StepVerdict.RequestIdReused, other.Verdict);
        Assert.Single(_relay.Journal);
    }

    [Fact]
    public void Nobody_is_asked_to_act_on_a_would_be_alert()
    {
        _relay.Policy = new AlertPolicy
        {
            Rota = Hosting.RotaFile.Parse("""{ "teams": { "billing": [ { "tier": "leads", "members": [ { "subject": "sue" } ] }, { "tier": "boss", "members": [ { "subject": "mia" } ] } ] } }"""),
        };
        Switch(V1.PolicyMode.Observe);
        _relay.Start();
        _relay.Score(V1.Level.Escalated, 1);
        _relay.Advance(300);
        _relay.Tick();

        Assert.Empty(_relay.Alert().AssignedTo);
        Assert.DoesNotContain(V1.AlertChange.Escalated, _relay.Changes);
    }

    [Fact]
    public void A_switch_is_written_anew_every_day_so_that_the_journal_can_forget()
    {
        Switch(V1.PolicyMode.Observe);
        _relay.Advance(TeamModes.CarriedAfter.TotalSeconds - 1);
        _relay.Tick();
        Assert.Equal(1, _relay.State.NeededFrom);

        _relay.Advance(1);
        _relay.Tick();
        _relay.Tick();

        Assert.Equal(2, _relay.State.NeededFrom);
        Assert.Equal([false, true], _relay.Journal.Select(said => said.Policy!.Carried));
        Assert.Equal(_relay.Journal[0].Policy!.At, _relay.State.Modes.NewestOf("billing")!.At);
    }

    [Fact]
    public void The_configuration_counts_when_it_says_something_else_than_before()
    {
        var configured = new Dictionary<string, V1.PolicyMode> { ["billing"] = V1.PolicyMode.Observe };
        Apply(configured);
        Assert.Equal(V1.PolicyMode.Observe, _relay.State.Modes.Of("billing"));
        Assert.Empty(ConfiguredModes.Changes(configured, _relay.State.Modes));

        // An admin's switch outlives a restart with the same configuration …
        _relay.Step(step => step.Switch(new V1.PolicySwitch { Team = "billing", Mode = V1.PolicyMode.Assist, Configured = V1.PolicyMode.Observe, Actor = "root" }, ""));
        Assert.Empty(ConfiguredModes.Changes(configured, _relay.State.Modes));

        // … and ends with a configuration that says something else, unless that only falls silent.
        Apply([]);
        Assert.Equal(V1.PolicyMode.Assist, _relay.State.Modes.Of("billing"));
        Apply(configured);
        Assert.Equal(V1.PolicyMode.Observe, _relay.State.Modes.Of("billing"));
        Apply([]);
        Assert.Equal(0, _relay.State.Modes.Count);
    }

    private void Apply(Dictionary<string, V1.PolicyMode> configured)
    {
        foreach (var change in ConfiguredModes.Changes(configured, _relay.State.Modes)) _relay.Step(step => step.Switch(change, ""));
    }

    private StepAnswer Switch(V1.PolicyMode mode, string requestId = "first", string team = "billing") => _relay.Step(step => step.Switch(
        new V1.PolicySwitch { Team = team, Mode = mode, Actor = "root", Reason = "because", RequestId = requestId }, "root\n" + requestId + team));

    private void Move(string team)
    {
        var info = Call.Clone();
        info.Team = team;
        _relay.Say(new V1.CallEvent { CallId = StepHarness.Call, Updated = info });
    }
}
