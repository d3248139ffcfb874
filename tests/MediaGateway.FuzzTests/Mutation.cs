using CsCheck;
using EdgeAssist.Testing;

namespace EdgeAssist.MediaGateway.FuzzTests;

/// <summary>Inputs near good ones: bytes of a corpus with a few of them changed, taken out, doubled or put in, and plain noise.</summary>
internal static class Mutation
{
    // What breaks text protocols: separators, line ends, signs, quotes, brackets, NUL, high bytes.
    private static readonly byte[] s_sharp = "\r\n \t:;,=<>\"\\%@?/[]-+0123456789\0"u8.ToArray();

    public static Gen<byte[]> Of(byte[][] corpus)
    {
        var edit = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 10_000], Gen.Int[1, 40], Gen.OneOf(Gen.OneOf(s_sharp), Gen.Byte));
        var mutated = Gen.Select(Gen.Int[0, corpus.Length - 1], edit.Array[0, 6])
            .Select((index, edits) => edits.Aggregate(corpus[index], Apply));
        return Gen.Frequency((9, mutated), (1, Gen.Byte.Array[0, 300]));
    }

    /// <summary>The files of a shared folder, none when it is not on this machine.</summary>
    public static byte[][] SharedFiles(string folder, string pattern) =>
        SharedFolder.Find(folder) is { } path ? [.. Directory.GetFiles(path, pattern).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)] : [];

    private static byte[] Apply(byte[] bytes, (int Kind, int Position, int Length, byte Value) edit)
    {
        if (bytes.Length == 0) return [edit.Value];
        var at = edit.Position % bytes.Length;
        var end = Math.Min(bytes.Length, at + edit.Length);
        return edit.Kind switch
        {
            0 => [.. bytes[..at], edit.Value, .. bytes[(at + 1)..]],
            1 => [.. bytes[..at], .. bytes[end..]],
            2 => [.. bytes[..end], .. bytes[at..]],
            _ => [.. bytes[..at], edit.Value, .. bytes[at..]],
        };
    }
}
