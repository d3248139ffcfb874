using EdgeAssist.AlertRelay.Rules;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.State;

public sealed class EpisodeTests
{
    private readonly StepHarness _relay = new();

    public EpisodeTests() => _relay.Start();

    [Fact]
    public void An_escalated_score_opens_one_alert_and_further_ones_of_the_level_none()
    {
        _relay.Score(V1.Level.Watch, 1);
        _relay.Score(V1.Level.Escalated, 2);
        _relay.Score(V1.Level.Escalated, 3);

        Assert.Equal([V1.AlertChange.Opened], _relay.Changes);
        Assert.Equal(V1.AlertState.Open, _relay.Newest.State);
        Assert.Equal(1, _relay.Newest.Version);
    }

    [Fact]
    public void A_worse_level_raises_the_open_alert()
    {
        _relay.Score(V1.Level.Escalated, 1);
        _relay.Score(V1.Level.Critical, 2);
        _relay.Score(V1.Level.Escalated, 3);

        Assert.Equal([V1.AlertChange.Opened, V1.AlertChange.Raised], _relay.Changes);
        Assert.Equal(V1.Level.Critical, _relay.Newest.Level);
    }

    [Fact]
    public void Thirty_seconds_of_calm_on_the_calls_timeline_calm_the_alert()
    {
        _relay.Score(V1.Level.Escalated, 1);
        _relay.Score(V1.Level.Calm, 10);
        _relay.Score(V1.Level.Calm, 39.9);
        Assert.DoesNotContain(V1.AlertChange.Calmed, _relay.Changes);

        _relay.Score(V1.Level.Calm, 40);

        Assert.Equal(V1.AlertChange.Calmed, _relay.Changes.Last());
        Assert.Equal(_relay.State.Calls[StepHarness.Call].Info.StartedAt.ToDateTimeOffset().AddSeconds(10), _relay.Newest.CalmSince.ToDateTimeOffset());
    }

    [Fact]
    public void Calm_that_lasts_without_further_scores_calms_the_alert_by_the_clock()
    {
        _relay.Score(V1.Level.Escalated, 1);
        _relay.Score(V1.Level.Calm, 10);
        _relay.Advance(29.9);
        _relay.Tick();
        Assert.DoesNotContain(V1.AlertChange.Calmed, _relay.Changes);

        _relay.Advance(0.1);
        _relay.Tick();
        _relay.Tick();

        Assert.Equal([V1.AlertChange.Opened, V1.AlertChange.Calmed], _relay.Changes);
    }

    [Fact]
    public void A_score_above_calm_begins_the_calm_anew()
    {
        _relay.Score(V1.Level.Escalated, 1);
        _relay.Score(V1.Level.Calm, 10);
        _relay.Score(V1.Level.Watch, 25);
        _relay.Score(V1.Level.Calm, 30);
        _relay.Score(V1.Level.Calm, 59);

        Assert.Equal([V1.AlertChange.Opened], _relay.Changes);
    }

    [Fact]
    public void A_calmed_alert_that_gets_bad_again_is_raised_and_not_opened_twice()
    {
        _relay.Score(V1.Level.Escalated, 1);
        _relay.Score(V1.Level.Calm, 10);
        _relay.Score(V1.Level.Calm, 41);
        _relay.Score(V1.Level.Escalated, 60);

        Assert.Equal([V1.AlertChange.Opened, V1.AlertChange.Calmed, V1.AlertChange.Raised], _relay.Changes);
        Assert.Null(_relay.Newest.CalmSince);
    }

    [Fact]
    public void A_closed_alert_keeps_its_call_quiet_until_the_cool_down_is_over()
    {
        _relay.Score(V1.Level.Escalated, 1);
        _relay.Act(AlertAction.Dismiss, "sue");
        _relay.Advance(119);
        _relay.Score(V1.Level.Critical, 120);
        Assert.DoesNotContain(V1.AlertChange.Opened, _relay.Changes.Skip(1));

        _relay.Advance(2);
        _relay.Score(V1.Level.Escalated, 122);

        Assert.Equal([V1.AlertChange.Opened, V1.AlertChange.Dismissed, V1.AlertChange.Opened], _relay.Changes);
    }

    [Fact]
    public void A_closed_alert_whose_call_calmed_lets_the_next_episode_open_at_once()
    {
        _relay.Score(V1.Level.Escalated, 1);
        _relay.Act(AlertAction.Resolve, "sue");
        _relay.Score(V1.Level.Calm, 5);
        _relay.Score(V1.Level.Calm, 35);
        _relay.Score(V1.Level.Escalated, 40);

        Assert.Equal([V1.AlertChange.Opened, V1.AlertChange.Resolved, V1.AlertChange.Opened], _relay.Changes);
    }

    [Fact]
    public void The_end_of_the_call_is_told_by_its_alerts_before_the_call_itself()
    {
        _relay.Score(V1.Level.Escalated, 1);
        _relay.End();

        Assert.Equal(V1.AlertChange.CallEnded, _relay.Journal[^2].Alert!.Change);
        Assert.Equal("hangup", _relay.Journal[^1].Call!.Ended.EndReason);
        Assert.Empty(_relay.State.Calls);
        Assert.Empty(_relay.State.Alerts);
    }

    [Fact]
    public void Events_of_a_call_that_is_not_open_are_refused_with_a_sentence()
    {
        _relay.End();

        var answer = _relay.Score(V1.Level.Escalated, 9);

        Assert.Equal(AlertRelay.State.StepVerdict.NotFound, answer.Verdict);
        Assert.Contains(StepHarness.Call, answer.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_said_again_after_a_lost_receipt_is_journaled_once()
    {
        _relay.Score(V1.Level.Watch, 3);
        _relay.Score(V1.Level.Watch, 3);

        Assert.Equal(2, _relay.Journal.Count);
    }
}
