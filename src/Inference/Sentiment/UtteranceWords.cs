using System.Globalization;

namespace EdgeAssist.Inference.Sentiment;

/// <summary>
/// An utterance reduced to what recognised telephone speech and written text have in common: lower-case words without
/// punctuation, apostrophes, links, mentions, hashes or emoji, every number written as <c>0</c>, and no letter more than
/// twice in a row. Accents are kept.
/// </summary>
internal static class UtteranceWords
{
    /// <summary>Words beyond this are not read: two minutes of fast speech.</summary>
    public const int MaxWords = 256;

    /// <summary>Characters beyond this are not read.</summary>
    public const int MaxCharacters = 8192;

    private const int MaxWordLength = 32;

    /// <summary>Splits <paramref name="text"/> into words. Any text is taken; what holds no letter or digit gives no words.</summary>
    public static List<string> Split(ReadOnlySpan<char> text)
    {
        if (text.Length > MaxCharacters) text = text[..MaxCharacters];

        var words = new List<string>(32);
        foreach (var range in text.SplitAny(" \t\r\n\u00a0\u2026"))
        {
            var token = text[range];
            if (token.IsEmpty || IsLinkOrMention(token)) continue;
            AddWords(token, words);
            if (words.Count >= MaxWords) break;
        }

        return words.Count > MaxWords ? words[..MaxWords] : words;
    }

    internal static bool IsLinkOrMention(ReadOnlySpan<char> token) =>
        token.TrimStart("\"“.(")[..] is ['@', ..]
        || token.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
        || token.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
        || token.StartsWith("www.", StringComparison.OrdinalIgnoreCase)
        || (token[0] == '<' && token.IndexOf('>') > 0); // transcribers' tags: <UNIN/>

    private static void AddWords(ReadOnlySpan<char> token, List<string> words)
    {
        Span<char> word = stackalloc char[MaxWordLength];
        var length = 0;
        foreach (var c in token)
        {
            if (c is '\'' or '’' or '‘' or '`' or '#') continue; // don't and dont, #help and help, are one word
            if (char.IsAsciiDigit(c))
            {
                if (length > 0 && word[length - 1] != '0') Flush(word, ref length, words);
                if (length == 0) word[length++] = '0'; // any run of digits is one 0
                continue;
            }

            if (!char.IsLetter(c))
            {
                Flush(word, ref length, words);
                continue;
            }

            if (length == 1 && word[0] == '0') Flush(word, ref length, words);
            var lower = char.ToLower(c, CultureInfo.InvariantCulture);
            if (length >= 2 && word[length - 1] == lower && word[length - 2] == lower) continue; // soooo → soo
            if (length < MaxWordLength) word[length++] = lower;
        }

        Flush(word, ref length, words);
    }

    private static void Flush(Span<char> word, ref int length, List<string> words)
    {
        if (length > 0) words.Add(new string(word[..length]));
        length = 0;
    }
}
