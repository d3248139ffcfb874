namespace EdgeAssist.AlertRelay.Assist;

/// <summary>Why a prompt is kept back.</summary>
internal enum Withheld
{
    /// <summary>It is not.</summary>
    No = 0,

    /// <summary>The call has no known agent, so there is nobody to show it to.</summary>
    NoAgent,

    /// <summary>The agent asked for quiet.</summary>
    Snoozed,

    /// <summary>The call has had all it gets.</summary>
    TooMany,

    LowConfidence,

    /// <summary>The last one is too recent.</summary>
    TooSoon,

    /// <summary>The agent has the word.</summary>
    AgentSpeaks,

    /// <summary>The library has nothing left that fits.</summary>
    NoEntry,
}

/// <summary>
/// What an agent's attention may be asked for: enforced here and nowhere else. One prompt at a time, not many, not soon after one
/// another, never on a guess, never while the agent speaks.
/// </summary>
internal static class AttentionBudget
{
    /// <summary>Whether a prompt may be put in front of the agent now. The first reason that speaks against it, the lasting ones first.</summary>
    /// <param name="assist">What the call had so far.</param>
    /// <param name="agent">The call's agent; empty when unknown.</param>
    /// <param name="confidence">The calibrated risk, 0 to 1.</param>
    /// <param name="agentSpeaks">Whether the agent has the word.</param>
    /// <param name="now">Wall-clock time, as prompts carry it.</param>
    /// <param name="policy">The limits.</param>
    public static Withheld Refuse(CallAssist assist, string agent, double confidence, bool agentSpeaks, DateTimeOffset now, AssistPolicy policy)
    {
        if (agent.Length == 0) return Withheld.NoAgent;
        if (assist.Offers >= policy.MostPerCall) return Withheld.TooMany;

        // Whatever has become of the prompt: a call that was lost and comes back is as quiet as it was.
        if (assist.Prompts.Exists(prompt => prompt.SnoozedUntil?.ToDateTimeOffset() > now)) return Withheld.Snoozed;
        if (!(confidence >= policy.ConfidenceFloor)) return Withheld.LowConfidence;   // also what is no number
        if (assist.LastOfferAt is { } last && now - last < policy.Gap) return Withheld.TooSoon;
        return agentSpeaks ? Withheld.AgentSpeaks : Withheld.No;
    }

    /// <summary>True for what passes by itself: what called for the prompt waits.</summary>
    public static bool MayPass(this Withheld cause) => cause is Withheld.TooSoon or Withheld.AgentSpeaks;

    /// <summary>As it is counted and told.</summary>
    public static string Word(this Withheld cause) => cause switch
    {
        Withheld.NoAgent => "no_agent",
        Withheld.Snoozed => "snoozed",
        Withheld.TooMany => "too_many",
        Withheld.LowConfidence => "low_confidence",
        Withheld.TooSoon => "too_soon",
        Withheld.AgentSpeaks => "agent_speaks",
        Withheld.NoEntry => "no_entry",
        _ => "",
    };
}
