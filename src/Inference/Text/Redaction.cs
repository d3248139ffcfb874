using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace EdgeAssist.Inference.Text;

/// <summary>Words that were taken out.</summary>
/// <param name="From">First word.</param>
/// <param name="Count">Words.</param>
/// <param name="Label">What stands there instead: <c>[card]</c>, <c>[phone]</c>, <c>[email]</c>, <c>[id]</c>, <c>[code]</c>, <c>[number]</c>.</param>
internal readonly record struct RedactedSpan(int From, int Count, string Label);

/// <param name="Text">With labels in place of what was taken out.</param>
/// <param name="Spans">In order.</param>
internal sealed record RedactedText(string Text, ImmutableArray<RedactedSpan> Spans);

/// <summary>
/// Takes card numbers, phone numbers, e-mail addresses, identity and account numbers and security codes out of English text,
/// written or spoken. Numbers of orders, tickets and the like stay. It errs towards taking out.
/// </summary>
internal static partial class Redaction
{
    // How many words before a number say what it is.
    private const int Reach = 9;

    private static readonly HashSet<string> Business = Set("order orders ticket case invoice reference tracking confirmation booking reservation claim part model serial item version room flight extension quote job product");
    private static readonly HashSet<string> Phones = Set("phone telephone mobile cell cellphone call reach text fax callback whatsapp landline dial ring");
    private static readonly HashSet<string> Identities = Set("social ssn passport licence license driver's insurance national tax identity identification id account iban routing sort member membership policy medicare patient birth sin nhs");
    private static readonly HashSet<string> Codes = Set("cvv cvc cvv2 pin pincode passcode password otp");
    private static readonly HashSet<string> Cards = Set("card visa mastercard amex debit credit");
    private static readonly HashSet<string> Fillers = Set("uh um and er dash hyphen space then ehm so okay");
    private static readonly HashSet<string> Endings = Set("com org net edu gov co uk io info biz de");

    /// <param name="text">A sentence, or what there is of it.</param>
    /// <param name="growing">True for a partial: a number at its end may be the beginning of one that must not be told.</param>
    public static RedactedText Apply(string text, bool growing)
    {
        var words = WrittenText.Words(text);
        var tokens = WrittenText.Tokens(words);
        var spans = new List<RedactedSpan>();
        Emails(words, spans);
        Numbers(words, tokens, growing, spans);
        Mixed(words, spans);
        return Cut(words, spans);
    }

    private static void Emails(string[] words, List<RedactedSpan> spans)
    {
        for (var i = 0; i < words.Length; i++)
        {
            if (words[i].Contains('@', StringComparison.Ordinal) && words[i].Length > 2)
            {
                spans.Add(new RedactedSpan(i, 1, "[email]"));
                continue;
            }

            if (!Is(words[i], "at")) continue;
            var end = Domain(words, i + 1);
            if (end < 0) continue;
            var start = LocalPart(words, i);
            if (start < i) spans.Add(new RedactedSpan(start, end - start, "[email]"));
        }
    }

    // «example dot com», «example.com», «mail dot example dot co dot uk»: behind its last word, or −1.
    private static int Domain(string[] words, int at)
    {
        var end = -1;
        for (var i = at; i < words.Length && i < at + 12; i++)
        {
            var word = Bare(words[i]);
            if (WrittenDomain().IsMatch(word)) return i + 1;
            if (i > at && Is(words[i - 1], "dot") && Endings.Contains(word)) end = i + 1;
            else if (end > 0 && !Is(words[i], "dot")) break;
            else if (end < 0 && i > at && !Is(words[i], "dot") && !Is(words[i - 1], "dot") && !IsPiece(words[i]) && !IsPiece(words[i - 1]) && i > at + 2) break;
        }

        return end;
    }

    // Back from «at» over pieces joined by dot, underscore, dash, over single letters and digits; at least one word.
    private static int LocalPart(string[] words, int at)
    {
        var i = at - 1;
        if (i < 0 || Bare(words[i]).Length == 0) return at;
        while (i > 0)
        {
            var before = words[i - 1];
            if (IsJoin(before) && i > 1) i -= 2;
            else if (IsPiece(words[i]) && IsPiece(before)) i--;
            else if (Bare(before) is [var initial] && char.IsAsciiLetter(initial) && initial is not ('a' or 'i')) i--;
            else if (IsPiece(words[i]) && !IsPiece(before) && SpokenNumber.Digit(Bare(words[i])) is not null && Bare(before).Length > 2 && !Is(before, "is")) i--;
            else break;
        }

        return i;
    }

    private static bool IsJoin(string word) => Is(word, "dot") || Is(word, "underscore") || Is(word, "dash") || Is(word, "hyphen") || Is(word, "period");

    private static bool IsPiece(string word) => Bare(word).Length == 1 || SpokenNumber.Small(Bare(word)) is not null || Is(word, "oh") || Is(word, "double") || Bare(word).All(char.IsAsciiDigit);

    private static void Numbers(string[] words, IReadOnlyList<WrittenToken> tokens, bool growing, List<RedactedSpan> spans)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            if (tokens[i].Digits.Length == 0) continue;
            var (digits, end) = (tokens[i].Digits, i + 1);
            for (var next = end; next < tokens.Count && next <= end + 1; next++)
            {
                if (tokens[next].Digits.Length > 0) (digits, end) = (digits + tokens[next].Digits, next + 1);
                else if (!Fillers.Contains(Bare(tokens[next].Text))) break;
            }

