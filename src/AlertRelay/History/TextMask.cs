using System.Text.RegularExpressions;

namespace EdgeAssist.AlertRelay.History;

/// <summary>Takes what could name somebody out of a line: e-mail addresses, and runs of digits as long as a telephone, card or account number.</summary>
internal static partial class TextMask
{
    public const string Hidden = "***";

    public static string Of(string text) => Digits().Replace(Mail().Replace(text, Hidden), Hidden);

    [GeneratedRegex(@"[^\s@<>()]{1,64}@[^\s@<>()]{1,255}", RegexOptions.NonBacktracking)]
    private static partial Regex Mail();

    // Seven digits or more, also with single separators between them.
    [GeneratedRegex(@"\+?[0-9](?:[ ./()-]?[0-9]){6,}", RegexOptions.NonBacktracking)]
    private static partial Regex Digits();
}
