using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace EdgeAssist.Inference.Asr;

/// <summary>
/// Turns SentencePiece tokens back into text: «▁» is a space, <c>&lt;0xNN&gt;</c> is one octet of UTF-8, control tokens in angle
/// brackets and everything behind the list are nothing.
/// </summary>
internal sealed partial class TokenText
{
    private readonly byte[][] _pieces;
    private readonly FrozenSet<int> _octets;

    private TokenText(byte[][] pieces, IEnumerable<int> octets) => (_pieces, _octets) = (pieces, octets.ToFrozenSet());

    public int Count => _pieces.Length;

    /// <param name="vocabulary">UTF-8, one token a line, the line number being its id.</param>
    public static TokenText Parse(ReadOnlySpan<byte> vocabulary)
    {
        var lines = Encoding.UTF8.GetString(vocabulary).Split('\n');
        return new([.. lines.Select(Piece)], Enumerable.Range(0, lines.Length).Where(token => IsOctet(lines[token])));
    }

    /// <param name="pieces">Each token's octets.</param>
    public static TokenText Of(byte[][] pieces) => new(pieces, []);

    /// <summary>A token's octets; empty for those that say nothing.</summary>
    public ReadOnlySpan<byte> Piece(int token) => _pieces[token];

    /// <summary>True for a token that stands for one octet, whatever character it is a part of.</summary>
    public bool IsOctet(int token) => _octets.Contains(token);

    /// <summary>The token that is exactly this text, with a space in front where there is one.</summary>
    public int? Find(string text)
    {
        var octets = Encoding.UTF8.GetBytes(text);
        var found = Array.FindIndex(_pieces, piece => piece.AsSpan().SequenceEqual(octets));
        return found < 0 ? null : found;
    }

    /// <summary>True when the token holds a letter or a figure, or part of one.</summary>
    public bool IsWord(int token) => Encoding.UTF8.GetString(_pieces[token]).Any(c => char.IsLetterOrDigit(c) || c == '\uFFFD');

    /// <summary>The token of a word begun with a capital, for one that begins with a small letter behind a space; the same where there is none.</summary>
    public int Capitalised(int token) =>
        (uint)token < (uint)_pieces.Length && _pieces[token] is [(byte)' ', >= (byte)'a' and <= (byte)'z', ..] piece
            ? Find(string.Concat(" ", ((char)(piece[1] - 32)).ToString(), Encoding.UTF8.GetString(piece.AsSpan(2)))) ?? token
            : token;

    public string Decode(IEnumerable<int> tokens)
    {
        var bytes = new ArrayBufferWriter<byte>();
        foreach (var token in tokens)
            if ((uint)token < (uint)_pieces.Length) bytes.Write(_pieces[token]);

        // Octets that are no UTF-8 become U+FFFD; a recogniser's slip must not stop a call.
        return DoubledMark().Replace(Encoding.UTF8.GetString(bytes.WrittenSpan).Trim(), "${mark}");
    }

    /// <summary>A mark the model gives twice at the end of short utterances («Yes,,»); three full stops are meant.</summary>
    [GeneratedRegex(@"(?<mark>[,;:!?])\k<mark>+|(?<!\.)(?<mark>\.)\.(?!\.)", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex DoubledMark();

    /// <summary>True for a line of the list that stands for one octet.</summary>
    internal static bool IsOctet(string token) => token is ['<', '0', 'x', _, _, '>'];

    private static byte[] Piece(string token) => token switch
    {
        "<unk>" or "<s>" or "</s>" => [],
        ['<', '0', 'x', var high, var low, '>'] => [byte.Parse([high, low], NumberStyles.HexNumber, CultureInfo.InvariantCulture)],
        _ => Encoding.UTF8.GetBytes(token.Replace('▁', ' ')),
    };
}
