using System.Collections.Immutable;
using EdgeAssist.Contracts;

namespace EdgeAssist.ConsoleTests.Support;

/// <summary>What analysis says of calls.</summary>
internal static class Spoken
{
    private static Instant Now => Instant.Now(TimeProvider.System);

    public static CallStarted Started(CallId call, string agent, string team = "billing", double secondsAgo = 0, string customer = "+12025550147") =>
        new(Info(call, agent, team, secondsAgo, customer), Now);

    public static CallInfo Info(CallId call, string agent, string team = "billing", double secondsAgo = 0, string customer = "+12025550147") => new()
    {
        Id = call,
        Origin = Now - TimeSpan.FromSeconds(secondsAgo),
        StartedAt = TimeProvider.System.GetUtcNow() - TimeSpan.FromSeconds(secondsAgo),
        Source = "siprec",
        Team = team,
        Agent = agent,
        Customer = customer,
        Legs =
        [
            new LegInfo { Id = new LegId(0), Role = PartyRole.Customer, Party = new Party($"sip:{customer}@pbx.example", "Daniel Reed") },
            new LegInfo { Id = new LegId(1), Role = PartyRole.Agent, Party = new Party($"sip:{agent}@pbx.example", agent) },
        ],
    };

    public static ScoreUpdated Score(CallId call, double risk, double at, params EscalationReason[] reasons)
    {
        var level = risk >= 0.8 ? EscalationLevel.Critical : risk >= 0.6 ? EscalationLevel.Escalated : risk >= 0.3 ? EscalationLevel.Watch : EscalationLevel.Calm;
        if (reasons.Length == 0 && level != EscalationLevel.Calm) reasons = [new EscalationReason("complaint", 1.4, TimeSpan.FromSeconds(at), PartyRole.Customer, "")];
        return new ScoreUpdated(call, Now, new EscalationScore { Risk = risk, Level = level, At = TimeSpan.FromSeconds(at), Reasons = [.. reasons] },
            LatencyTrace.From(Now - TimeSpan.FromMilliseconds(400)).Mark(Hop.Media, Now - TimeSpan.FromMilliseconds(390)).Mark(Hop.Scoring, Now), AnalysisRung.Full);
    }

    public static TranscriptUpdated Words(CallId call, int utterance, string text, double at, PartyRole role = PartyRole.Customer, bool final = true) => new(call, Now, new TranscriptSegment
    {
        Leg = new LegId(role == PartyRole.Customer ? 0 : 1),
        Role = role,
        Utterance = utterance,
        Text = text,
        IsFinal = final,
        Start = TimeSpan.FromSeconds(at),
        End = TimeSpan.FromSeconds(at + 2),
    }, AnalysisRung.Full);

    public static CallEnded Ended(CallId call) => new(call, Now, CallEndReason.Hangup);

    public static CallId NewCall() => CallId.From(Guid.CreateVersion7());

    /// <summary>A call that has gone bad: words, a course of the risk, reasons with quotes.</summary>
    public static ImmutableArray<CallEvent> BadCall(CallId call, string agent = "susan", string team = "billing") =>
    [
        Started(call, agent, team, secondsAgo: 40),
        Words(call, 1, "Thank you for calling, how can I help?", 1, PartyRole.Agent),
        Words(call, 1, "I was charged twice and nobody called me back.", 4),
        Score(call, 0.18, 6),
        Words(call, 2, "Let me look at that for you.", 9, PartyRole.Agent),
        Words(call, 2, "I have told you that three times this week.", 14),
        Score(call, 0.52, 16, new EscalationReason("repeated_contact", 1.5, TimeSpan.FromSeconds(14), PartyRole.Customer, "I have told you that three times this week.")),
        Words(call, 3, "Somebody promised to call me. I want to speak to your manager.", 22),
        Score(call, 0.91, 24,
            new EscalationReason("asks_for_manager", 2.1, TimeSpan.FromSeconds(22), PartyRole.Customer, "I want to speak to your manager."),
            new EscalationReason("repeated_contact", 1.5, TimeSpan.FromSeconds(14), PartyRole.Customer, "I have told you that three times this week."),
            new EscalationReason("broken_promise", 1.2, TimeSpan.FromSeconds(22), PartyRole.Customer, "Somebody promised to call me.")),
        Words(call, 4, "and I mean", 30, final: false),
    ];
}
