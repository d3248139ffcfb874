using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Rtp;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Rtp;

/// <summary>RFC 3550 §A.3 and §A.8.</summary>
public sealed class ReceptionStatisticsTests
{
    private readonly ReceptionStatistics _statistics = new();
    private SequenceTracker _sequence;

    [Fact]
    public void Loss_is_expected_less_received_and_the_fraction_is_of_the_interval()
    {
        for (var i = 0; i < 100; i++) if (i % 4 != 1) Receive((ushort)i);
        var first = _statistics.Report(_sequence);
        for (var i = 100; i < 200; i++) Receive((ushort)i);
        var second = _statistics.Report(_sequence);

        Assert.Equal(25, first.CumulativeLost);
        Assert.Equal(64, first.FractionLost);
        Assert.Equal(99u, first.ExtendedHighest);
        Assert.Equal(25, second.CumulativeLost);
        Assert.Equal(0, second.FractionLost);
    }

    [Fact]
    public void Duplicates_make_the_loss_smaller_and_never_the_fraction_negative()
    {
        for (var i = 0; i < 10; i++)
        {
            Receive((ushort)i);
            Receive((ushort)i);
        }

        var report = _statistics.Report(_sequence);
        Assert.Equal(-10, report.CumulativeLost);
        Assert.Equal(0, report.FractionLost);
    }

    [Fact]
    public void The_cycles_of_the_sequence_number_are_reported()
    {
        for (var i = 65_530; i < 65_546; i++) Receive((ushort)i);

        Assert.Equal(0x1_0009u, _statistics.Report(_sequence).ExtendedHighest);
    }

    [Fact]
    public void Jitter_follows_the_formula_of_the_RFC()
    {
        var expected = 0.0;
        var before = 0.0;
        for (var i = 0; i < 200; i++)
        {
            var delay = i * 7919 % 13;   // ms, 0 to 12
            _statistics.OnPacket((uint)(i * 160), 8_000, new Instant((i * 20 + delay) * TimeSpan.TicksPerMillisecond));
            if (i > 0) expected += (Math.Abs(delay - before) * 8 - expected) / 16;
            before = delay;
        }

        Assert.Equal(expected, _statistics.Jitter, 6);
        Assert.True(expected > 10);
    }

    [Fact]
    public void Jitter_survives_the_wrap_of_the_timestamp()
    {
        for (var i = 0; i < 100; i++) _statistics.OnPacket(unchecked(uint.MaxValue - 8_000 + (uint)(i * 160)), 8_000, new Instant(i * 20 * TimeSpan.TicksPerMillisecond));

        Assert.Equal(0, _statistics.Jitter, 6);
    }

    private void Receive(ushort number)
    {
        _sequence.Update(new SequenceNumber(number), out _);
        _statistics.OnPacket(number, 0, default);
    }
}
