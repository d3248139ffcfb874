using System.Globalization;
using static EdgeAssist.Inference.Text.SpokenNumber;

namespace EdgeAssist.Inference.Text;

/// <summary>A piece of text as one would write it, and the words it came from.</summary>
/// <param name="Text">As written, with the punctuation of its last word.</param>
/// <param name="From">Its first word.</param>
/// <param name="Count">Words.</param>
/// <param name="Digits">The digits it stands for; empty for a word.</param>
internal readonly record struct WrittenToken(string Text, int From, int Count, string Digits);

/// <summary>
/// Spoken English as it is written: numbers, digit strings, money, percentages, dates, times and spelled letters. «four one
/// one one» → 4111, «twenty five dollars and ten cents» → $25.10, «the fifth of march» → March 5, «half past two p m» stays.
/// Small numbers alone stay words: «one of them».
/// </summary>
internal sealed class WrittenText
{
    private static readonly string[] Months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

    private readonly string[] _words;
    private readonly string[] _bare;
    private readonly bool[] _stops;
    private readonly List<WrittenToken> _tokens = [];

    private WrittenText(string[] words)
    {
        _words = words;
        _bare = [.. words.Select(word => word.Trim('.', ',', '?', '!', ';', ':', '"', '“', '”', '(', ')'))];
        _stops = [.. words.Select((word, i) => word.Length > 0 && word[^1] is '.' or ',' or '?' or '!' or ';' or ':' && !IsInitial(i))];
        for (var i = 0; i < words.Length;) i += Take(i);

        bool IsInitial(int i) => words[i] is [_, '.'];
    }

    /// <summary>The text, with what is spoken written.</summary>
    public static string Of(string text) => string.Join(' ', Tokens(Words(text)).Select(token => token.Text));

    public static IReadOnlyList<WrittenToken> Tokens(string[] words) => new WrittenText(words)._tokens;

    public static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private int Take(int at)
    {
        if (Date(at) is > 0 and var date) return date;
        if (Digits(at) is > 0 and var digits) return digits;
        if (Quantity(at) is > 0 and var quantity) return quantity;
        if (Letters(at) is > 0 and var letters) return letters;

        var written = string.Concat(_bare[at].Where(char.IsAsciiDigit));
        return Put(at, 1, _words[at], written);
    }

    /// <summary>Three numbers or more in a row are read one after the other; two make a year.</summary>
    private int Digits(int at)
    {
        var (i, items, digits) = (at, 0, "");
        while (i < _bare.Length && Item(i, items > 0, out var item) is > 0 and var taken)
        {
            (i, items, digits) = (i + taken, items + 1, digits + item);
            if (_stops[i - 1] && !(i < _bare.Length && _words[i - 1][^1] == ',' && Digit(_bare[i]) is not null)) break;
        }

        var year = items == 2 && (digits is ['1', '8' or '9', _, _] or ['2', '0', _, _]);
        return items >= 3 || year || (items > 0 && IsRepeat(at)) ? Put(at, i - at, digits, digits) : 0;
    }

    private bool IsRepeat(int at) => IsWord(_bare[at], "double") || IsWord(_bare[at], "triple");

    // «seven», «oh», «double five», «forty one», «eight hundred», «4111».
    private int Item(int at, bool inside, out string digits)
    {
        digits = "";
        if (IsRepeat(at))
        {
            if (at + 1 >= _bare.Length || Digit(_bare[at + 1]) is not { } repeated) return 0;
            digits = new string((char)('0' + repeated), IsWord(_bare[at], "double") ? 2 : 3);
            return 2;
        }

        if (_bare[at].Length > 0 && _bare[at].All(c => char.IsAsciiDigit(c) || c == '-') && char.IsAsciiDigit(_bare[at][0]))
        {
            digits = _bare[at].Replace("-", "", StringComparison.Ordinal);
            return 1;
        }

        if (IsWord(_bare[at], "oh") || IsWord(_bare[at], "o"))
        {
            if (!inside && !(at + 1 < _bare.Length && Digit(_bare[at + 1]) is not null)) return 0;
            digits = "0";
            return 1;
        }

        // «eight hundred five five five» is read as a telephone number, «eight hundred five» as one number.
        if (Digit(_bare[at]) is { } hundreds && at + 3 < _bare.Length && IsWord(_bare[at + 1], "hundred") && Small(_bare[at + 2]) is not null && Small(_bare[at + 3]) is not null)
        {
            digits = (100 * hundreds).ToString(CultureInfo.InvariantCulture);
            return 2;
        }

        var taken = Read(_bare, at, _stops, out var value);
        if (taken > 0) digits = value.ToString(CultureInfo.InvariantCulture);
        return taken;
    }

    /// <summary>One number: money, a share, a time of day, or a number of ten and more.</summary>
    private int Quantity(int at)
    {
        if (Ordinary(at) is > 0 and var ordinary) return ordinary;
        var taken = Read(_bare, at, _stops, out var value);
        if (taken == 0) return 0;

        var next = at + taken;
        var text = value.ToString(CultureInfo.InvariantCulture);
        if (!_stops[next - 1] && next < _bare.Length)
        {
            if (Money(_bare[next]) is { } sign) return Amount(at, next, sign, text);
            if (IsWord(_bare[next], "percent")) return Put(at, taken + 1, text + "%", text);
            if (value is >= 1 and <= 12 && Time(at, next, text) is > 0 and var time) return time;
        }

        return value >= 10 || taken > 1 ? Put(at, taken, text, text) : Put(at, 1, _words[at], text);
    }

