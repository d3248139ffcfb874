using System.Text;

namespace EdgeAssist.Inference.Asr;

/// <summary>
/// Text into tokens of a SentencePiece vocabulary of byte pairs (Kudo and Richardson 2018): characters first, then the pair whose
/// joint token has the lowest number is joined, until none is left. In these vocabularies the number is the rank of the merge.
/// Characters without a token become their octets' tokens.
/// </summary>
internal sealed class BytePairs
{
    private readonly Dictionary<string, int> _tokens = new(StringComparer.Ordinal);
    private readonly Dictionary<byte, int> _octets = [];

    public BytePairs(TokenText text)
    {
        for (var token = 0; token < text.Count; token++)
        {
            var piece = text.Piece(token);
            if (piece.IsEmpty) continue;
            if (text.IsOctet(token)) _octets.TryAdd(piece[0], token);
            else _tokens.TryAdd(Encoding.UTF8.GetString(piece), token);
        }
    }

    /// <param name="text">With a blank in front where a word begins.</param>
    /// <returns>Empty when a character has neither a token nor octets.</returns>
    public int[] Encode(string text)
    {
        var parts = text.EnumerateRunes().Select(rune => rune.ToString()).ToList();
        while (true)
        {
            var (best, at) = (int.MaxValue, -1);
            for (var i = 0; i + 1 < parts.Count; i++)
                if (_tokens.TryGetValue(parts[i] + parts[i + 1], out var joint) && joint < best) (best, at) = (joint, i);

            if (at < 0) break;
            parts[at] += parts[at + 1];
            parts.RemoveAt(at + 1);
        }

        var tokens = new List<int>(parts.Count);
        foreach (var part in parts)
        {
            if (_tokens.TryGetValue(part, out var token)) tokens.Add(token);
            else
            {
                foreach (var octet in Encoding.UTF8.GetBytes(part))
                {
                    if (!_octets.TryGetValue(octet, out var single)) return [];
                    tokens.Add(single);
                }
            }
        }

        return [.. tokens];
    }
}
