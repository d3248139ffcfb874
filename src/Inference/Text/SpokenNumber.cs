using System.Globalization;

namespace EdgeAssist.Inference.Text;

/// <summary>English number words.</summary>
internal static class SpokenNumber
{
    private static readonly Dictionary<string, int> Units = new(StringComparer.OrdinalIgnoreCase)
    {
        ["zero"] = 0, ["one"] = 1, ["two"] = 2, ["three"] = 3, ["four"] = 4, ["five"] = 5, ["six"] = 6, ["seven"] = 7, ["eight"] = 8, ["nine"] = 9,
        ["ten"] = 10, ["eleven"] = 11, ["twelve"] = 12, ["thirteen"] = 13, ["fourteen"] = 14, ["fifteen"] = 15, ["sixteen"] = 16,
        ["seventeen"] = 17, ["eighteen"] = 18, ["nineteen"] = 19,
    };

    private static readonly Dictionary<string, int> Tens = new(StringComparer.OrdinalIgnoreCase)
    {
        ["twenty"] = 20, ["thirty"] = 30, ["forty"] = 40, ["fifty"] = 50, ["sixty"] = 60, ["seventy"] = 70, ["eighty"] = 80, ["ninety"] = 90,
    };

    private static readonly Dictionary<string, int> Ordinals = new(StringComparer.OrdinalIgnoreCase)
    {
        ["first"] = 1, ["second"] = 2, ["third"] = 3, ["fourth"] = 4, ["fifth"] = 5, ["sixth"] = 6, ["seventh"] = 7, ["eighth"] = 8, ["ninth"] = 9,
        ["tenth"] = 10, ["eleventh"] = 11, ["twelfth"] = 12, ["thirteenth"] = 13, ["fourteenth"] = 14, ["fifteenth"] = 15, ["sixteenth"] = 16,
        ["seventeenth"] = 17, ["eighteenth"] = 18, ["nineteenth"] = 19, ["twentieth"] = 20, ["thirtieth"] = 30,
    };

    /// <summary>One spoken number: <c>one hundred and five</c>, <c>ninety-nine</c>, <c>two thousand six</c>.</summary>
    /// <param name="words">The sentence, without punctuation inside the number.</param>
    /// <param name="at">Where to look.</param>
    /// <param name="stops">Whether punctuation follows a word, which ends the number.</param>
    /// <param name="value">The number.</param>
    /// <returns>Words taken; 0 when there is no number.</returns>
    public static int Read(IReadOnlyList<string> words, int at, IReadOnlyList<bool> stops, out long value)
    {
        var (i, group, largest, last) = (at, 0L, long.MaxValue, Part.None);
        value = 0;
        for (; i < words.Count && !(i > at && stops[i - 1]); i++)
        {
            if (Small(words[i]) is { } small && (last is Part.None or Part.Scale || (last == Part.Tens && small is > 0 and < 10)))
            {
                group += small;
                last = small is >= 20 and < 100 && small % 10 == 0 ? Part.Tens : Part.Small;
                if (small == 0 && i == at) return 1;
            }
            else if (IsWord(words[i], "hundred") && last == Part.Small && group is > 0 and < 10) (group, last) = (group * 100, Part.Scale);
            else if (Scale(words[i]) is { } scale && group > 0 && scale < largest)
            {
                value += group * scale;
                (group, largest, last) = (0, scale, Part.Scale);
            }
            else if (!(IsWord(words[i], "and") && last == Part.Scale && i + 1 < words.Count && Small(words[i + 1]) is > 0)) break;
        }

        value += group;
        return i - at;
    }

    /// <summary>0 to 99 in one word, such as <c>seven</c>, <c>forty</c>, <c>forty-two</c>; null for any other.</summary>
    public static int? Small(string word)
    {
        if (Units.TryGetValue(word, out var unit)) return unit;
        if (Tens.TryGetValue(word, out var tens)) return tens;
        return word.IndexOf('-', StringComparison.Ordinal) is var dash and > 0 && Tens.TryGetValue(word[..dash], out tens)
            && Units.TryGetValue(word[(dash + 1)..], out unit) && unit is > 0 and < 10 ? tens + unit : null;
    }

    /// <summary>A digit in one word, «oh» among them; null for any other.</summary>
    public static int? Digit(string word) => IsWord(word, "oh") || IsWord(word, "o") ? 0 : Small(word) is < 10 and var digit ? digit : null;

    /// <summary>First to thirty-first, as one or two words.</summary>
    /// <returns>Words taken; 0 when there is no ordinal.</returns>
    public static int Ordinal(IReadOnlyList<string> words, int at, out int value)
    {
        value = 0;
        if (at >= words.Count) return 0;
        if (Ordinals.TryGetValue(words[at], out value)) return 1;
        if (words[at].IndexOf('-', StringComparison.Ordinal) is var dash and > 0 && Tens.TryGetValue(words[at][..dash], out var tens) && Ordinals.TryGetValue(words[at][(dash + 1)..], out var unit) && unit < 10)
        {
            value = tens + unit;
            return 1;
        }

        if (at + 1 < words.Count && Tens.TryGetValue(words[at], out tens) && Ordinals.TryGetValue(words[at + 1], out unit) && unit < 10)
        {
            value = tens + unit;
            return 2;
        }

        return 0;
    }

    public static string OrdinalText(int value) => value.ToString(CultureInfo.InvariantCulture) + ((value % 100) is >= 11 and <= 13 ? "th" : (value % 10) switch { 1 => "st", 2 => "nd", 3 => "rd", _ => "th" });

    public static bool IsWord(string word, string other) => string.Equals(word, other, StringComparison.OrdinalIgnoreCase);

    private enum Part
    {
        None,
        Small,
        Tens,
        Scale,
    }

    private static long? Scale(string word) => IsWord(word, "thousand") ? 1_000 : IsWord(word, "million") ? 1_000_000 : IsWord(word, "billion") ? 1_000_000_000 : null;
}
