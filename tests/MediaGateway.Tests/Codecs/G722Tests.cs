using EdgeAssist.MediaGateway.Codecs;
using EdgeAssist.Testing;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Codecs;

public sealed class G722Tests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_octets_decode_bit_for_bit_as_in_spandsp(int seed)
    {
        SpanDsp.SkipIfAbsent();
        var encoded = new byte[80_000];
        new Random(seed).NextBytes(encoded);

        var mine = new short[2 * encoded.Length];
        new G722Decoder().Decode(encoded, mine);

        AssertSame(SpanDsp.Decode(encoded), mine);
    }

    [Theory]
    [InlineData("noise")]
    [InlineData("square")]
    [InlineData("sweep")]
    [InlineData("silence")]
    public void Audio_encodes_and_decodes_bit_for_bit_as_in_spandsp(string signal)
    {
        SpanDsp.SkipIfAbsent();
        var pcm = Signal(signal);

        var encoded = new byte[pcm.Length / 2];
        new G722Encoder().Encode(pcm, encoded);
        var decoded = new short[pcm.Length];
        new G722Decoder().Decode(encoded, decoded);

        Assert.Equal(SpanDsp.Encode(pcm), encoded);
        AssertSame(SpanDsp.Decode(encoded), decoded);
    }

    [Theory]
    [InlineData(300)]
    [InlineData(1_000)]
    [InlineData(3_400)]
    [InlineData(6_000)]
    public void A_tone_passes_both_ways_within_a_decibel(int hertz)
    {
        var tone = ToneProbe.Make(hertz, -12, TimeSpan.FromSeconds(1), 16_000);
        var encoded = new byte[tone.Length / 2];
        var decoded = new short[tone.Length];

        new G722Encoder().Encode(tone, encoded);
        new G722Decoder().Decode(encoded, decoded);

        Assert.InRange(ToneProbe.Level(decoded.AsSpan(2_000, 12_000), 16_000, hertz), -13, -11);
    }

    [Fact]
    public void The_way_packets_are_cut_does_not_show()
    {
        var pcm = Signal("noise");
        var whole = new byte[pcm.Length / 2];
        new G722Encoder().Encode(pcm, whole);
        var (encoder, decoder) = (new G722Encoder(), new G722Decoder());
        byte[] cut = new byte[whole.Length];
        short[] decoded = new short[pcm.Length], reference = new short[pcm.Length];
        new G722Decoder().Decode(whole, reference);

        for (var at = 0; at < whole.Length; at += 160)
        {
            encoder.Encode(pcm.AsSpan(2 * at, 320), cut.AsSpan(at));
            decoder.Decode(cut.AsSpan(at, 160), decoded.AsSpan(2 * at));
        }

        Assert.Equal(whole, cut);
        Assert.Equal(reference, decoded);
    }

    [Fact]
    public void After_a_reset_the_decoder_is_as_new()
    {
        var encoded = new byte[1_600];
        new Random(4).NextBytes(encoded);
        short[] first = new short[3_200], second = new short[3_200];
        var decoder = new G722Decoder();
        decoder.Decode(encoded, first);

        decoder.Reset();
        decoder.Decode(encoded, second);

        Assert.Equal(first, second);
    }

    /// <summary>
    /// spandsp lets the last sum wrap where the recommendation limits it (ACCUMC, ACCUMD): there, and only there, it has the
    /// other sign and we have full scale.
    /// </summary>
    private static void AssertSame(short[] reference, short[] mine)
    {
        var limited = 0;
        for (var i = 0; i < mine.Length; i++)
        {
            if (reference[i] == mine[i]) continue;
            Assert.True(mine[i] is short.MaxValue or short.MinValue && Math.Sign(reference[i]) != Math.Sign(mine[i]), $"Sample {i} is {mine[i]}, spandsp has {reference[i]}.");
            limited++;
        }

        Assert.InRange(limited, 0, mine.Length / 10);
    }

    internal static short[] Signal(string name)
    {
        var random = new Random(7);
        var pcm = new short[32_000];
        for (var i = 0; i < pcm.Length; i++)
        {
            pcm[i] = name switch
            {
                "noise" => (short)random.Next(short.MinValue, short.MaxValue + 1),
                "square" => (short)(i / 37 % 2 == 0 ? 12_000 : -12_000),
                "sweep" => (short)(20_000 * Math.Sin(i * i * 1e-4)),
                _ => 0,
            };
        }

        return pcm;
    }
}
