namespace EdgeAssist.Inference.Escalation;

/// <summary>What may be scored, by the law of the place.</summary>
public enum ScoringPolicy
{
    /// <summary>
    /// The agent's voice is never looked at, whatever is asked for: inferring emotions of people at work is prohibited by
    /// Regulation (EU) 2024/1689, article 5 (1) (f).
    /// </summary>
    Eu = 0,

    /// <summary>The agent's voice is looked at where it is asked for.</summary>
    Standard = 1,
}
