using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace EdgeAssist.MediaGateway.Codecs;

/// <summary>RFC 3551 §4.5.11: uncompressed 16-bit signed samples in network byte order.</summary>
internal static class L16
{
    /// <summary>Decodes two octets a sample; an odd last octet is no sample and is left out.</summary>
    /// <returns>The samples written.</returns>
    /// <exception cref="ArgumentException"><paramref name="pcm"/> is too short.</exception>
    public static int Decode(ReadOnlySpan<byte> encoded, Span<short> pcm)
    {
        var count = encoded.Length / 2;
        if (pcm.Length < count) throw new ArgumentException($"{count} samples do not fit into {pcm.Length}.", nameof(pcm));

        var words = MemoryMarshal.Cast<byte, short>(encoded[..(2 * count)]);
        if (BitConverter.IsLittleEndian) BinaryPrimitives.ReverseEndianness(words, pcm);
        else words.CopyTo(pcm);
        return count;
    }
}
