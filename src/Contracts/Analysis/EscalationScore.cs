using System.Collections.Immutable;

namespace EdgeAssist.Contracts;

/// <summary>How a call is going. Ordered: later is worse.</summary>
public enum EscalationLevel
{
    Calm = 0,
    Watch = 1,
    Escalated = 2,
    Critical = 3,
}

/// <summary>One piece of evidence behind a score, tied to a moment a person can go and listen to.</summary>
/// <param name="Cue">What was noticed: a stable word such as <c>asks_for_manager</c>, listed in the Inference README.</param>
/// <param name="Weight">What it added to the log-odds of escalation; negative calms.</param>
/// <param name="At">When, on the call's timeline.</param>
/// <param name="Role">Whose words or voice.</param>
/// <param name="Quote">The words it rests on, redacted; empty for cues without words.</param>
public sealed record EscalationReason(string Cue, double Weight, TimeSpan At, PartyRole Role, string Quote);

/// <summary>The risk that a call escalates, at one moment.</summary>
public sealed record EscalationScore
{
    /// <summary>Probability that the call escalates, 0 to 1.</summary>
    public required double Risk { get; init; }

    /// <summary>Change of <see cref="Risk"/> over the last 20 s, −1 to 1.</summary>
    public double Trend { get; init; }

    public required EscalationLevel Level { get; init; }

    /// <summary>The moment on the call's timeline that this score is about.</summary>
    public required TimeSpan At { get; init; }

    /// <summary>Strongest first; never empty when the level is above calm.</summary>
    public ImmutableArray<EscalationReason> Reasons { get; init; } = [];
}

/// <summary>How much analysis a call gets: the declared ladder under overload, best first.</summary>
public enum AnalysisRung
{
    Full = 0,
    NoPartials = 1,
    CustomerFinalsOnly = 2,
    VoiceOnly = 3,
}
