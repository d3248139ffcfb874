using EdgeAssist.MediaGateway.Codecs;
using EdgeAssist.Testing;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Codecs;

public sealed class Upsampler2xTests
{
    [Theory]
    [InlineData(100)]
    [InlineData(300)]
    [InlineData(1_000)]
    [InlineData(2_000)]
    [InlineData(3_000)]
    [InlineData(3_400)]
    public void The_telephone_band_passes_within_a_hundredth_of_a_decibel_and_its_image_75_dB_down(int hertz)
    {
        var output = Upsample(ToneProbe.Make(hertz, -3, TimeSpan.FromSeconds(1), 8_000), blocks: 160);
        var settled = output.AsSpan(1_000, 14_000);

        Assert.InRange(ToneProbe.Level(settled, 16_000, hertz), -3.01, -2.99);
        Assert.InRange(ToneProbe.Level(settled, 16_000, 8_000 - hertz), -200, -3 - 75);
    }

    [Fact]
    public void The_way_packets_are_cut_does_not_show()
    {
        var tone = ToneProbe.Make(777, -6, TimeSpan.FromSeconds(1), 8_000);

        Assert.Equal(Upsample(tone, blocks: 800), Upsample(tone, blocks: 7));
    }

    [Fact]
    public void Every_second_sample_is_an_input_sample_39_later()
    {
        var tone = ToneProbe.Make(1_234, -6, TimeSpan.FromSeconds(1), 8_000);

        var output = Upsample(tone, blocks: 160);

        for (var i = 0; i < 7_000; i++) Assert.Equal(tone[i], output[2 * i + Upsampler2x.DelayInOutputSamples]);
    }

    [Fact]
    public void Full_scale_saturates_and_does_not_wrap()
    {
        var square = Enumerable.Range(0, 1_600).Select(i => i / 8 % 2 == 0 ? short.MaxValue : short.MinValue).ToArray();

        var output = Upsample(square, blocks: 160);

        Assert.Contains(short.MaxValue, output);
        for (var i = 200; i < output.Length - 200; i++)
            Assert.True(Math.Abs(output[i] - output[i - 1]) <= 40_000, $"Sample {i} jumps from {output[i - 1]} to {output[i]}: a wrap would be 65,535.");
    }

    private static short[] Upsample(short[] input, int blocks)
    {
        var upsampler = new Upsampler2x();
        var output = new short[2 * input.Length];
        for (var at = 0; at < input.Length; at += blocks)
            upsampler.Process(input.AsSpan(at, Math.Min(blocks, input.Length - at)), output.AsSpan(2 * at));
        return output;
    }
}
