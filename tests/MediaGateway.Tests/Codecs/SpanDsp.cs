using System.Reflection;
using System.Runtime.InteropServices;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Codecs;

/// <summary>G.722 of libspandsp2, an implementation that is not ours.</summary>
internal static unsafe partial class SpanDsp
{
    private const string Library = "libspandsp.so.2";
    private const int BitRate = 64_000;

    public static void SkipIfAbsent()
    {
        if (!NativeLibrary.TryLoad(Library, Assembly.GetExecutingAssembly(), null, out _)) Assert.Skip("libspandsp is not installed (Debian: apt-get install libspandsp2).");
    }

    public static byte[] Encode(short[] pcm)
    {
        var state = g722_encode_init(0, BitRate, 0);
        var encoded = new byte[pcm.Length / 2];
        fixed (byte* octets = encoded)
        fixed (short* samples = pcm)
        {
            Assert.Equal(encoded.Length, g722_encode(state, octets, samples, pcm.Length));
        }

        Assert.Equal(0, g722_encode_free(state));
        return encoded;
    }

    public static short[] Decode(byte[] encoded)
    {
        var state = g722_decode_init(0, BitRate, 0);
        var pcm = new short[2 * encoded.Length];
        fixed (byte* octets = encoded)
        fixed (short* samples = pcm)
        {
            Assert.Equal(pcm.Length, g722_decode(state, samples, octets, encoded.Length));
        }

        Assert.Equal(0, g722_decode_free(state));
        return pcm;
    }

    [LibraryImport(Library)]
    private static partial nint g722_encode_init(nint state, int rate, int options);

    [LibraryImport(Library)]
    private static partial int g722_encode(nint state, byte* encoded, short* pcm, int samples);

    [LibraryImport(Library)]
    private static partial int g722_encode_free(nint state);

    [LibraryImport(Library)]
    private static partial nint g722_decode_init(nint state, int rate, int options);

    [LibraryImport(Library)]
    private static partial int g722_decode(nint state, short* pcm, byte* encoded, int octets);

    [LibraryImport(Library)]
    private static partial int g722_decode_free(nint state);
}
