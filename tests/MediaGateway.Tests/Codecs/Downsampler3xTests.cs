using EdgeAssist.MediaGateway.Codecs;
using EdgeAssist.Testing;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Codecs;

public sealed class Downsampler3xTests
{
    [Theory]
    [InlineData(100)]
    [InlineData(1_000)]
    [InlineData(3_400)]
    [InlineData(5_000)]
    [InlineData(6_800)]
    public void The_pass_band_is_flat_to_a_twentieth_of_a_decibel(int hertz)
    {
        var output = Downsample(ToneProbe.Make(hertz, -3, TimeSpan.FromSeconds(1), 48_000), blocks: 960);

        Assert.InRange(ToneProbe.Level(output.AsSpan(1_000, 14_000), 16_000, hertz), -3.05, -2.95);
    }

    [Theory]
    [InlineData(9_200)]
    [InlineData(10_000)]
    [InlineData(12_000)]
    [InlineData(15_000)]
    [InlineData(20_000)]
    public void What_would_alias_into_the_pass_band_is_75_dB_down(int hertz)
    {
        var output = Downsample(ToneProbe.Make(hertz, -3, TimeSpan.FromSeconds(1), 48_000), blocks: 960);
        var alias = Math.Abs(hertz - 16_000 * (int)Math.Round(hertz / 16_000.0));

        Assert.InRange(ToneProbe.Level(output.AsSpan(1_000, 14_000), 16_000, alias), -200, -3 - 75);
    }

    [Fact]
    public void The_way_packets_are_cut_does_not_show()
    {
        var tone = ToneProbe.Make(777, -6, TimeSpan.FromSeconds(1), 48_000);

        Assert.Equal(Downsample(tone, blocks: 4_800), Downsample(tone, blocks: 7));
    }

    [Fact]
    public void One_sample_comes_for_three()
    {
        var downsampler = new Downsampler3x();
        var output = new short[400];
        var (read, written) = (0, 0);
        foreach (var length in new[] { 1, 2, 3, 100, 480, 960, 7 })
        {
            written += downsampler.Process(new short[length], output);
            read += length;
            Assert.InRange(read - 3 * written, -2, 2);
        }
    }

    private static short[] Downsample(short[] input, int blocks)
    {
        var downsampler = new Downsampler3x();
        var output = new short[input.Length / 3 + 1];
        var written = 0;
        for (var at = 0; at < input.Length; at += blocks)
            written += downsampler.Process(input.AsSpan(at, Math.Min(blocks, input.Length - at)), output.AsSpan(written));
        return output[..written];
    }
}
