using System.Globalization;
using System.Text;

namespace EdgeAssist.Inference.Asr;

/// <summary>Word errors of a recognition against what was said.</summary>
/// <param name="Errors">Words substituted, left out or put in: the least number that explains the difference.</param>
/// <param name="Words">Words said.</param>
internal readonly record struct WordErrors(int Errors, int Words)
{
    public double Rate => Words == 0 ? 0 : (double)Errors / Words;

    public static WordErrors operator +(WordErrors a, WordErrors b) => new(a.Errors + b.Errors, a.Words + b.Words);
}

/// <summary>
/// Word error rate after normalising: no case, no punctuation, hyphens are blanks, figures are words. It does not forgive
/// spelling («colour») nor readings («oh» for zero).
/// </summary>
internal static class WordErrorRate
{
    public static WordErrors Compare(string said, string recognised)
    {
        var (reference, hypothesis) = (Words(said), Words(recognised));
        return new WordErrors(Distance(reference, hypothesis), reference.Count);
    }

    /// <summary>The words said that were not recognised in their place, by one of the shortest explanations of the difference.</summary>
    public static List<string> Missed(string said, string recognised)
    {
        var (reference, hypothesis) = (Words(said), Words(recognised));
        var cost = Costs(reference, hypothesis);
        var missed = new List<string>();
        for (var (i, j) = (reference.Count, hypothesis.Count); i > 0;)
        {
            var same = j > 0 && string.Equals(reference[i - 1], hypothesis[j - 1], StringComparison.Ordinal);
            if (j > 0 && cost[i, j] == cost[i - 1, j - 1] + (same ? 0 : 1))
            {
                if (!same) missed.Add(reference[i - 1]);
                (i, j) = (i - 1, j - 1);
            }
            else if (cost[i, j] == cost[i - 1, j] + 1) missed.Add(reference[--i]);
            else j--;
        }

        missed.Reverse();
        return missed;
    }

    internal static List<string> Words(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (char.IsLetterOrDigit(c)) clean.Append(char.ToLowerInvariant(c));
            else if (c is not ('\'' or '’' or '.') || !InsideWord(clean)) clean.Append(' ');
        }

        var words = new List<string>();
        foreach (var word in clean.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (word.All(char.IsAsciiDigit)) words.AddRange(Spoken(word));
            else words.Add(word is "ok" ? "okay" : word);
        }

        return words;
    }

    // «don't» stays one word and «p.m.» becomes «pm»; a full stop before a blank ends up as nothing either.
    private static bool InsideWord(StringBuilder text) => text.Length > 0 && text[^1] != ' ';

    private static readonly string[] Small =
    [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
        "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ];

    private static readonly string[] Tens = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

    private static IEnumerable<string> Spoken(string digits)
    {
        // Long figures and those with a leading zero are read digit by digit.
        if (digits.Length > 4 || (digits.Length > 1 && digits[0] == '0')) return digits.Select(digit => Small[digit - '0']);
        return Number(int.Parse(digits, CultureInfo.InvariantCulture));
    }

    private static IEnumerable<string> Number(int value) => value switch
    {
        < 20 => [Small[value]],
        < 100 => [Tens[value / 10], .. value % 10 == 0 ? [] : Number(value % 10)],
        < 1000 => [Small[value / 100], "hundred", .. value % 100 == 0 ? [] : Number(value % 100)],
        _ => [Small[value / 1000], "thousand", .. value % 1000 == 0 ? [] : Number(value % 1000)],
    };

    private static int Distance(List<string> reference, List<string> hypothesis) => Costs(reference, hypothesis)[reference.Count, hypothesis.Count];

    // Levenshtein's table: [i, j] is what the first i words said and the first j recognised differ by.
    private static int[,] Costs(List<string> reference, List<string> hypothesis)
    {
        var cost = new int[reference.Count + 1, hypothesis.Count + 1];
        for (var i = 0; i <= reference.Count; i++) cost[i, 0] = i;
        for (var j = 0; j <= hypothesis.Count; j++) cost[0, j] = j;
        for (var i = 1; i <= reference.Count; i++)
        {
            for (var j = 1; j <= hypothesis.Count; j++)
            {
                var substitution = cost[i - 1, j - 1] + (string.Equals(reference[i - 1], hypothesis[j - 1], StringComparison.Ordinal) ? 0 : 1);
                cost[i, j] = Math.Min(substitution, Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1);
            }
        }

        return cost;
    }
}
