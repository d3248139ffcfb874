using System.Collections.Immutable;
using EdgeAssist.Contracts;

namespace EdgeAssist.AlertRelay.Tests.Support;

/// <summary>Events as analysis would say them.</summary>
internal static class Say
{
    public static CallId NewCall() => CallId.From(Guid.CreateVersion7());

    public static Instant Now => Instant.Now(TimeProvider.System);

    public static CallStarted Started(CallId call, string team = "billing", string agent = "anna") => new(Info(call, team, agent), Now);

    public static CallInfo Info(CallId call, string team = "billing", string agent = "anna") => new()
    {
        Id = call,
        Origin = Now,
        StartedAt = TimeProvider.System.GetUtcNow(),
        Source = "siprec",
        Team = team,
        Agent = agent,
        Customer = "+49305550100",
        Legs =
        [
            new LegInfo { Id = new LegId(0), Role = PartyRole.Customer, Party = new Party("sip:+49305550100@pbx", "Erika") },
            new LegInfo { Id = new LegId(1), Role = PartyRole.Agent, Party = new Party("sip:anna@pbx", "Anna") },
        ],
    };

    public static ScoreUpdated Score(CallId call, EscalationLevel level, double at = 1, double risk = 0.5)
    {
        var now = Now;
        return new ScoreUpdated(call, now, new EscalationScore
        {
            Risk = risk,
            Level = level,
            At = TimeSpan.FromSeconds(at),
            Reasons = level == EscalationLevel.Calm
                ? ImmutableArray<EscalationReason>.Empty
                : [new EscalationReason("asks_for_manager", 2, TimeSpan.FromSeconds(at), PartyRole.Customer, "your manager")],
        }, LatencyTrace.From(now - TimeSpan.FromMilliseconds(500)).Mark(Hop.Media, now - TimeSpan.FromMilliseconds(450)).Mark(Hop.Scoring, now), AnalysisRung.Full);
    }

    public static TranscriptUpdated Final(CallId call, int utterance, string text = "I want to speak to your manager", int leg = 0) =>
        Words(call, utterance, text, leg, final: true);

    public static TranscriptUpdated Partial(CallId call, int utterance, string text = "I want", int leg = 0) =>
        Words(call, utterance, text, leg, final: false);

    public static CallEnded Ended(CallId call) => new(call, Now, CallEndReason.Hangup);

    private static TranscriptUpdated Words(CallId call, int utterance, string text, int leg, bool final) => new(call, Now, new TranscriptSegment
    {
        Leg = new LegId(leg),
        Role = leg == 0 ? PartyRole.Customer : PartyRole.Agent,
        Utterance = utterance,
        Text = text,
        IsFinal = final,
        Start = TimeSpan.FromSeconds(utterance),
        End = TimeSpan.FromSeconds(utterance + 0.8),
    }, AnalysisRung.Full);
}
