using EdgeAssist.AlertRelay.Assist;
using EdgeAssist.AlertRelay.Assist.Effect;
using EdgeAssist.AlertRelay.Assist.Playbooks;
using Google.Protobuf.WellKnownTypes;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Assist;

public sealed class EffectLedgerTests
{
    private const string Entry = "say-this@1";

    [Theory]
    [InlineData(4, 2.776)]
    [InlineData(10, 2.228)]
    [InlineData(30, 2.042)]
    [InlineData(120, 1.980)]
    public void The_points_of_Students_t_are_those_of_the_tables(double degrees, double expected) =>
        Assert.Equal(expected, EffectLedger.StudentT(degrees), 0.01);

    [Fact]
    public void A_tally_is_mean_and_variance_of_what_came()
    {
        var tally = new[] { 2.0, 4, 4, 4, 5, 5, 7, 9 }.Aggregate(default(Tally), (sum, value) => sum.Add(value));

        Assert.Equal(5, tally.Mean, 1e-12);
        Assert.Equal(32.0 / 7, tally.Variance, 1e-12);
    }

    [Fact]
    public void The_effect_is_the_difference_to_matched_moments_with_its_interval()
    {
        // Slopes a minute: −0.4 and −0.2 in turn with it, 0.0 and +0.2 without; 20 of each, so the interval is that of Welch's test.
        var ledger = Enumerable.Range(0, 20).Aggregate(EffectLedger.Empty, (sum, i) => sum
            .Take(Moment(true, i % 2 == 0 ? -0.2 : -0.1))
            .Take(Moment(false, i % 2 == 0 ? 0.0 : 0.1)));

        var effect = ledger.Of(Entry);

        Assert.Equal((20, 20, 0), (effect.Shown, effect.Matched, effect.Unmatched));
        Assert.Equal(-0.4, effect.Mean!.Value, 1e-9);
        var half = 2.0244 * Math.Sqrt(2 * (0.2 / 19) / 20);   // t of 38 degrees of freedom
        Assert.Equal(-0.4 - half, effect.Low, 1e-4);
        Assert.Equal(-0.4 + half, effect.High, 1e-4);
        Assert.True(effect.ShowsBenefit);
    }

    [Fact]
    public void Moments_are_compared_with_their_own_kind_only()
    {
        var ledger = Enumerable.Range(0, 30).Aggregate(EffectLedger.Empty, (sum, i) => sum
            .Take(Moment(true, 0.01 * (i % 3)))
            .Take(Moment(false, 0.01 * (i % 3), situation: "anger"))
            .Take(Moment(false, 0.01 * (i % 3), before: 0.98)));

        var effect = ledger.Of(Entry);

        Assert.Null(effect.Mean);
        Assert.Equal((0, 0, 30), (effect.Shown, effect.Matched, effect.Unmatched));
    }

    [Fact]
    public void Below_the_fewest_moments_nothing_is_said()
    {
        var ledger = Enumerable.Range(0, EffectLedger.FewestShown - 1).Aggregate(EffectLedger.Empty, (sum, i) => sum.Take(Moment(true, 0.1 + 0.01 * (i % 3))).Take(Moment(false, -0.1)));

        Assert.Null(ledger.Of(Entry).Mean);
        Assert.True(ledger.IsSelectable(Entry));
    }

    [Fact]
    public void An_entry_whose_interval_leaves_no_room_for_a_benefit_is_retired_until_somebody_says_otherwise()
    {
        var ledger = Harmful(Entry);
        Assert.Equal(V1.EntryUse.Retired, ledger.UseOf(Entry).Use);
        Assert.False(ledger.IsSelectable(Entry));

        ledger = ledger.Take(new V1.AssistRecord { Use = new V1.EntryUseChange { EntryId = "say-this", EntryVersion = 1, Use = V1.EntryUse.Kept, Actor = "root", Reason = "a pilot" } });
        Assert.Equal((V1.EntryUse.Kept, "root: a pilot"), ledger.UseOf(Entry));
        Assert.True(ledger.IsSelectable(Entry));

        ledger = ledger.Take(new V1.AssistRecord { Use = new V1.EntryUseChange { EntryId = "say-this", EntryVersion = 1, Use = V1.EntryUse.InUse } });
        Assert.False(ledger.IsSelectable(Entry));
        Assert.True(ledger.IsSelectable("say-this@2"));   // another text is measured anew
    }

