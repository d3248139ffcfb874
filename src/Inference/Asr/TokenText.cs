using System.Buffers;
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

    private TokenText(byte[][] pieces) => _pieces = pieces;

    public int Count => _pieces.Length;

    /// <param name="vocabulary">UTF-8, one token a line, the line number being its id.</param>
    public static TokenText Parse(ReadOnlySpan<byte> vocabulary) =>
        new([.. Encoding.UTF8.GetString(vocabulary).Split('\n').Select(Piece)]);

    /// <param name="pieces">Each token's octets.</param>
    public static TokenText Of(byte[][] pieces) => new(pieces);

    /// <summary>The token that is exactly this text, with a space in front where there is one.</summary>
    public int? Find(string text)
    {
        var octets = Encoding.UTF8.GetBytes(text);
        var found = Array.FindIndex(_pieces, piece => piece.AsSpan().SequenceEqual(octets));
        return found < 0 ? null : found;
    }

    /// <summary>True when the token holds a letter or a figure, or part of one.</summary>
    public bool IsWord(int token) => Encoding.UTF8.GetString(_pieces[token]).Any(c => char.IsLetterOrDigit(c) || c == '\uFFFD');

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

    private static byte[] Piece(string token) => token switch
    {
        "<unk>" or "<s>" or "</s>" => [],
        ['<', '0', 'x', var high, var low, '>'] => [byte.Parse([high, low], NumberStyles.HexNumber, CultureInfo.InvariantCulture)],
        _ => Encoding.UTF8.GetBytes(token.Replace('▁', ' ')),
    };
}