    private int Ordinary(int at)
    {
        var taken = Ordinal(_bare, at, out var value);
        return taken == 2 || value >= 10 ? Put(at, taken, OrdinalText(value), "") : 0;
    }

    private int Amount(int at, int unit, string sign, string whole)
    {
        var cents = unit + 1;
        if (!_stops[unit] && cents < _bare.Length && IsWord(_bare[cents], "and")) cents++;
        var taken = !_stops[unit] && cents < _bare.Length ? Read(_bare, cents, _stops, out var part) : Nothing(out part);
        return taken > 0 && part < 100 && cents + taken < _bare.Length && (IsWord(_bare[cents + taken], "cents") || IsWord(_bare[cents + taken], "cent") || IsWord(_bare[cents + taken], "pence"))
            ? Put(at, cents + taken + 1 - at, string.Create(CultureInfo.InvariantCulture, $"{sign}{whole}.{part:00}"), "")
            : Put(at, unit + 1 - at, sign + whole, "");

        static int Nothing(out long value)
        {
            value = 0;
            return 0;
        }
    }

    private int Time(int at, int next, string hour)
    {
        if (IsWord(_bare[next], "o'clock")) return Put(at, next + 1 - at, hour + ":00", "");

        var minutes = Read(_bare, next, _stops, out var minute);
        if (minutes > 0 && minute is < 10 or > 59) return 0;
        var half = next + minutes;
        if (half >= _bare.Length) return 0;

        var taken = _bare[half].Replace(".", "", StringComparison.Ordinal).ToUpperInvariant() switch
        {
            "AM" or "PM" => 1,
            "A" or "P" when half + 1 < _bare.Length && IsWord(_bare[half + 1], "m") => 2,
            _ => 0,
        };
        return taken == 0 ? 0 : Put(at, half + taken - at, string.Create(CultureInfo.InvariantCulture, $"{hour}:{minute:00} {char.ToLowerInvariant(_bare[half][0])}m"), "");
    }

    /// <summary>«march fifth», «the fifth of march», with a year or without.</summary>
    private int Date(int at)
    {
        if (Month(_bare[at]) is { } month && Day(at + 1, out var day) is > 0 and var taken) return Year(at, at + 1 + taken, month, day);

        var start = IsWord(_bare[at], "the") ? at + 1 : at;
        taken = Ordinal(_bare, start, out day);
        return taken > 0 && start + taken + 1 < _bare.Length && IsWord(_bare[start + taken], "of") && Month(_bare[start + taken + 1]) is { } named
            ? Year(at, start + taken + 2, named, day)
            : 0;
    }

    private int Day(int at, out int day)
    {
        var taken = Ordinal(_bare, at, out day);
        if (taken > 0 || at >= _bare.Length) return taken;
        taken = Read(_bare, at, _stops, out var value);
        day = (int)value;
        return value is >= 1 and <= 31 ? taken : 0;
    }

    private int Year(int at, int next, string month, int day)
    {
        var text = $"{month} {day.ToString(CultureInfo.InvariantCulture)}";
        if (next < _bare.Length && Item(next, true, out var first) is > 0 and var taken)
        {
            if (first is ['1' or '2', _, _, _]) return Put(at, next + taken - at, $"{text}, {first}", "");
            if (first is "18" or "19" or "20" && next + taken < _bare.Length && Item(next + taken, true, out var second) is > 0 and var more && second.Length == 2)
                return Put(at, next + taken + more - at, $"{text}, {first}{second}", "");
        }

        return Put(at, next - at, text, "");
    }

    /// <summary>Three letters or more in a row, as in a name that is spelled.</summary>
    private int Letters(int at)
    {
        var i = at;
        while (i < _bare.Length && _bare[i] is [var letter] && char.IsAsciiLetter(letter)) i++;
        return i - at >= 3 ? Put(at, i - at, string.Concat(_bare[at..i]).ToUpperInvariant(), "") : 0;
    }

    private int Put(int at, int count, string text, string digits)
    {
        var last = _words[at + count - 1];
        var ending = count == 1 && text == _words[at] ? "" : last[(last.TrimEnd('.', ',', '?', '!', ';', ':').Length)..];
        if (text.EndsWith('m') && ending == "." && (last.Length == 2 || last.IndexOf('.', StringComparison.Ordinal) < last.Length - 1)) ending = "";   // the full stop of «p.m.»
        _tokens.Add(new WrittenToken(text + ending, at, count, digits));
        return count;
    }

    private static string? Month(string word) => Months.FirstOrDefault(month => IsWord(month, word) && word is not "may");

    private static string? Money(string word) => word.ToUpperInvariant() switch
    {
        "DOLLAR" or "DOLLARS" or "BUCKS" => "$",
        "POUND" or "POUNDS" => "£",
        "EURO" or "EUROS" => "€",
        _ => null,
    };
}
