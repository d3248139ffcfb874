using EdgeAssist.Contracts;
using EdgeAssist.Inference.Escalation;
using EdgeAssist.Inference.Features;
using EdgeAssist.Training.Escalation;
using Xunit;

namespace EdgeAssist.Inference.Tests.Escalation;

public sealed class ScenarioGeneratorTests
{
    [Fact]
    public void The_same_seed_gives_the_same_calls_and_another_seed_others()
    {
        var (one, same, other) = (Text(1), Text(1), Text(2));

        Assert.Equal(one, same);
        Assert.NotEqual(one, other);
    }

    [Fact]
    public void Train_and_test_families_share_no_line_of_complaint()
    {
        var generator = new ScenarioGenerator();

        Assert.Empty(generator.Names(test: true).Intersect(generator.Names(test: false)));
        Assert.Empty(generator.Grievances(test: true).Intersect(generator.Grievances(test: false), StringComparer.Ordinal));
        Assert.True(generator.Grievances(test: true).Count() > 60);
    }

    [Fact]
    public void Every_escalating_call_has_its_moment_and_no_other_has_one()
    {
        var calls = new ScenarioGenerator().Draw(test: false, 500, seed: 3);

        Assert.All(calls, call => Assert.Equal(call.Outcome == CallOutcome.Escalates, call.Explicit is not null));
        Assert.InRange(calls.Count(call => call.Outcome == CallOutcome.Escalates), 50, 100);
        Assert.InRange(calls.Average(call => call.End.TotalSeconds), 60, 240);
        Assert.All(calls, call => Assert.All(call.Turns.Zip(call.Turns.Skip(1)), pair => Assert.True(pair.First.Start <= pair.Second.Start)));
    }

    [Fact]
    public void What_is_known_of_the_customer_raises_the_risk_before_a_word_is_said()
    {
        var (plain, known) = (Begin(null), Begin(new CustomerHistory { OpenCases = 2, RecentContacts = 3, BrokenPromises = 1 }));

        Assert.True(known.Current.Risk > plain.Current.Risk + 0.1);
        Assert.Equal(["open_cases", "recent_contacts", "unkept_promises"], known.Current.Reasons.Select(r => r.Cue).Order(StringComparer.Ordinal));
        Assert.True(known.Current.Level < EscalationLevel.Escalated, "history alone is no alert");
    }

    private static ICallEscalation Begin(CustomerHistory? history) => new EscalationScorer(new ScriptedSentiment(), new LevelArousal(), new EscalationOptions()).Begin(new CallInfo
    {
        Id = new CallId("call"),
        Origin = new Instant(0),
        StartedAt = DateTimeOffset.UnixEpoch,
        Source = "replay",
        History = history,
    });

    private static List<string> Text(ulong seed) =>
        [.. new ScenarioGenerator().Draw(test: true, 20, seed).SelectMany(call => call.Turns.Select(turn => $"{call.Family} {turn.Start} {turn.Text}"))];
}
