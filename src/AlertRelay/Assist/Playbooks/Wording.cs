using System.Text.RegularExpressions;

namespace EdgeAssist.AlertRelay.Assist.Playbooks;

/// <summary>What no entry may say, whoever wrote it: commands to feel otherwise, blame, promises nobody can keep, pressure.</summary>
internal static partial class Wording
{
    /// <summary>Characters an agent can take in at a glance and say in two breaths.</summary>
    public const int LongestPhrase = 240, LongestOption = 320, LongestTitle = 60;

    private const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;
    private const int MatchMilliseconds = 1000;

    private static readonly (Regex Words, string Why)[] Forbidden =
    [
        (CalmDown(), "tells the customer what to feel: name what you heard instead"),
        (Blame(), "blames the customer: say what can be done now"),
        (Promise(), "promises what nobody on the phone can be sure of: say what you do yourself, and by when you say how it went"),
        (Pressure(), "puts pressure on the customer or hides a choice: offer it openly"),
        (Policy(), "hides behind a rule: say what is possible"),
    ];

    /// <summary>Why a text is not taken; null when it is.</summary>
    public static string? Refuse(string text)
    {
        foreach (var (words, why) in Forbidden)
        {
            if (words.Match(text) is { Success: true } found) return $"«{found.Value}» {why}.";
        }

        return null;
    }

    [GeneratedRegex(@"\bcalm(ing)? down\b|\brelax\b|\b(don't|do not|no need to) (be|get) (upset|angry|emotional)\b|\bstay calm\b|\btake it easy\b|\bsettle down\b", Options, MatchMilliseconds)]
    private static partial Regex CalmDown();

    [GeneratedRegex(@"\byour (own )?(fault|mistake)\b|\byou should have\b|\byou (must|need to) understand\b|\byou('re| are) (wrong|overreacting|being (rude|difficult|unreasonable))\b|\bas i (already )?(said|told you|explained)\b|\bif you had\b", Options, MatchMilliseconds)]
    private static partial Regex Blame();

    [GeneratedRegex(@"\bguarantee(d)?\b|\bi promise\b|\bnever (happen|happens) again\b|\b100 ?(%|percent)\b|\bwon't happen again\b|\bdefinitely (be|get|have)\b|\bfor sure\b|\bimmediately fix", Options, MatchMilliseconds)]
    private static partial Regex Promise();

    [GeneratedRegex(@"\blast chance\b|\bonly today\b|\beverybody else\b|\bother customers (never|don't)\b|\byou('ll| will) regret\b|\btrust me\b|\bto be honest\b|\bbetween you and me\b", Options, MatchMilliseconds)]
    private static partial Regex Pressure();

    [GeneratedRegex(@"\b(company|our) policy\b|\bthere('s| is) nothing i can do\b|\bnot my (job|department|fault)\b|\bi('m| am) not allowed\b|\bthe system (won't|doesn't) let\b", Options, MatchMilliseconds)]
    private static partial Regex Policy();
}
