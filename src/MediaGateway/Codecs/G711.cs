using System.Numerics;
using System.Runtime.Intrinsics;

namespace EdgeAssist.MediaGateway.Codecs;

/// <summary>
/// ITU-T G.711: eight-bit companded samples at 8 kHz and their 16-bit linear values. The 14-bit (µ-law) and 13-bit (A-law)
/// values of the recommendation are shifted up to 16 bits, so full scale is ±32 124 and ±32 256.
/// </summary>
internal static class G711
{
    /// <summary>The µ-law octet of silence, sent with its sign bit set as most encoders do.</summary>
    public const byte MuLawSilence = 0xFF;

    /// <summary>The A-law octet of the smallest positive value; A-law has no zero.</summary>
    public const byte ALawSilence = 0xD5;

    private const int MuLawBias = 132;
    private const int MuLawClip = 32_635;

    private static readonly short[] s_muLaw = Table(ExpandMuLaw);
    private static readonly short[] s_aLaw = Table(ExpandALaw);

    public static short DecodeMuLaw(byte code) => s_muLaw[code];

    public static short DecodeALaw(byte code) => s_aLaw[code];

    /// <summary>Decodes one sample an octet.</summary>
    /// <exception cref="ArgumentException"><paramref name="pcm"/> is shorter than <paramref name="encoded"/>.</exception>
    public static void DecodeMuLaw(ReadOnlySpan<byte> encoded, Span<short> pcm)
    {
        CheckRoom(encoded.Length, pcm.Length);
        for (var i = Vector128.IsHardwareAccelerated ? G711Vectors.DecodeMuLaw(encoded, pcm) : 0; i < encoded.Length; i++) pcm[i] = s_muLaw[encoded[i]];
    }

    /// <inheritdoc cref="DecodeMuLaw(ReadOnlySpan{byte}, Span{short})"/>
    public static void DecodeALaw(ReadOnlySpan<byte> encoded, Span<short> pcm)
    {
        CheckRoom(encoded.Length, pcm.Length);
        for (var i = Vector128.IsHardwareAccelerated ? G711Vectors.DecodeALaw(encoded, pcm) : 0; i < encoded.Length; i++) pcm[i] = s_aLaw[encoded[i]];
    }

    /// <summary>The code whose decision interval (G.711 table 2) holds the sample.</summary>
    public static byte EncodeMuLaw(short sample)
    {
        var sign = sample < 0 ? 0x80 : 0;
        var biased = Math.Min(Math.Abs((int)sample), MuLawClip) + MuLawBias;
        var segment = BitOperations.Log2((uint)biased) - 7;
        var step = (biased >> (segment + 3)) & 0x0F;
        return (byte)~(sign | (segment << 4) | step);
    }

    /// <summary>The code whose decision interval (G.711 table 1) holds the sample.</summary>
    public static byte EncodeALaw(short sample)
    {
        // The intervals are half-open towards zero on both sides, hence one's complement for negative samples.
        var magnitude = sample < 0 ? ~sample : sample;
        var segment = magnitude < 256 ? 0 : BitOperations.Log2((uint)magnitude) - 7;
        var step = (magnitude >> (segment == 0 ? 4 : segment + 3)) & 0x0F;
        return (byte)(((segment << 4) | step) ^ (sample < 0 ? 0x55 : 0xD5));
    }

    public static void EncodeMuLaw(ReadOnlySpan<short> pcm, Span<byte> encoded)
    {
        CheckRoom(pcm.Length, encoded.Length);
        for (var i = Vector128.IsHardwareAccelerated ? G711Vectors.EncodeMuLaw(pcm, encoded) : 0; i < pcm.Length; i++) encoded[i] = EncodeMuLaw(pcm[i]);
    }

    public static void EncodeALaw(ReadOnlySpan<short> pcm, Span<byte> encoded)
    {
        CheckRoom(pcm.Length, encoded.Length);
        for (var i = Vector128.IsHardwareAccelerated ? G711Vectors.EncodeALaw(pcm, encoded) : 0; i < pcm.Length; i++) encoded[i] = EncodeALaw(pcm[i]);
    }

    private static void CheckRoom(int samples, int room) => ArgumentOutOfRangeException.ThrowIfGreaterThan(samples, room);

    private static short ExpandMuLaw(byte code)
    {
        var bits = ~code & 0xFF;
        var segment = (bits >> 4) & 0x07;
        var magnitude = ((((bits & 0x0F) << 3) + MuLawBias) << segment) - MuLawBias;
        return (short)((bits & 0x80) != 0 ? -magnitude : magnitude);
    }

    private static short ExpandALaw(byte code)
    {
        var bits = code ^ 0x55;   // even bits are inverted on the line (G.711 §3.2)
        var segment = (bits >> 4) & 0x07;
        var magnitude = ((bits & 0x0F) << 4) + 8;
        if (segment > 0) magnitude = (magnitude + 256) << (segment - 1);
        return (short)((bits & 0x80) != 0 ? magnitude : -magnitude);
    }

    private static short[] Table(Func<byte, short> expand) => [.. Enumerable.Range(0, 256).Select(code => expand((byte)code))];
}
