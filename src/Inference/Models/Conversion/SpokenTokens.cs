using System.Buffers;
using System.Text;
using EdgeAssist.Inference.Asr;

namespace EdgeAssist.Inference.Models.Conversion;

/// <summary>
/// The tokens of Llama's vocabulary that spoken English is written with. A quarter is not: other scripts, accents, program text,
/// runs of blanks. Moonshine's head gives every token a number at every step, so those left out are time saved; the order, by
/// which byte pairs are joined, stays.
/// </summary>
internal static class SpokenTokens
{
    private static readonly SearchValues<char> Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'");
    private static readonly SearchValues<char> Marks = SearchValues.Create(".,?!:;'\"-()%$£€&/@#+=*");

    /// <param name="vocabulary">UTF-8, one token a line, the line number being its number.</param>
    /// <returns>The old numbers of the tokens kept; where one stands is its new number.</returns>
    public static int[] Of(ReadOnlySpan<byte> vocabulary)
    {
        var tokens = Lines(vocabulary);
        return [.. Enumerable.Range(0, tokens.Length).Where(token => IsKept(tokens[token]))];
    }

    /// <summary>The list without the others.</summary>
    public static byte[] Vocabulary(ReadOnlySpan<byte> vocabulary) => Encoding.UTF8.GetBytes(string.Join('\n', Lines(vocabulary).Where(IsKept)));

    private static string[] Lines(ReadOnlySpan<byte> vocabulary) => Encoding.UTF8.GetString(vocabulary).Split('\n');

    private static bool IsKept(string token) => IsControl(token) || IsSpoken(token);

    private static bool IsControl(string token) => token is "<unk>" or "<s>" or "</s>" || TokenText.IsOctet(token);

    private static bool IsSpoken(string token)
    {
        var text = token.AsSpan(token.StartsWith('▁') ? 1 : 0);
        if (text.Length <= 1) return text.Length == 0 || char.IsAsciiLetterOrDigit(text[0]) || Marks.Contains(text[0]) || (text[0] <= '\u00FF' && char.IsLetter(text[0]));
        return !text.ContainsAnyExcept(Marks) || !text.ContainsAnyExcept(Letters);
    }
}
