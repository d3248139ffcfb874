using System.Text;
using EdgeAssist.Contracts;
using EdgeAssist.Inference.Escalation;
using EdgeAssist.Inference.Rules;
using EdgeAssist.Inference.Tests.Escalation;
using Xunit;

namespace EdgeAssist.Inference.Tests.Rules;

public sealed class RuleTrialTests
{
    private const string Two = """
        {
          "version": 1,
          "rules": [
            { "id": "watchdog", "kind": "pattern", "pattern": "\\bwatch ?dog\\b", "weight": 5 },
            { "id": "dead-air", "kind": "silence", "seconds": 20, "weight": 0.8 }
          ]
        }
        """;

    private static readonly RuleBook Book = RuleBook.Parse(Encoding.UTF8.GetBytes(Two), "the test's rules");

    [Fact]
    public void A_stored_call_gets_the_risk_and_the_level_that_the_rule_would_have_given_it_live()
    {
        var (stored, live) = (Events(RuleBook.None), Events(Book));

        var tried = new RuleTrial(Book).Run(stored);

        Assert.DoesNotContain(Scores(stored), score => score.Level >= EscalationLevel.Escalated);
        Assert.Equal(Scores(live).Max(score => score.Risk), Scores(tried).Max(score => score.Risk), 0.02);
        Assert.Equal(Rises(live).Select(rise => rise.Level), Rises(tried).Select(rise => rise.Level));
        Assert.All(Rises(live).Zip(Rises(tried)), pair => Assert.Equal(pair.First.At.TotalSeconds, pair.Second.At.TotalSeconds, 0.3));
        Assert.Contains(Scores(tried), score => RuleTrial.RulesIn(score).Any(rule => rule.Id == "watchdog"));
    }

    [Fact]
    public void Rules_that_were_in_force_are_taken_out_of_the_scores()
    {
        var (stored, plain) = (Events(Book), Events(RuleBook.None));

        var tried = new RuleTrial(RuleBook.None).Run(stored);

        Assert.Equal(Scores(plain).Max(score => score.Risk), Scores(tried).Max(score => score.Risk), 0.03);
        Assert.DoesNotContain(Scores(tried), score => score.Level >= EscalationLevel.Escalated);
        Assert.DoesNotContain(Scores(tried), score => RuleTrial.RulesIn(score).Any());
    }

    [Fact]
    public void Hits_are_counted_by_rule_and_a_long_pause_between_finals_is_a_silence()
    {
        var trial = new RuleTrial(Book);

        trial.Run(Events(RuleBook.None));
        Assert.Equal(1, trial.Hits["watchdog"]);
        Assert.False(trial.Hits.ContainsKey("dead-air"));

        trial.Run(Events(RuleBook.None, pause: 25));
        Assert.Equal(3, trial.Hits["dead-air"]); // once a pause, the last of them before the end
    }

    [Fact]
    public void Where_analysis_has_a_gap_nobody_is_said_to_be_silent()
    {
        var events = Events(RuleBook.None, pause: 25);
        var gap = new AnalysisGap(events[0].Call, new Instant(0), new LegId(0), TimeSpan.Zero, TimeSpan.FromSeconds(100), "overload");
        var trial = new RuleTrial(Book);

        trial.Run([events[0], gap, .. events.Skip(1)]);

        Assert.False(trial.Hits.ContainsKey("dead-air"));
    }

    [Fact]
    public void A_call_that_was_never_scored_still_shows_what_a_rule_would_do()
    {
        var stored = Events(RuleBook.None).Where(e => e is not ScoreUpdated).ToList();

        var tried = new RuleTrial(Book).Run(stored);

        Assert.Contains(Scores(tried), score => score.Level >= EscalationLevel.Escalated);
    }

    /// <summary>A short call as it would be stored: start, finals and scores in order, end.</summary>
    private static List<CallEvent> Events(RuleBook rules, double pause = 3)
    {
        var call = new ScoredCall(options: new EscalationOptions { Rules = rules });
        var (id, events) = (new CallId("call"), new List<CallEvent>());
        events.Add(new CallStarted(new CallInfo { Id = id, Origin = new Instant(0), StartedAt = DateTimeOffset.UnixEpoch, Source = "replay", Legs = [] }, new Instant(0)));
        Say("my bill is wrong [complaint]");
        Say("i shall tell the watchdog about this");
        Say("good bye then");
        events.Add(new CallEnded(id, At(call.Now), CallEndReason.Hangup));
        return events;

        void Say(string text)
        {
            var (from, told) = (call.Now, call.Told.Count);
            call.Says(text);
            events.Add(new TranscriptUpdated(id, At(call.Now), new TranscriptSegment { Leg = new LegId(0), Role = PartyRole.Customer, Utterance = events.Count, Text = text, IsFinal = true, Start = from, End = call.Now }, AnalysisRung.Full));
            Tell(told);
            told = call.Told.Count;
            call.Hears(pause, 0);
            Tell(told);
        }

        void Tell(int from) =>
            events.AddRange(call.Told.Skip(from).Select(score => new ScoreUpdated(id, At(score.At), score, LatencyTrace.From(At(score.At)), AnalysisRung.Full)));
    }

    private static Instant At(TimeSpan at) => new Instant(0) + at;

    private static IEnumerable<EscalationScore> Scores(IEnumerable<CallEvent> events) => events.OfType<ScoreUpdated>().Select(e => e.Score);

    private static List<EscalationScore> Rises(IEnumerable<CallEvent> events)
    {
        var (rises, level) = (new List<EscalationScore>(), EscalationLevel.Calm);
        foreach (var score in Scores(events))
        {
            if (score.Level > level) rises.Add(score);
            level = score.Level;
        }

        return rises;
    }
}
