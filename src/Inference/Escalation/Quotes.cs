using System.Text;

namespace EdgeAssist.Inference.Escalation;

/// <summary>
/// A quotation fit to be shown and kept: digits, runs of three or more spoken digits and e-mail addresses are masked, and it
/// is cut to a length. Names stay; redaction of whole transcripts is another's work.
/// </summary>
internal static class Quotes
{
    private const int Longest = 160;
    private const int SpokenRun = 3;

    public static string Of(string text)
    {
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var quote = new StringBuilder();
        for (var i = 0; i < words.Length && quote.Length < Longest; i++)
        {
            if (quote.Length > 0) quote.Append(' ');
            var run = SpokenDigits(words, i);
            if (run >= SpokenRun)
            {
                quote.Append('#');
                i += run - 1;
            }
            else if (words[i].Contains('@', StringComparison.Ordinal)) quote.Append('#');
            else AppendMasked(quote, words[i]);
        }

        if (quote.Length <= Longest) return quote.ToString();
        var end = char.IsHighSurrogate(quote[Longest - 1]) ? Longest - 1 : Longest;
        return quote.ToString(0, end) + "…";
    }

    private static void AppendMasked(StringBuilder quote, string word)
    {
        foreach (var c in word) quote.Append(char.IsDigit(c) ? '#' : c);
    }

    private static int SpokenDigits(string[] words, int from)
    {
        var run = 0;
        while (from + run < words.Length && IsSpokenDigit(words[from + run])) run++;
        return run;
    }

    private static bool IsSpokenDigit(string word) => word.Trim('.', ',', '-', '?', '!').ToUpperInvariant() is
        "ZERO" or "OH" or "ONE" or "TWO" or "THREE" or "FOUR" or "FIVE" or "SIX" or "SEVEN" or "EIGHT" or "NINE"
        or "DOUBLE" or "TRIPLE";
}
