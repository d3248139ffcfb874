using EdgeAssist.AlertRelay.Hosting;
using EdgeAssist.AlertRelay.Rules;
using EdgeAssist.AlertRelay.State;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.State;

/// <summary>Escalation, silence, groups, receipts and outcomes, in virtual time.</summary>
public sealed class AlertCareTests
{
    private const string Other = "1af7651916cd43dd8448eb211c80319c";

    private readonly StepHarness _relay = new();

    public AlertCareTests() => _relay.Policy = new AlertPolicy
    {
        Rota = RotaFile.Parse("""
            { "teams": { "billing": [
                { "tier": "leads", "members": [ { "subject": "sue" }, { "subject": "tom" } ] },
                { "tier": "night", "members": [ { "subject": "ned", "hours": "Mon-Sun 22:00-06:00" } ] },
                { "tier": "manager", "patience": "00:01:00", "members": [ { "subject": "mia" } ] } ] } }
            """),
        InhibitWithinGroup = true,
    };

    [Fact]
    public void Nobody_acts_for_thirty_seconds_and_the_next_tier_on_duty_has_it()
    {
        Open();
        Assert.Equal(["sue", "tom"], _relay.Alert().AssignedTo);

        _relay.Advance(29.9);
        _relay.Tick();
        Assert.Equal(0, _relay.Alert().Tier);
        _relay.Advance(0.1);
        _relay.Tick();

        Assert.Equal(2, _relay.Alert().Tier);   // nobody of the night tier at nine in the morning
        Assert.Equal(["mia"], _relay.Alert().AssignedTo);
        Assert.Equal(V1.AlertChange.Escalated, _relay.Changes.Last());
        _relay.Advance(600);
        _relay.Tick();
        Assert.Single(_relay.Changes, change => change == V1.AlertChange.Escalated);
    }

    [Fact]
    public void A_claim_stops_the_clock_and_a_lost_lease_starts_it_anew()
    {
        Open();
        _relay.Advance(20);
        _relay.Act(AlertAction.Claim, "sue");
        _relay.Advance(60);
        _relay.Tick();
        Assert.Equal(V1.AlertChange.Released, _relay.Changes.Last());

        _relay.Advance(29);
        _relay.Tick();
        Assert.Equal(0, _relay.Alert().Tier);
        _relay.Advance(1);
        _relay.Tick();

        Assert.Equal(2, _relay.Alert().Tier);
    }

    [Fact]
    public void Only_the_holder_renews_and_only_while_they_hold()
    {
        Open();
        Assert.Equal(StepVerdict.DoesNotFit, _relay.Act(AlertAction.Renew, "sue").Verdict);
        _relay.Act(AlertAction.Claim, "sue");
        _relay.Advance(50);

        var renewed = _relay.Act(AlertAction.Renew, "sue");
        var stranger = _relay.Act(AlertAction.Renew, "tom");

        Assert.Equal(_relay.Wall.AddSeconds(60), renewed.Alert!.LeaseUntil.ToDateTimeOffset());
        Assert.Equal(StepVerdict.DoesNotFit, stranger.Verdict);
    }

    [Fact]
    public void Somebody_may_hand_it_up_by_hand_until_there_is_no_further_tier()
    {
        Open();

        var up = _relay.Act(AlertAction.Escalate, "sue", "once");
        var again = _relay.Act(AlertAction.Escalate, "sue", "once");
        var beyond = _relay.Act(AlertAction.Escalate, "mia", "twice");

        Assert.Equal(["mia"], up.Alert!.AssignedTo);
        Assert.Equal(up.Alert, again.Alert);
        Assert.Equal(StepVerdict.DoesNotFit, beyond.Verdict);
    }

    [Fact]
    public void A_silence_keeps_an_alert_quiet_and_its_end_lets_what_still_stands_be_heard()
    {
        _relay.Silence(TimeSpan.FromMinutes(5));
        Open();
        Assert.NotEqual("", _relay.Alert().SuppressedBy);

        _relay.Advance(299);
        _relay.Tick();
        Assert.Equal([V1.AlertChange.Opened], _relay.Changes);   // nor does anybody get asked in vain
        _relay.Advance(1);
        _relay.Tick();

        Assert.Equal("", _relay.Alert().SuppressedBy);
        Assert.Equal(V1.AlertChange.Unsilenced, _relay.Changes.Last());
        Assert.Empty(_relay.State.Silences);
    }

    [Fact]
    public void What_is_over_before_its_silence_ends_is_never_heard()
    {
        _relay.Silence(TimeSpan.FromMinutes(5));
        Open();
        _relay.End();

        _relay.Advance(301);
        _relay.Tick();

        Assert.DoesNotContain(V1.AlertChange.Unsilenced, _relay.Changes);
    }

    [Fact]
    public void A_silence_up_to_a_level_lets_graver_alerts_through_also_when_they_become_so()
    {
        _relay.Silence(TimeSpan.FromMinutes(5), V1.Level.Escalated);
        Open();
        Assert.NotEqual("", _relay.Alert().SuppressedBy);

        _relay.Score(V1.Level.Critical, 2);
        _relay.Tick();

        Assert.Equal("", _relay.Alert().SuppressedBy);
    }

