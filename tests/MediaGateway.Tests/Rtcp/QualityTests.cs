using System.Buffers.Binary;
using EdgeAssist.MediaGateway.Rtcp;
using EdgeAssist.MediaGateway.Tests.Media;
using EdgeAssist.Testing;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Rtcp;

/// <summary>What a leg says of its quality: round trip, sender's clock, opinion score.</summary>
public sealed class QualityTests
{
    [Theory] // ITU-T G.107 annex B, table B.1
    [InlineData(90, 4.34)]
    [InlineData(80, 4.03)]
    [InlineData(70, 3.60)]
    [InlineData(60, 3.10)]
    [InlineData(50, 2.58)]
    public void The_opinion_score_of_a_rating_is_that_of_the_recommendation(double rating, double expected) =>
        Assert.InRange(VoiceQuality.Mos(rating), expected - 0.01, expected + 0.01);

    [Theory] // 93.2 less 95·p/(p + 25.1), less 0.024·d + 0.11·max(0, d − 177.3)
    [InlineData(0, 0, 93.2)]
    [InlineData(0, 150, 89.6)]
    [InlineData(0.05, 0, 77.42)]
    [InlineData(0, 400, 59.10)]
    [InlineData(0.05, 400, 43.32)]
    public void Loss_and_delay_take_from_the_rating(double loss, int delay, double expected) =>
        Assert.Equal(expected, VoiceQuality.Rating(loss, TimeSpan.FromMilliseconds(delay)), 2);

    [Fact]
    public void The_opinion_score_never_rises_with_loss_or_delay()
    {
        var before = 5.0;
        for (var i = 0; i <= 100; i++)
        {
            var score = VoiceQuality.Mos(VoiceQuality.Rating(i / 100.0, TimeSpan.FromMilliseconds(10 * i)));
            Assert.InRange(score, 1, before);
            before = score;
        }
    }

    [Fact] // RFC 3611 §4.4, §4.5
    public void A_peer_that_answers_our_reference_time_tells_the_round_trip()
    {
        var rig = new LegRig();
        rig.Talk(10);
        Span<byte> report = stackalloc byte[512];
        var length = rig.Leg.WriteReport(rig.Clock.Now, report);
        var reference = ReferenceTime(report[..length]);

        // 30 ms there, half a second at the peer, 30 ms back.
        rig.Clock.Advance(TimeSpan.FromMilliseconds(560));
        rig.Leg.OnDatagram(Answer(reference, (uint)(0.5 * 65_536)), rig.Clock.Now);

        Assert.InRange(rig.Statistics.RoundTrip!.Value.TotalMilliseconds, 59.9, 60.1);
    }

    [Fact]
    public void An_impossible_answer_to_our_reference_time_is_not_believed()
    {
        var rig = new LegRig();
        rig.Talk(10);

        rig.Leg.OnDatagram(Answer(0x1234_5678, 0xFFFF_FFFF), rig.Clock.Now);
        rig.Leg.OnDatagram(Answer(0, 0), rig.Clock.Now);

        Assert.Null(rig.Statistics.RoundTrip);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(-200)]
    [InlineData(0)]
    public void Sender_reports_tell_how_fast_the_sender_s_clock_runs(int partsPerMillion)
    {
        var clock = new SenderClock();
        for (var second = 0; second <= 600; second += 5)
        {
            var ticks = (long)(second * 8_000.0 * (1 + partsPerMillion / 1e6));
            clock.OnReport(new SenderInfo(1, (ulong)second << 32, (uint)(4_294_960_000 + ticks), 0, 0), 8_000);   // wraps on the way
        }

        Assert.InRange(clock.PartsPerMillion!.Value, partsPerMillion - 1, partsPerMillion + 1);
    }

    [Fact]
    public void A_sender_that_begins_to_count_anew_has_no_clock_speed()
    {
        var clock = new SenderClock();
        clock.OnReport(new SenderInfo(1, 0, 5_000_000, 0, 0), 8_000);
        clock.OnReport(new SenderInfo(1, 30UL << 32, 17, 0, 0), 8_000);

        Assert.Null(clock.PartsPerMillion);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(10)]
    public void A_leg_s_loss_and_score_are_those_of_its_network(int percent)
    {
        var rig = new LegRig(new NetworkProfile { Loss = percent / 100.0, Duplication = 0.02 }, seed: 6);

        rig.Talk(5_000);
        rig.Finish();

        var counts = rig.Statistics;
        Assert.Equal(rig.Network.Lost / (double)rig.Network.Sent, counts.LossRatio, 3);
        Assert.Equal(VoiceQuality.Mos(VoiceQuality.Rating(counts.LossRatio, counts.ReorderDepth + TimeSpan.FromMilliseconds(20))), counts.MeanOpinionScore, 6);
    }

    [Fact]
    public void Jitter_is_given_as_time_too()
    {
        var rig = new LegRig(new NetworkProfile { Jitter = TimeSpan.FromMilliseconds(30) }, seed: 6);

        rig.Talk(2_000);

        Assert.InRange(rig.Statistics.Jitter.TotalMilliseconds, 4, 16);
        Assert.Equal(rig.Statistics.JitterInRtpUnits / 8, rig.Statistics.Jitter.TotalMilliseconds, 3);
    }

    private static uint ReferenceTime(ReadOnlySpan<byte> report)
    {
        Assert.Equal(RtcpParseError.None, RtcpCompound.TryParse(report, out var compound));
        foreach (var packet in compound)
        {
            if (packet.Type == RtcpType.ExtendedReport) return BinaryPrimitives.ReadUInt32BigEndian(packet.Body[10..]);
        }

        throw new InvalidOperationException("The report has no reference time.");
    }

    /// <summary>Empty RR, then XR with one DLRR block about the rig's reporter.</summary>
    private static byte[] Answer(uint reference, uint delay)
    {
        var packet = new byte[8 + 8 + 16];
        (packet[0], packet[1], packet[3]) = (0x80, 201, 1);
        (packet[8], packet[9], packet[11]) = (0x80, 207, 5);
        (packet[16], packet[19]) = (5, 3);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(20), 0xAAAA);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(24), reference);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(28), delay);
        return packet;
    }
}
