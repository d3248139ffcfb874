using System.Text;
using EdgeAssist.AlertRelay.Hosting;
using EdgeAssist.Contracts;
using EdgeAssist.Host.Replay;
using EdgeAssist.Inference.Rules;
using Xunit;

namespace EdgeAssist.EndToEnd.Tests;

/// <summary>Rules tried on stored calls, through the alert rules that live calls have.</summary>
public sealed class RuleReportTests
{
    private const string Rules = """
        {
          "version": 1,
          "rules": [
            { "id": "watchdog", "kind": "exact", "phrases": ["the watchdog"], "weight": 6 },
            { "id": "tell", "kind": "exact", "phrases": ["shall tell"], "weight": 0.1 },
            { "id": "never-said", "kind": "exact", "phrases": ["never said"], "weight": 1 }
          ]
        }
        """;

    [Fact]
    public void Stored_calls_give_expected_alerts_an_hour_by_rule_and_those_that_hang_on_it_alone()
    {
        var report = new RuleReport(RuleBook.Parse(Encoding.UTF8.GetBytes(Rules), "the test's rules"));
        using var output = new StringWriter();

        report.Add(Call("one", "I shall tell the watchdog about it"));
        report.Add(Call("two", "thank you good bye"));
        report.Write(output);

        Assert.Equal(
            [
                "  never-said: 0 hits, 0.0 an hour; takes part in 0.00 alerts an hour, of which 0.00 would not be without it",
                "  tell: 1 hits, 10.0 an hour; takes part in 10.00 alerts an hour, of which 0.00 would not be without it",
                "  watchdog: 1 hits, 10.0 an hour; takes part in 10.00 alerts an hour, of which 10.00 would not be without it",
                "2 calls, 0.100 hours: 0.00 alerts an hour without the rules, 10.00 with them",
            ],
            output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>A call of three minutes with one sentence of the customer's.</summary>
    private static StoredCall Call(string name, string text)
    {
        var (id, start) = (new CallId(name), new ClockAnchor(new Instant(0), new DateTimeOffset(2026, 1, 5, 9, 0, 0, TimeSpan.Zero)));
        var legs = new[] { new LegInfo { Id = new LegId(0), Role = PartyRole.Customer }, new LegInfo { Id = new LegId(1), Role = PartyRole.Agent } };
        var said = new TranscriptSegment { Leg = new LegId(0), Role = PartyRole.Customer, Utterance = 1, Text = text, IsFinal = true, Start = TimeSpan.FromSeconds(10), End = TimeSpan.FromSeconds(12) };
        return new StoredCall(start,
        [
            new CallStarted(new CallInfo { Id = id, Origin = At(0), StartedAt = start.Wall, Source = "siprec", Legs = [.. legs] }, At(0)),
            new TranscriptUpdated(id, At(12.5), said, AnalysisRung.Full),
            new ScoreUpdated(id, At(13), new EscalationScore { Risk = 0.1, Level = EscalationLevel.Calm, At = said.End }, LatencyTrace.From(At(12)), AnalysisRung.Full),
            new CallEnded(id, At(180), CallEndReason.Hangup),
        ]);
    }

    private static Instant At(double seconds) => new Instant(0) + TimeSpan.FromSeconds(seconds);
}
