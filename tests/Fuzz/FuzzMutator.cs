namespace EdgeAssist.Fuzz;

/// <summary>Makes new inputs of old ones, as fuzzers do: a few edits on top of each other, or the head of one with the tail of another.</summary>
/// <param name="random">Source of choices; a seed makes a run repeatable.</param>
/// <param name="words">What the target's seeds are made of; put in as they are.</param>
internal sealed class FuzzMutator(Random random, IReadOnlyList<byte[]> words)
{
    private const int MaxLength = 16 * 1024;

    // What breaks text protocols: separators, line ends, signs, quotes, brackets, NUL, high bytes.
    private static readonly byte[] s_sharp = [.. "\r\n \t:;,=<>\"\\%@?/[]-+0123456789&'!#*()|^"u8, 0, 0x7F, 0x80, 0xC3, 0xFF];

    public byte[] Mutate(byte[] input, byte[] other)
    {
        var bytes = new List<byte>(random.Next(8) == 0 ? Splice(input, other) : input);
        for (var edits = 1 << random.Next(5); edits > 0; edits--) Edit(bytes);
        if (bytes.Count > MaxLength) bytes.RemoveRange(MaxLength, bytes.Count - MaxLength);
        return [.. bytes];
    }

    private byte[] Splice(byte[] head, byte[] tail) => [.. head[..random.Next(head.Length + 1)], .. tail[random.Next(tail.Length + 1)..]];

    private void Edit(List<byte> bytes)
    {
        var at = random.Next(bytes.Count + 1);
        var length = Math.Min(bytes.Count - at, 1 << random.Next(7));
        switch (random.Next(8))
        {
            case 0 when at < bytes.Count: bytes[at] ^= (byte)(1 << random.Next(8)); break;
            case 1 when at < bytes.Count: bytes[at] = s_sharp[random.Next(s_sharp.Length)]; break;
            case 2 when at < bytes.Count: bytes[at] = (byte)random.Next(256); break;
            case 3: bytes.Insert(at, s_sharp[random.Next(s_sharp.Length)]); break;
            case 4: bytes.RemoveRange(at, length); break;
            case 5: bytes.InsertRange(at, bytes.GetRange(at, length)); break;
            case 6: bytes.InsertRange(at, words[random.Next(words.Count)]); break;
            case 7 when bytes.Count > 0:
                var from = random.Next(bytes.Count);
                bytes.InsertRange(at, bytes.GetRange(from, Math.Min(bytes.Count - from, 1 << random.Next(9))));
                break;
        }
    }
}
