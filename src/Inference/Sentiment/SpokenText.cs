using System.Buffers;
using System.Globalization;
using System.Text;

namespace EdgeAssist.Inference.Sentiment;

/// <summary>
/// An utterance as our word-piece model was trained on it: lower case, letters, digits, apostrophes and <c>. , ! ?</c> alone;
/// no links, mentions, transcribers' tags or emoji; at most two of a letter and one mark in a row. Written and recognised text
/// look alike then; marks that a recogniser leaves out are left out of part of the training text too.
/// </summary>
internal static class SpokenText
{
    private static readonly SearchValues<char> NotWords = SearchValues.Create(" '.,!?");

    /// <summary>Any text is taken; what holds no letter or digit gives an empty one.</summary>
    public static string Of(ReadOnlySpan<char> text)
    {
        if (text.Length > UtteranceWords.MaxCharacters) text = text[..UtteranceWords.MaxCharacters];

        var spoken = new StringBuilder(text.Length);
        foreach (var range in text.SplitAny(" \t\r\n\u00a0\u2026"))
        {
            var token = text[range];
            if (token.IsEmpty || UtteranceWords.IsLinkOrMention(token) || token[0] == '[' && token.IndexOf(']') > 0) continue;
            if (spoken.Length > 0 && spoken[^1] != ' ') spoken.Append(' ');
            foreach (var c in token) Append(spoken, c);
        }

        var written = spoken.ToString().Trim();
        return written.AsSpan().ContainsAnyExcept(NotWords) ? written : "";
    }

    private static void Append(StringBuilder spoken, char c)
    {
        if (c is '’' or '‘' or '`') c = '\'';
        if (char.IsLetterOrDigit(c))
        {
            c = char.ToLower(c, CultureInfo.InvariantCulture);
            if (spoken.Length >= 2 && spoken[^1] == c && spoken[^2] == c && char.IsLetter(c)) return;
            spoken.Append(c);
        }
        else if (c is '.' or ',' or '!' or '?')
        {
            // «?!!» is one mark, the first; a mark stands behind a word.
            while (spoken.Length > 0 && spoken[^1] == ' ') spoken.Length--;
            if (spoken.Length > 0 && !IsMark(spoken[^1])) spoken.Append(c);
        }
        else if (c == '\'') spoken.Append(c);
        else if (spoken.Length > 0 && spoken[^1] != ' ') spoken.Append(' ');
    }

    private static bool IsMark(char c) => c is '.' or ',' or '!' or '?';
}
