namespace EdgeAssist.AlertRelay.Assist.Playbooks;

/// <summary>What an entry may be for: the cues that speak for escalation, as the Inference README lists them.</summary>
internal static class Situations
{
    /// <summary>An entry for this stands in where there is none for the cue itself.</summary>
    public const string Any = "any";

    /// <summary>An operator's rule (<c>rule:ID</c>) is a situation of its own.</summary>
    public const string RulePrefix = "rule:";

    /// <summary>In the order of the Inference README.</summary>
    public static IReadOnlyList<string> Cues { get; } =
    [
        "negative_words", "anger", "complaint", "asks_for_manager", "threat_to_leave", "abuse", "repeated_contact", "long_wait",
        "nobody_helps", "broken_promise", "repeated_request", "raised_voice", "faster_speech", "talks_over", "interrupted",
        "holds_the_floor", "open_cases", "recent_contacts", "unkept_promises",
    ];

    public static bool IsKnown(string situation) =>
        situation == Any || Cues.Contains(situation) || (situation.StartsWith(RulePrefix, StringComparison.Ordinal) && situation.Length > RulePrefix.Length);
}
