using EdgeAssist.MediaGateway.Codecs;
using EdgeAssist.Testing;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Codecs;

public sealed class LossConcealerTests
{
    [Theory]
    [InlineData(100)]
    [InlineData(160)]
    public void A_voiced_sound_goes_on_at_its_pitch_and_fades(int hertz)
    {
        var concealer = new LossConcealer();
        concealer.Remember(ToneProbe.Make(hertz, -6, TimeSpan.FromMilliseconds(50), 8_000), 8_000);
        var made = new short[480];

        concealer.Conceal(made);

        var expected = ToneProbe.Make(hertz, -6, TimeSpan.FromMilliseconds(110), 8_000).AsSpan(400, 80);
        for (var i = 0; i < 80; i++) Assert.InRange(made[i] - expected[i], -2_000, 2_000);
        Assert.True(made[400..].Max(sample => Math.Abs((int)sample)) < 4_000, "The end is fading.");
    }

    [Fact]
    public void Beyond_60_ms_and_without_a_past_there_is_silence()
    {
        var concealer = new LossConcealer();
        var made = new short[160];
        concealer.Conceal(made);
        Assert.All(made, sample => Assert.Equal(0, sample));

        concealer.Remember(ToneProbe.Make(120, -6, TimeSpan.FromMilliseconds(50), 8_000), 8_000);
        concealer.Conceal(new short[480]);
        concealer.Conceal(made);

        Assert.All(made, sample => Assert.Equal(0, sample));
    }
}
