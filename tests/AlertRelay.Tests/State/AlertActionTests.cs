using EdgeAssist.AlertRelay.Rules;
using EdgeAssist.AlertRelay.State;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.State;

public sealed class AlertActionTests
{
    private readonly StepHarness _relay = new();

    public AlertActionTests()
    {
        _relay.Start();
        _relay.Score(V1.Level.Escalated, 1);
    }

    [Fact]
    public void A_claim_holds_for_its_lease_and_keeps_others_out()
    {
        _relay.Act(AlertAction.Claim, "sue");

        var second = _relay.Act(AlertAction.Claim, "tom");

        Assert.Equal(StepVerdict.DoesNotFit, second.Verdict);
        Assert.StartsWith("sue holds the alert", second.Why, StringComparison.Ordinal);
        Assert.Equal(_relay.Wall.AddSeconds(60), _relay.Newest.LeaseUntil.ToDateTimeOffset());
    }

    [Fact]
    public void The_holders_repeat_renews_the_lease()
    {
        _relay.Act(AlertAction.Claim, "sue");
        _relay.Advance(40);

        var renewed = _relay.Act(AlertAction.Claim, "sue");

        Assert.Equal(_relay.Wall.AddSeconds(60), renewed.Alert!.LeaseUntil.ToDateTimeOffset());
    }

    [Fact]
    public void A_lease_that_ends_gives_the_alert_back_in_the_systems_name()
    {
        _relay.Act(AlertAction.Claim, "sue");
        _relay.Advance(59.9);
        _relay.Tick();
        Assert.Equal(V1.AlertState.Claimed, _relay.Newest.State);

        _relay.Advance(0.1);
        _relay.Tick();

        Assert.Equal(V1.AlertChange.Released, _relay.Changes.Last());
        Assert.Equal("system", _relay.Journal[^1].Alert!.Actor);
        Assert.Equal(V1.AlertState.Open, _relay.Newest.State);
        Assert.Equal("", _relay.Newest.Holder);
    }

    [Fact]
    public void A_claim_outlives_its_call_until_the_lease_ends()
    {
        _relay.Act(AlertAction.Claim, "sue");
        _relay.End();
        _relay.Advance(61);
        _relay.Tick();

        Assert.Equal(V1.AlertChange.Released, _relay.Changes.Last());
        Assert.Empty(_relay.State.Alerts);
    }

    [Fact]
    public void The_same_request_acts_once_and_is_answered_alike()
    {
        var first = _relay.Act(AlertAction.Claim, "sue", "r1");
        _relay.Advance(10);
        var second = _relay.Act(AlertAction.Claim, "sue", "r1");

        Assert.Equal(first.Alert, second.Alert);
        Assert.Equal(2, _relay.Changes.Count());
    }

    [Fact]
    public void A_request_id_of_another_person_is_another_request()
    {
        _relay.Act(AlertAction.Claim, "sue", "r1");

        Assert.Equal(StepVerdict.DoesNotFit, _relay.Act(AlertAction.Claim, "tom", "r1").Verdict);
    }

    [Fact]
    public void A_request_id_used_for_something_else_is_refused()
    {
        _relay.Act(AlertAction.Claim, "sue", "r1");

        Assert.Equal(StepVerdict.RequestIdReused, _relay.Act(AlertAction.Release, "sue", "r1").Verdict);
    }

    [Fact]
    public void A_request_id_is_forgotten_after_a_day()
    {
        _relay.Act(AlertAction.Claim, "sue", "r1");
        _relay.Advance(24 * 3600 + 1);
        _relay.Tick();

        Assert.Empty(_relay.State.Requests);
    }

    [Fact]
    public void An_action_on_an_older_version_is_aborted()
    {
        _relay.Score(V1.Level.Critical, 2);

        Assert.Equal(StepVerdict.VersionChanged, _relay.Act(AlertAction.Claim, "sue", expectedVersion: 1).Verdict);
    }

    [Theory]
    [InlineData(AlertAction.Acknowledge, V1.AlertState.Acknowledged)]
    [InlineData(AlertAction.Resolve, V1.AlertState.Resolved)]
    [InlineData(AlertAction.Dismiss, V1.AlertState.Dismissed)]
    public void An_open_alert_can_be_dealt_with_without_a_claim(object action, V1.AlertState expected)
    {
        var answer = _relay.Act((AlertAction)action, "sue");

        Assert.Equal(expected, answer.Alert!.State);
        Assert.Null(answer.Alert.LeaseUntil);
    }

    [Fact]
    public void What_somebody_holds_can_be_ended_by_them_or_an_overriding_actor_only()
    {
        _relay.Act(AlertAction.Claim, "sue");

        Assert.Equal(StepVerdict.DoesNotFit, _relay.Act(AlertAction.Resolve, "tom").Verdict);
        Assert.Equal(StepVerdict.Accepted, _relay.Act(AlertAction.Resolve, "root", overrides: true).Verdict);
        Assert.Equal("root", _relay.Newest.ClosedBy);
    }

    [Fact]
    public void An_ended_alert_takes_no_further_action()
    {
        _relay.Act(AlertAction.Dismiss, "sue");

        foreach (var action in Enum.GetValues<AlertAction>()) Assert.Equal(StepVerdict.DoesNotFit, _relay.Act(action, "sue").Verdict);
    }
}
