using System.Buffers;
using System.Collections.Immutable;

namespace EdgeAssist.MediaGateway.Sip.Parsing;

/// <summary>The small rules of RFC 3261 §25.1 that every header shares: tokens, quoted strings, white space, lists.</summary>
internal static class SipGrammar
{
    private const string Alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    private static readonly SearchValues<char> TokenChars = SearchValues.Create(Alphanumeric + "-.!%*_+`'~");

    // Besides token and host, gen-value of real peers holds what 2543 allowed: addresses with or without brackets
    // (RFC 5118 §4.5), base64 and tags of old stacks. It ends where a separator or white space stands.
    private static readonly SearchValues<char> ParameterValueEnd = SearchValues.Create(" \t;,=\"<>");

    public static bool IsSpace(char c) => c is ' ' or '\t';

    public static ReadOnlySpan<char> TrimStart(ReadOnlySpan<char> text) => text.TrimStart(" \t");

    public static ReadOnlySpan<char> Trim(ReadOnlySpan<char> text) => text.Trim(" \t");

    public static bool IsToken(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExcept(TokenChars);

    /// <summary>Length of the token the text starts with, 0 when it starts with none.</summary>
    public static int TokenLength(ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAnyExcept(TokenChars);
        return end < 0 ? text.Length : end;
    }

    public static int ParameterValueLength(ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAny(ParameterValueEnd);
        return end < 0 ? text.Length : end;
    }

    /// <summary>Length of the quoted string the text starts with, quotes included; 0 when it is not closed.</summary>
    public static int QuotedLength(ReadOnlySpan<char> text)
    {
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == '\\') i++;
            else if (text[i] == '"') return i + 1;
        }

        return 0;
    }

    /// <summary>The content of a quoted string, escapes resolved.</summary>
    public static string Unquote(ReadOnlySpan<char> quoted)
    {
        var inner = quoted[1..^1];
        if (!inner.Contains('\\')) return inner.ToString();

        var text = new System.Text.StringBuilder(inner.Length);
        for (var i = 0; i < inner.Length; i++)
        {
            if (inner[i] == '\\' && i + 1 < inner.Length) i++;
            text.Append(inner[i]);
        }

        return text.ToString();
    }

    public static ImmutableArray<string> SplitList(string value)
    {
        var values = ImmutableArray.CreateBuilder<string>();
        SplitList(value, values);
        return values.ToImmutable();
    }

    /// <summary>Splits at commas that stand outside quotes and angle brackets.</summary>
    public static void SplitList(ReadOnlySpan<char> value, ImmutableArray<string>.Builder values)
    {
        var start = 0;
        var bracketed = false;
        for (var i = 0; i <= value.Length; i++)
        {
            if (i < value.Length)
            {
                if (value[i] == '"' && !bracketed) i += Math.Max(0, QuotedLength(value[i..]) - 1);
                else if (value[i] == '<') bracketed = true;
                else if (value[i] == '>') bracketed = false;
                if (value[i] != ',' || bracketed) continue;
            }

            var element = Trim(value[start..i]);
            if (!element.IsEmpty) values.Add(element.ToString());
            start = i + 1;
        }
    }

    /// <summary>Decimal digits only, at most <paramref name="max"/>; no sign, no white space (a negative length must never become one).</summary>
    public static bool TryParseNumber(ReadOnlySpan<char> text, long max, out long number)
    {
        number = 0;
        if (text.IsEmpty) return false;
        foreach (var c in text)
        {
            if (!char.IsAsciiDigit(c)) return false;
            number = number * 10 + (c - '0');
            if (number > max) return false;
        }

        return true;
    }
}