    [Fact]
    public void A_retired_entry_is_not_chosen_and_one_that_helps_goes_first()
    {
        var call = new AssistHarness();
        call.Start();
        call.Score(0.85, "anger");
        var usual = call.Prompt.Phrase;
        var phrases = Playbook.BuiltIn.Entries.Where(entry => entry.Kind == V1.EntryKind.Phrase && entry.RankIn(["anger"]) == 0).ToList();
        var other = phrases.First(entry => entry.Id != usual.EntryId);

        Assert.NotEqual(usual.EntryId, Choice(Harmful(usual.Key())));
        Assert.Equal(other.Id, Choice(Measured(other.Key, -0.3)));
    }

    [Fact]
    public void A_prompt_that_was_shown_is_measured_30_s_later_without_a_word_of_whose_it_was()
    {
        var call = new AssistHarness();
        call.Start();
        call.Score(0.85, "anger");
        call.Pass(2);
        call.Act(PromptAction.Show);
        call.Score(0.81, "anger");
        call.Pass(29);

        var record = Assert.Single(call.Steps.Journal, said => said.Assist?.Record?.Moment is not null);
        var moment = record.Assist!.Record.Moment;
        Assert.True(moment.WithPrompt);
        Assert.Equal([call.Prompt.Phrase.Key()], moment.Entries);
        Assert.Equal((0.85, 0.81, "anger"), (moment.RiskBefore, moment.RiskAfter, moment.Situation));
        Assert.InRange(moment.Span.ToTimeSpan().TotalSeconds, 30, 31);
        Assert.Equal(("", "", ""), (record.CallId, record.Team, record.Agent));
    }

    [Fact]
    public void A_moment_whose_prompt_nobody_saw_is_one_without()
    {
        var call = new AssistHarness();
        call.Start();
        call.Score(0.85, "anger");

        call.Pass(35);

        Assert.False(Assert.Single(call.Steps.Journal.Select(said => said.Assist?.Record?.Moment).OfType<V1.MeasuredMoment>()).WithPrompt);
    }

    [Fact]
    public void What_was_measured_survives_a_restart()
    {
        var call = new AssistHarness();
        call.Start();
        call.Score(0.85, "anger");
        call.Act(PromptAction.Show);
        call.Pass(35);
        var before = call.Steps.State.Effects.Of(call.Prompt.Phrase.Key());

        call.Steps.Restart();

        Assert.Equal(1, before.Unmatched);
        Assert.Equal(before, call.Steps.State.Effects.Of(call.Prompt.Phrase.Key()));
    }

    private static string Choice(EffectLedger effects)
    {
        var call = new AssistHarness();
        call.Start();
        call.Steps.Step(step =>
        {
            step.State = step.State with { Effects = effects };
            return true;
        });
        call.Score(0.85, "anger");
        return call.Prompt.Phrase.EntryId;
    }

    private static EffectLedger Harmful(string key) => Measured(key, 0.2);

    // Thirty moments of each, the entry's slope better or worse by a fixed amount.
    private static EffectLedger Measured(string key, double difference) => Enumerable.Range(0, 30).Aggregate(EffectLedger.Empty, (sum, i) => sum
        .Take(Moment(true, difference / 2 + 0.01 * (i % 3), key))
        .Take(Moment(false, 0.01 * (i % 3))));

    private static V1.AssistRecord Moment(bool withPrompt, double change, string key = Entry, string situation = "asks_for_manager", double before = 0.85)
    {
        var moment = new V1.MeasuredMoment
        {
            WithPrompt = withPrompt,
            Situation = situation,
            Level = V1.Level.Escalated,
            RiskBefore = before,
            RiskAfter = before + change,
            Span = Duration.FromTimeSpan(TimeSpan.FromSeconds(30)),
        };
        if (withPrompt) moment.Entries.Add(key);
        return new V1.AssistRecord { Moment = moment };
    }
}
