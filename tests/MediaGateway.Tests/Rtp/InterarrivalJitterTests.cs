using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Rtp;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Rtp;

/// <summary>RFC 3550 §A.8.</summary>
public sealed class InterarrivalJitterTests
{
    private static readonly Instant s_start = new(40 * TimeSpan.TicksPerDay);

    [Fact]
    public void An_even_stream_has_none_across_the_wrap_of_its_timestamps()
    {
        var jitter = default(InterarrivalJitter);

        for (var packet = 0; packet < 100; packet++) jitter.Update(unchecked(uint.MaxValue - 800 + (160 * (uint)packet)), 8_000, s_start + TimeSpan.FromMilliseconds(20 * packet));

        Assert.Equal(0, jitter.Units);
    }

    [Fact]
    public void Packets_by_turns_four_milliseconds_late_come_to_four_milliseconds()
    {
        var jitter = default(InterarrivalJitter);

        for (var packet = 0; packet < 400; packet++)
            jitter.Update(160 * (uint)packet, 8_000, s_start + TimeSpan.FromMilliseconds((20 * packet) + (packet % 2 * 4)));

        Assert.Equal(32, jitter.Units, 0.01);
        Assert.Equal(4, jitter.Time.TotalMilliseconds, 0.01);
    }

    [Fact]
    public void Another_clock_or_source_is_not_compared_with_the_one_before()
    {
        var jitter = default(InterarrivalJitter);
        jitter.Update(1_000, 8_000, s_start);
        jitter.Update(1_160, 8_000, s_start + TimeSpan.FromMilliseconds(36));   // 16 ms late: 128 units, a sixteenth of it counts
        Assert.Equal(8, jitter.Units);

        jitter.Update(900_000, 48_000, s_start + TimeSpan.FromMilliseconds(40));
        Assert.Equal(48, jitter.Units);
        jitter.Restart();
        jitter.Update(5, 48_000, s_start + TimeSpan.FromMilliseconds(60));
        Assert.Equal(1, jitter.Time.TotalMilliseconds);
    }
}
