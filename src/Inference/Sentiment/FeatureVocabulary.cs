using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace EdgeAssist.Inference.Sentiment;

/// <summary>
/// The features a model knows, as sorted hashes; a feature's row in the embedding table is its place, counted from 1. Row 0
/// belongs to every utterance. File: <c>EAFV</c>, version 1, count, then the hashes, all 32-bit little-endian.
/// </summary>
internal sealed class FeatureVocabulary
{
    private const uint Magic = 0x56464145; // "EAFV"
    private const uint Version = 1;
    private const int MaxFeatures = 4_000_000;

    private readonly uint[] _hashes;

    /// <param name="hashes">Rising, without duplicates; owned by the vocabulary from here on.</param>
    /// <exception cref="ArgumentException">The hashes do not rise.</exception>
    public FeatureVocabulary(uint[] hashes)
    {
        if (!Rises(hashes)) throw new ArgumentException("The hashes of a vocabulary must rise.", nameof(hashes));
        _hashes = hashes;
    }

    /// <summary>Features known; the table has one row more.</summary>
    public int Count => _hashes.Length;

    /// <summary>Reads the bytes of a vocabulary file.</summary>
    /// <param name="bytes">Any bytes.</param>
    /// <param name="vocabulary">The vocabulary.</param>
    /// <param name="wrong">What is wrong with the bytes, for people.</param>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out FeatureVocabulary? vocabulary, out string wrong)
    {
        vocabulary = null;
        wrong = "";
        if (bytes.Length < 12 || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic) wrong = "it does not begin with EAFV";
        else if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) != Version) wrong = $"its version is not {Version}";
        else if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]) is var count && (count > MaxFeatures || bytes.Length != 12 + 4 * (long)count))
            wrong = $"it says {count} features in {bytes.Length} bytes";
        if (wrong.Length > 0) return false;

        var hashes = new uint[(bytes.Length - 12) / 4];
        for (var i = 0; i < hashes.Length; i++) hashes[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(12 + 4 * i)..]);
        if (!Rises(hashes))
        {
            wrong = "its hashes do not rise";
            return false;
        }

        vocabulary = new FeatureVocabulary(hashes);
        return true;
    }

    /// <summary>The file's bytes.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[12 + 4 * _hashes.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), Version);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), (uint)_hashes.Length);
        for (var i = 0; i < _hashes.Length; i++) BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12 + 4 * i), _hashes[i]);
        return bytes;
    }

    /// <summary>The rows of an utterance, rising, row 0 first: what the model is given.</summary>
    public long[] Rows(IReadOnlyList<string> words)
    {
        var features = new HashSet<uint>(words.Count * 16);
        TextFeaturizer.Add(words, features);

        var rows = new List<long>(features.Count + 1) { 0 };
        foreach (var feature in features)
        {
            var place = Array.BinarySearch(_hashes, feature);
            if (place >= 0) rows.Add(place + 1);
        }

        rows.Sort(); // one order of addition, so that equal utterances give equal bits
        return [.. rows];
    }

    private static bool Rises(ReadOnlySpan<uint> hashes)
    {
        for (var i = 1; i < hashes.Length; i++)
        {
            if (hashes[i] <= hashes[i - 1]) return false;
        }

        return true;
    }
}
