using EdgeAssist.MediaGateway.Codecs;
using EdgeAssist.Testing;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Codecs;

public sealed class Downsampler2xTests
{
    [Theory]
    [InlineData(100)]
    [InlineData(1_000)]
    [InlineData(2_500)]
    [InlineData(3_200)]
    public void The_pass_band_is_flat_to_a_tenth_of_a_decibel(int hertz)
    {
        var output = Downsample(ToneProbe.Make(hertz, -3, TimeSpan.FromSeconds(1), 16_000), 320);

        Assert.InRange(ToneProbe.Level(output.AsSpan(500, 7_000), 8_000, hertz), -3.1, -2.9);
    }

    [Theory]
    [InlineData(4_800)]
    [InlineData(5_500)]
    [InlineData(7_000)]
    public void What_would_alias_into_the_pass_band_is_70_dB_down(int hertz)
    {
        var output = Downsample(ToneProbe.Make(hertz, -3, TimeSpan.FromSeconds(1), 16_000), 320);

        Assert.InRange(ToneProbe.Level(output.AsSpan(500, 7_000), 8_000, 8_000 - hertz), -200, -3 - 70);
    }

    [Fact]
    public void The_way_packets_are_cut_does_not_show()
    {
        var tone = ToneProbe.Make(777, -6, TimeSpan.FromSeconds(1), 16_000);

        Assert.Equal(Downsample(tone, 320), Downsample(tone, 40));
    }

    private static short[] Downsample(short[] input, int block)
    {
        var downsampler = new Downsampler2x();
        var output = new short[input.Length / 2];
        for (var at = 0; at < input.Length; at += block) downsampler.Process(input.AsSpan(at, block), output.AsSpan(at / 2));
        return output;
    }
}
