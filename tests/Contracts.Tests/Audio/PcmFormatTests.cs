using Xunit;

namespace EdgeAssist.Contracts.Tests.Audio;

public sealed class PcmFormatTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 625)]
    [InlineData(16_000, 10_000_000)]
    [InlineData(57_600_000, 36_000_000_000)]
    public void Samples_and_durations_are_exact_both_ways(long samples, long ticks)
    {
        Assert.Equal(ticks, PcmFormat.Duration(samples).Ticks);
        Assert.Equal(samples, PcmFormat.Samples(TimeSpan.FromTicks(ticks)));
        Assert.Equal(samples, PcmFormat.Samples(TimeSpan.FromTicks(ticks + 624)));
    }

    [Fact]
    public void The_position_of_an_instant_before_the_origin_is_0()
    {
        var call = new CallInfo { Id = CallId.From(Guid.Empty), Origin = new Instant(1_000_000), StartedAt = default, Source = "replay" };

        Assert.Equal(0, call.PositionAt(new Instant(0)));
        Assert.Equal(160, call.PositionAt(new Instant(1_100_000)));
    }
}
