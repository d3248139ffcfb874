using EdgeAssist.MediaGateway.Codecs;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Codecs;

/// <summary>The vectorised way against the table and the law, sample by sample.</summary>
public sealed class G711VectorTests
{
    private static readonly byte[] s_codes = [.. Enumerable.Range(0, 256).Select(code => (byte)code)];
    private static readonly short[] s_samples = [.. Enumerable.Range(short.MinValue, 65_536).Select(sample => (short)sample)];

    [Fact]
    public void Every_code_decodes_as_in_the_tables()
    {
        short[] muLaw = new short[256], aLaw = new short[256];

        Assert.Equal(256, G711Vectors.DecodeMuLaw(s_codes, muLaw));
        Assert.Equal(256, G711Vectors.DecodeALaw(s_codes, aLaw));

        Assert.Equal(s_codes.Select(G711.DecodeMuLaw), muLaw);
        Assert.Equal(s_codes.Select(G711.DecodeALaw), aLaw);
    }

    [Fact]
    public void Every_sample_encodes_as_by_the_law()
    {
        byte[] muLaw = new byte[65_536], aLaw = new byte[65_536];

        Assert.Equal(65_536, G711Vectors.EncodeMuLaw(s_samples, muLaw));
        Assert.Equal(65_536, G711Vectors.EncodeALaw(s_samples, aLaw));

        Assert.Equal(s_samples.Select(G711.EncodeMuLaw), muLaw);
        Assert.Equal(s_samples.Select(G711.EncodeALaw), aLaw);
    }

    [Fact]
    public void Any_length_is_done_to_its_end()
    {
        for (var length = 0; length < 100; length++)
        {
            var pcm = new short[length];
            var encoded = new byte[length];
            G711.DecodeMuLaw(s_codes.AsSpan(0, length), pcm);
            Assert.Equal(s_codes.Take(length).Select(G711.DecodeMuLaw), pcm);
            G711.EncodeMuLaw(pcm, encoded);
            Assert.Equal(pcm.Select(G711.EncodeMuLaw), encoded);
            G711.DecodeALaw(s_codes.AsSpan(0, length), pcm);
            Assert.Equal(s_codes.Take(length).Select(G711.DecodeALaw), pcm);
            G711.EncodeALaw(pcm, encoded);
            Assert.Equal(pcm.Select(G711.EncodeALaw), encoded);
        }
    }

    [Fact]
    public void Too_little_room_is_refused_before_anything_is_written()
    {
        Assert.ThrowsAny<ArgumentException>(() => G711.DecodeMuLaw(new byte[17], new short[16]));
        Assert.ThrowsAny<ArgumentException>(() => G711.EncodeALaw(new short[17], new byte[16]));
    }
}
