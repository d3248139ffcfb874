using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EdgeAssist.Contracts.Tests.Time;

public sealed class InstantTests
{
    [Fact]
    public void Never_is_later_than_everything_and_stays_never()
    {
        Assert.True(Instant.Never.IsNever);
        Assert.True(Instant.Never > new Instant(long.MaxValue - 1));
        Assert.Equal(Instant.Never, Instant.Never + TimeSpan.FromDays(1));
        Assert.Equal(Instant.Never, Instant.Never - TimeSpan.FromDays(1));
        Assert.Equal("never", Instant.Never.ToString());
    }

    [Fact]
    public void Time_that_passes_on_the_clock_is_the_difference_of_two_instants()
    {
        var clock = new FakeTimeProvider();
        var before = Instant.Now(clock);

        clock.Advance(TimeSpan.FromMilliseconds(1_234.5));

        Assert.Equal(TimeSpan.FromMilliseconds(1_234.5), Instant.Now(clock) - before);
    }

    [Theory]
    [InlineData(1_000_000_000, 3_600_000_000_123_456_789, 36_000_000_001_234_567)]
    [InlineData(10_000_000, 9_000_000_000_000_000_000, 9_000_000_000_000_000_000)]
    [InlineData(3_579_545, 3_579_545, 10_000_000)]
    public void A_clock_of_any_frequency_is_read_in_ticks_without_overflow(long frequency, long timestamp, long ticks)
    {
        Assert.Equal(ticks, Instant.Now(new Clock(frequency, timestamp)).Ticks);
    }

    [Fact]
    public void Comparison_minimum_and_maximum_agree()
    {
        var (early, late) = (new Instant(1), new Instant(2));

        Assert.True(early < late && late > early && early <= late && late >= early);
        Assert.Equal(early, Instant.Min(late, early));
        Assert.Equal(late, Instant.Max(late, early));
        Assert.True(early.CompareTo(late) < 0);
        Assert.Equal("0.000000 s", new Instant(1).ToString());
    }

    [Fact]
    public void A_step_of_the_wall_clock_changes_no_duration()
    {
        var anchor = new ClockAnchor(new Instant(1_000), new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

        Assert.Equal(anchor.Wall + TimeSpan.FromSeconds(5), anchor.ToWall(anchor.Monotonic + TimeSpan.FromSeconds(5)));
        Assert.Equal(anchor.Monotonic - TimeSpan.FromSeconds(5), anchor.ToInstant(anchor.Wall - TimeSpan.FromSeconds(5)));
    }

    private sealed class Clock(long frequency, long timestamp) : TimeProvider
    {
        public override long TimestampFrequency => frequency;

        public override long GetTimestamp() => timestamp;
    }
}