    [Fact]
    public void A_silence_said_twice_is_one_and_ends_early_once()
    {
        var first = _relay.Silence(TimeSpan.FromMinutes(5)).Silence!;
        var again = _relay.Silence(TimeSpan.FromMinutes(5)).Silence;
        _relay.Advance(10);
        var ended = _relay.Step(step => step.Keep(first, "sue\nend", "end"));
        var endedAgain = _relay.Step(step => step.Keep(first, "sue\nend", "end"));
        var unknown = _relay.Step(step => step.Keep(first, "sue\nother", "other"));

        Assert.Equal(first, again);
        Assert.Equal(_relay.Wall, ended.Silence!.EndsAt.ToDateTimeOffset());
        Assert.Equal(ended.Silence, endedAgain.Silence);
        Assert.Equal(StepVerdict.NotFound, unknown.Verdict);
        Assert.Equal(2, _relay.Journal.Count(said => said.Silence is not null));
    }

    [Fact]
    public void Alerts_for_one_customer_are_a_group_and_the_graver_one_keeps_the_milder_quiet_until_it_is_over()
    {
        _relay.Start(StepHarness.Call, "+4930");
        _relay.Start(Other, "+4930");
        _relay.Score(V1.Level.Critical, 1);
        _relay.Score(V1.Level.Escalated, 1, Other);
        var head = _relay.Alert();
        Assert.Equal(head.AlertId, head.GroupId);
        Assert.Equal(head.AlertId, _relay.Alert(Other).GroupId);
        Assert.Equal(head.AlertId, _relay.Alert(Other).SuppressedBy);

        _relay.End();
        _relay.Tick();

        Assert.Equal("", _relay.Alert(Other).SuppressedBy);
    }

    [Fact]
    public void A_receipt_is_noted_once_and_changes_no_version()
    {
        Open();
        var alert = _relay.Alert();
        var delivery = new Delivery(alert.AlertId, "sue", _relay.Wall);

        var told = _relay.Step(step => step.Note(V1.ReceiptKind.Told, [delivery, delivery, delivery with { Subject = "tom" }]));
        var toldAgain = _relay.Step(step => step.Note(V1.ReceiptKind.Told, [delivery]));
        Assert.True(Receipts.IsUnseen(_relay.Alert()));
        var shown = _relay.Step(step => step.Note(V1.ReceiptKind.Shown, [delivery]));

        Assert.Equal([2, 0, 1], [told.Count, toldAgain.Count, shown.Count]);
        Assert.Equal(alert.Version, _relay.Alert().Version);
        Assert.False(Receipts.IsUnseen(_relay.Alert()));
        Assert.Equal(V1.AlertChange.Shown, _relay.Changes.Last());
    }

    [Fact]
    public void The_cycle_from_the_first_hand_to_calm_is_timed_with_the_risk_before_and_after()
    {
        Open();
        _relay.Advance(5);
        _relay.Act(AlertAction.Claim, "sue");
        var claimedAt = _relay.Wall;
        _relay.Score(V1.Level.Calm, 10);
        _relay.Advance(30);
        _relay.Score(V1.Level.Calm, 40);

        var outcome = _relay.Alert().Outcome;
        var noted = _relay.Step(step => step.Annotate(new NoteRequest(_relay.Alert().AlertId, "sue", "n", 0, "offered a refund", "refund"), null));

        Assert.Equal(claimedAt, outcome.ActedAt.ToDateTimeOffset());
        Assert.Equal(_relay.Wall, outcome.SettledAt.ToDateTimeOffset());
        Assert.Equal((int)V1.Level.Escalated / 5.0, outcome.RiskBefore);
        Assert.Equal((int)V1.Level.Calm / 5.0, outcome.RiskAfter);
        Assert.Equal("refund", noted.Alert!.Outcome.Disposition);
        Assert.Equal("sue", noted.Alert.Notes.Single().Author);
    }

    [Fact]
    public void The_state_of_all_that_is_found_again_in_the_journal()
    {
        _relay.Silence(TimeSpan.FromMinutes(5));
        Open();
        _relay.Act(AlertAction.Claim, "sue", "r");
        _relay.Step(step => step.Note(V1.ReceiptKind.Shown, [new Delivery(_relay.Alert().AlertId, "sue", _relay.Wall)]));

        var clock = new Contracts.ClockAnchor(new Contracts.Instant(0), _relay.Wall);
        var again = _relay.Journal
            .Select(said => RelayEventCodec.ToEvent(new AlertRelay.Journal.StoredRecord(said.Offset, RelayEventCodec.ToRecord(said), null), "e"))
            .Aggregate(new RelayState { Epoch = "e", Offset = 0 }, (state, said) => state.Apply(said, _relay.Policy, clock));

        Assert.Equal(_relay.State.Alerts, again.Alerts);
        Assert.Equal(_relay.State.Silences.Keys, again.Silences.Keys);
        Assert.Equal(1, again.NeededFrom);
    }

    private void Open()
    {
        _relay.Start();
        _relay.Score(V1.Level.Escalated, 1);
    }
}
