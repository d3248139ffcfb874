using System.Text;
using EdgeAssist.MediaGateway.Rtcp;
using EdgeAssist.MediaGateway.Rtp;
using EdgeAssist.Testing;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Rtcp;

/// <summary>RFC 3550 §6.</summary>
public sealed class RtcpTests
{
    private readonly VirtualClock _clock = new();

    [Fact]   // §6.4.2, §6.5.1
    public void A_report_carries_the_figures_and_our_name()
    {
        var reporter = new RtcpReporter(0xAABBCCDD, "gateway", 1);
        reporter.OnSenderReport(new SenderInfo(0x1111, 0x0123_4567_89AB_CDEF, 0, 0, 0), _clock.Now);
        _clock.Advance(TimeSpan.FromSeconds(1.5));
        var bytes = new byte[RtcpReporter.MaxLength];

        var length = reporter.WriteReport(0x1111, new ReceptionReport(64, -2, 0x1_0009, 17), _clock.Now, bytes);

        Assert.Equal(RtcpParseError.None, RtcpCompound.TryParse(bytes.AsSpan(0, length), out var compound));
        var types = new List<RtcpType>();
        foreach (var packet in compound)
        {
            types.Add(packet.Type);
            if (packet.Type == RtcpType.ReceiverReport)
            {
                Assert.Equal("AABBCCDD" + "00001111" + "40FFFFFE" + "00010009" + "00000011" + "456789AB" + "00018000", Convert.ToHexString(packet.Body));
            }
            else
            {
                Assert.True(packet.TryReadCname(out var ssrc, out var cname));
                Assert.Equal(0xAABBCCDDu, ssrc);
                Assert.Equal("gateway", Encoding.UTF8.GetString(cname));
            }
        }

        Assert.Equal([RtcpType.ReceiverReport, RtcpType.SourceDescription], types);
        Assert.Equal(0, length % 4);
    }

    [Fact]   // §6.2, §6.3.1
    public void Reports_come_every_five_seconds_spread_by_half_and_the_first_in_half_the_time()
    {
        var reporter = new RtcpReporter(1, "gateway", 99);
        Assert.True(reporter.Deadline.IsNever);
        var bytes = new byte[RtcpReporter.MaxLength];
        reporter.Start(_clock.Now);
        Assert.InRange((reporter.Deadline - _clock.Now).TotalSeconds, 1.25 / 1.2183, 3.75 / 1.2182);

        var intervals = new List<double>();
        for (var i = 0; i < 500; i++)
        {
            reporter.WriteReport(1, default, _clock.Now, bytes);
            intervals.Add((reporter.Deadline - _clock.Now).TotalSeconds);
        }

        Assert.All(intervals, interval => Assert.InRange(interval, 2.5 / 1.2183, 7.5 / 1.2182));
        Assert.InRange(intervals.Average(), 3.9, 4.3);
        Assert.True(intervals.Max() - intervals.Min() > 3);
    }

    [Fact]   // §6.6
    public void A_goodbye_names_its_source()
    {
        var bytes = new byte[RtcpReporter.MaxLength];
        var length = new RtcpReporter(77, "gateway", 1).WriteBye(bytes);

        Assert.Equal(RtcpParseError.None, RtcpCompound.TryParse(bytes.AsSpan(0, length), out var compound));

        var sources = new List<uint>();
        foreach (var packet in compound)
            for (var i = 0; packet.TryReadByeSource(i, out var ssrc); i++) sources.Add(ssrc);
        Assert.Equal([77u], sources);
    }

    [Theory]   // §A.2
    [InlineData("80C90001", nameof(RtcpParseError.TooShort))]
    [InlineData("40C9000100000001", nameof(RtcpParseError.BadVersion))]
    [InlineData("80CA000100000001", nameof(RtcpParseError.BadFirstPacket))]
    [InlineData("A0C9000100000001", nameof(RtcpParseError.BadFirstPacket))]
    [InlineData("80C9000200000001", nameof(RtcpParseError.BadLength))]
    [InlineData("80C900010000000181CB", nameof(RtcpParseError.BadLength))]
    [InlineData("80C900010000000101CB000100000001", nameof(RtcpParseError.BadVersion))]
    [InlineData("80C9000100000001A1CB000100000009", nameof(RtcpParseError.BadPadding))]
    [InlineData("80C9000100000001A1CB000100000000", nameof(RtcpParseError.BadPadding))]
    [InlineData("80C9000100000001A1CB00010000000481CB000100000001", nameof(RtcpParseError.BadPadding))]
    public void A_compound_that_does_not_add_up_is_refused_with_its_reason(string hex, string reason)
    {
        Assert.Equal(reason, RtcpCompound.TryParse(Convert.FromHexString(hex), out _).ToString());
    }

    [Fact]
    public void A_count_that_lies_gives_fewer_items()
    {
        Assert.Equal(RtcpParseError.None, RtcpCompound.TryParse(Convert.FromHexString("80C900010000000185CB000100000007"), out var compound));

        var sources = 0;
        foreach (var packet in compound)
            while (packet.TryReadByeSource(sources, out _)) sources++;
        Assert.Equal(1, sources);
    }
}