            var from = tokens[i].From;
            var to = tokens[end - 1].From + tokens[end - 1].Count;
            if (Kind(words, from, to, digits) is { } label) spans.Add(new RedactedSpan(from, to - from, label));
            else if (growing && to == words.Length && digits.Length >= 3) spans.Add(new RedactedSpan(from, to - from, "[number]"));
            i = end - 1;
        }
    }

    private static string? Kind(string[] words, int from, int to, string digits)
    {
        var plus = words[from].StartsWith('+') || (from > 0 && Is(words[from - 1], "plus"));
        var written = string.Concat(words[from..to]);
        var business = Near(words, from, Business);
        var other = Math.Max(Near(words, from, Phones), Math.Max(Near(words, from, Identities), Near(words, from, Cards)));
        if (digits.Length is >= 13 and <= 19 && (Luhn(digits) || (digits.Length is 15 or 16 && digits[0] is >= '3' and <= '6' && business <= other) || Near(words, from, Cards) > business)) return "[card]";
        if (digits.Length is >= 3 and <= 8 && (Near(words, from, Codes) >= 0 || SecurityCode(words, from)) && business < 0) return "[code]";
        if (SocialForm().IsMatch(written)) return "[id]";
        if (business >= 0 && business >= other && !plus) return null;   // the nearer word says what it is
        if (digits.Length is >= 4 and <= 20 && Near(words, from, Identities) is >= 0 and var identity && identity >= Near(words, from, Phones)) return "[id]";
        if (plus && digits.Length is >= 8 and <= 15) return "[phone]";
        if (PhoneForm().IsMatch(written) || digits.Length is >= 10 and <= 12) return "[phone]";
        if (digits.Length is >= 7 and <= 15 && Near(words, from, Phones) >= 0) return "[phone]";
        if (digits.Length >= 4 && Near(words, from, Cards) >= 0 && (digits.Length >= 8 || Near(words, from, Cards) >= from - 4)) return "[card]";
        return digits.Length is 9 or >= 13 ? "[number]" : null;
    }

    // The newest place of such a word before a number; −1 for none.
    private static int Near(string[] words, int from, HashSet<string> kind)
    {
        for (var i = from - 1; i >= 0 && i >= from - Reach; i--)
            if (kind.Contains(Bare(words[i]))) return i;
        return -1;
    }

    private static bool SecurityCode(string[] words, int from)
    {
        for (var i = Math.Max(1, from - 4); i < from; i++)
            if (Is(words[i], "code") && (Is(words[i - 1], "security") || Is(words[i - 1], "verification") || Is(words[i - 1], "access"))) return true;
        return false;
    }

    // Letters and digits in one: IBAN, passport, licence; written, or behind a word that says so.
    private static void Mixed(string[] words, List<RedactedSpan> spans)
    {
        for (var i = 0; i < words.Length; i++)
        {
            var word = Bare(words[i]);
            if (!word.Any(char.IsAsciiDigit) || !word.Any(char.IsAsciiLetter) || word.Length < 6) continue;
            var near = Near(words, i, Identities);
            if (Iban().IsMatch(word.ToUpperInvariant()) || (near >= 0 && near > Near(words, i, Business))) spans.Add(new RedactedSpan(i, 1, "[id]"));
        }

        // Spelled: «passport a b one two three four five six».
        for (var i = 0; i < words.Length; i++)
        {
            if (!Identities.Contains(Bare(words[i]))) continue;
            for (var from = i + 1; from < words.Length && from <= i + 4; from++)
            {
                var to = from;
                while (to < words.Length && (IsPiece(words[to]) || Is(words[to], "triple"))) to++;
                if (to - from < 4) continue;
                spans.Add(new RedactedSpan(from, to - from, "[id]"));
                break;
            }
        }
    }

    private static RedactedText Cut(string[] words, List<RedactedSpan> found)
    {
        var spans = ImmutableArray.CreateBuilder<RedactedSpan>();
        foreach (var span in found.OrderBy(span => span.From).ThenByDescending(span => span.Count))
        {
            if (spans.Count > 0 && span.From < spans[^1].From + spans[^1].Count)
            {
                var last = spans[^1];
                spans[^1] = last with { Count = Math.Max(last.Count, span.From + span.Count - last.From) };
            }
            else spans.Add(span);
        }

        var text = new List<string>();
        for (var (i, next) = (0, 0); i < words.Length;)
        {
            if (next < spans.Count && spans[next].From == i)
            {
                var last = words[i + spans[next].Count - 1];
                text.Add(spans[next].Label + last[last.TrimEnd('.', ',', '?', '!', ';', ':').Length..]);
                i += spans[next++].Count;
            }
            else text.Add(words[i++]);
        }

        return new RedactedText(string.Join(' ', text), spans.ToImmutable());
    }

    private static bool Luhn(string digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)] - '0';
            if (i % 2 == 1 && (digit *= 2) > 9) digit -= 9;
            sum += digit;
        }

        return sum % 10 == 0;
    }

    private static bool Is(string word, string other) => string.Equals(Bare(word), other, StringComparison.Ordinal);

    private static string Bare(string word) => word.Trim('.', ',', '?', '!', ';', ':', '"', '(', ')', '#').ToLowerInvariant();

    private static HashSet<string> Set(string words) => new(words.Split(' '), StringComparer.Ordinal);

    [GeneratedRegex(@"^[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}$", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex WrittenDomain();

    [GeneratedRegex(@"^\d{3}-\d{2}-\d{4}\D?$", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex SocialForm();

    [GeneratedRegex(@"^(\+?1[-. ]?)?\(?\d{3}\)?[-. ]?\d{3}[-. ]?\d{4}\D?$", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex PhoneForm();

    [GeneratedRegex(@"^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Iban();
}
