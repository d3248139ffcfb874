using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Codecs;
using EdgeAssist.MediaGateway.Rtp;
using EdgeAssist.Testing;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Media;

/// <summary>From datagrams to the fork, in virtual time.</summary>
public sealed class LegReceiverTests
{
    private const int Ms = PcmFormat.SamplesPerMillisecond;

    [Fact]
    public void Packets_in_order_are_forked_at_once_and_without_a_hole()
    {
        var rig = new LegRig();

        rig.Talk(50);
        var heard = rig.Finish();

        Assert.Equal(50 * 320, heard.Of(PcmFrameKind.Received));
        Assert.All(heard.Frames.Where(frame => frame.Kind == PcmFrameKind.Received).Skip(1),
            frame => Assert.Equal(frame.ArrivedAt, frame.ForkedAt));
        AssertUnbroken(heard);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(10)]
    public void Loss_is_counted_to_the_packet(int percent)
    {
        var rig = new LegRig(new NetworkProfile { Delay = TimeSpan.FromMilliseconds(30), Loss = percent / 100.0 }, seed: 40 + percent);

        // Loss in front of the first packet or behind the last shows in no sequence number: those go around the network.
        rig.TalkAroundTheNetwork(2);
        rig.Talk(3_000);
        rig.Run(TimeSpan.FromMilliseconds(30));
        rig.TalkAroundTheNetwork(1);
        var heard = rig.Finish();

        Assert.True(rig.Network.Lost > 0);
        Assert.Equal(rig.Network.Lost, rig.Statistics.Lost);
        Assert.Equal(3_003 - rig.Network.Lost, rig.Statistics.Packets);
        Assert.Equal(rig.Statistics.Packets * 320, heard.Of(PcmFrameKind.Received));
        Assert.Equal(rig.Network.Lost * 320, heard.Of(PcmFrameKind.Concealed) + heard.Of(PcmFrameKind.Lost));
        AssertUnbroken(heard);
    }

    [Fact]
    public void Reordered_packets_are_put_back_and_none_counts_as_lost()
    {
        var rig = new LegRig(new NetworkProfile { Delay = TimeSpan.FromMilliseconds(20), Reordering = 0.1, ReorderDelay = TimeSpan.FromMilliseconds(35) }, seed: 3);

        rig.Talk(1_000);
        var heard = rig.Finish();

        Assert.True(rig.Network.Reordered > 50);
        Assert.Equal(0, rig.Statistics.Lost);
        Assert.Equal(0, rig.Statistics.Late);
        Assert.True(rig.Statistics.Reordered > 50);
        Assert.Equal(1_000 * 320, heard.Of(PcmFrameKind.Received));
        Assert.Equal(0, heard.Of(PcmFrameKind.Concealed));
        AssertUnbroken(heard);
    }

    [Fact]
    public void Duplicates_are_counted_and_heard_once()
    {
        var rig = new LegRig(new NetworkProfile { Duplication = 0.2 }, seed: 4);

        rig.Talk(1_000);
        var heard = rig.Finish();

        Assert.True(rig.Network.Duplicated > 100);
        Assert.Equal(rig.Network.Duplicated, rig.Statistics.Duplicate);
        Assert.Equal(1_000 * 320, heard.Of(PcmFrameKind.Received));
        Assert.Equal(0, rig.Statistics.Lost);
    }

    [Fact]
    public void A_packet_behind_the_depth_is_late_and_its_place_is_concealed()
    {
        var rig = new LegRig(depth: TimeSpan.FromMilliseconds(40));
        rig.Talk(10);
        var held = rig.Build(rig.Tone(160)).ToArray();
        rig.SkipPacket();
        rig.Talk(5);

        rig.Leg.OnDatagram(held, rig.Clock.Now);
        rig.Leg.OnDatagram(held, rig.Clock.Now);
        rig.Talk(5);
        var heard = rig.Finish();

        Assert.Equal(1, rig.Statistics.Late);
        Assert.Equal(1, rig.Statistics.Duplicate);
        Assert.Equal(1, rig.Statistics.Lost);
        Assert.Equal(20 * Ms, heard.Of(PcmFrameKind.Concealed));
        AssertUnbroken(heard);
    }

    [Fact]
    public void A_gap_is_given_up_after_the_depth_and_not_before()
    {
        var rig = new LegRig(depth: TimeSpan.FromMilliseconds(60));
        rig.Talk(10);
        rig.SkipPacket();
        rig.Send(rig.Tone(160));
        var before = rig.Heard.Frames.Count;

        rig.Run(TimeSpan.FromMilliseconds(59));
        var atTheDepth = rig.Heard.Frames.Count;
        rig.Run(TimeSpan.FromMilliseconds(11));

        Assert.Equal(before, atTheDepth);
        Assert.Equal(before + 2, rig.Heard.Frames.Count);   // one concealed, one received
    }

    [Fact]
    public void What_is_lost_beyond_60_ms_is_marked_lost_and_silent()
    {
        var rig = new LegRig();
        rig.Talk(10);
        for (var i = 0; i < 10; i++) rig.SkipPacket();
        rig.Talk(10);

        var heard = rig.Finish();

        Assert.Equal(60 * Ms, heard.Of(PcmFrameKind.Concealed));
        Assert.Equal(140 * Ms, heard.Of(PcmFrameKind.Lost));
        Assert.Equal(10, rig.Statistics.Lost);
        var lost = heard.Frames.Single(frame => frame.Kind == PcmFrameKind.Lost);
        Assert.All(Samples(heard, lost), sample => Assert.Equal(0, sample));
        var concealed = heard.Frames.Single(frame => frame.Kind == PcmFrameKind.Concealed);
        Assert.True(Samples(heard, concealed).Take(160).Max(sample => Math.Abs((int)sample)) > 6_000, "The first 10 ms sound like the tone before.");
        AssertUnbroken(heard);
    }

    [Fact]
    public void A_timestamp_gap_without_a_sequence_gap_is_silence_not_loss()
    {
        var rig = new LegRig();
        rig.Talk(10);
        rig.Timestamp += 8_000;
        rig.Run(TimeSpan.FromSeconds(1));
        rig.Talk(10);

        var heard = rig.Finish();

        Assert.Equal(0, rig.Statistics.Lost);
        Assert.Equal(0, heard.Of(PcmFrameKind.Concealed) + heard.Of(PcmFrameKind.Lost));
        Assert.Equal(20 * 320, heard.Of(PcmFrameKind.Received));
        Assert.Equal(1_000 * Ms, heard.Of(PcmFrameKind.Silence));
        AssertUnbroken(heard);
    }

    [Theory]
    [InlineData(13)]
    [InlineData(19)]
    public void Comfort_noise_is_silence_in_real_time(byte payloadType)
    {
        var rig = new LegRig();
        rig.Talk(10);
        rig.Send([40], payloadType, timestampStep: 8_000);

        rig.Run(TimeSpan.FromSeconds(1));

        var silence = rig.Heard.Of(PcmFrameKind.Silence);
        Assert.InRange(silence, 850 * Ms, 950 * Ms);
        Assert.Equal(0, rig.Statistics.UnknownPayloadType);

        rig.Talk(10);
        var heard = rig.Finish();
        Assert.Equal(20 * 320, heard.Of(PcmFrameKind.Received));
        Assert.Equal(0, rig.Statistics.Lost);
        AssertUnbroken(heard);
    }

    [Fact]
    public void Key_presses_keep_the_timeline_and_are_not_heard()
    {
        var rig = new LegRig();
        rig.Talk(10);
        for (var i = 0; i < 10; i++)
        {
            rig.Send([5, 10, (byte)(i * 160 >> 8), (byte)(i * 160)], 101, marker: i == 0, timestampStep: 0);
            rig.Run(TimeSpan.FromMilliseconds(20));
        }

        rig.Timestamp += 1_600;
        rig.Talk(10);
        var heard = rig.Finish();

        Assert.Equal(0, rig.Statistics.Lost);
        Assert.Equal(20 * 320, heard.Of(PcmFrameKind.Received));
        Assert.Equal(20 * 320 + 200 * Ms, heard.Frames.Last(frame => frame.Kind == PcmFrameKind.Received).End - heard.FirstPosition);
        AssertUnbroken(heard);
    }

    [Fact]
    public void An_unknown_payload_type_is_counted_and_is_not_a_loss()
    {
        var rig = new LegRig();
        rig.Talk(10);
        rig.Send(new byte[160], 77);
        rig.Run(TimeSpan.FromMilliseconds(20));
        rig.Talk(10);

        var heard = rig.Finish();

        Assert.Equal(1, rig.Statistics.UnknownPayloadType);
        Assert.Equal(0, rig.Statistics.Lost);
        Assert.Equal(0, heard.Of(PcmFrameKind.Concealed));
        AssertUnbroken(heard);
    }

    [Fact]
    public void Sequence_numbers_and_timestamps_wrap_unheard()
    {
        var rig = new LegRig { Sequence = new SequenceNumber(65_500), Timestamp = uint.MaxValue - 4_000 };

        rig.Talk(200);
        var heard = rig.Finish();

        Assert.Equal(0, rig.Statistics.Lost);
        Assert.Equal(200 * 320, heard.Of(PcmFrameKind.Received));
        AssertUnbroken(heard);
    }

    [Fact]
    public void A_big_jump_of_sequence_numbers_restarts_with_the_second_packet()
    {
        var rig = new LegRig();
        rig.Talk(50);
        rig.Sequence = new SequenceNumber(30_000);
        rig.Timestamp = 3_000_000_000;
        rig.Talk(50);

        var heard = rig.Finish();

        Assert.Equal(0, rig.Statistics.Lost);
        Assert.Equal(99 * 320, heard.Of(PcmFrameKind.Received));   // RFC 3550 §A.1 gives the first one up
        Assert.InRange(heard.Frames.Last(frame => frame.Kind == PcmFrameKind.Received).End, rig.Now - 225 * Ms, rig.Now - 175 * Ms);
        AssertUnbroken(heard);
    }

    [Fact]
    public void A_single_stray_sequence_number_changes_nothing()
    {
        var rig = new LegRig();
        rig.Talk(20);
        var (sequence, timestamp) = (rig.Sequence, rig.Timestamp);
        rig.Sequence = new SequenceNumber(40_000);
        rig.Leg.OnDatagram(rig.Build(rig.Tone(160)), rig.Clock.Now);
        (rig.Sequence, rig.Timestamp) = (sequence, timestamp);
        rig.Talk(20);

        var heard = rig.Finish();

        Assert.Equal(0, rig.Statistics.Lost);
        Assert.Equal(40 * 320, heard.Of(PcmFrameKind.Received));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(10)]
    [InlineData(30)]
    [InlineData(40)]
    [InlineData(60)]
    [InlineData(120)]
    [InlineData(200)]
    public void The_packet_time_is_read_from_the_length(int milliseconds)
    {
        var rig = new LegRig();

        rig.Talk(3_000 / milliseconds, samples: 8 * milliseconds);
        var heard = rig.Finish();

        Assert.Equal(3_000 / milliseconds * milliseconds * Ms, heard.Of(PcmFrameKind.Received));
        Assert.Equal(0, rig.Statistics.Lost + rig.Statistics.Malformed);
        AssertUnbroken(heard);
    }

    [Fact]
    public void The_packet_time_may_change_in_the_middle()
    {
        var rig = new LegRig();

        foreach (var milliseconds in new[] { 20, 10, 60, 30, 20, 40 }) rig.Talk(10, 8 * milliseconds);
        var heard = rig.Finish();

        Assert.Equal(1_800 * Ms, heard.Of(PcmFrameKind.Received));
        AssertUnbroken(heard);
    }

    [Fact]
    public void More_than_200_ms_in_a_packet_is_refused_and_counted()
    {
        var rig = new LegRig();

        rig.Talk(3, samples: 1_608);

        Assert.Equal(3, rig.Statistics.Malformed);
        Assert.Empty(rig.Heard.Frames);
    }

    [Fact]
    public void Positions_are_right_to_20_ms_after_ten_minutes_of_jitter_and_loss()
    {
        var profile = new NetworkProfile { Delay = TimeSpan.FromMilliseconds(25), Jitter = TimeSpan.FromMilliseconds(30), Loss = 0.01, Reordering = 0.01 };
        var rig = new LegRig(profile, seed: 5);

        rig.Talk(30_000);
        var sentAt = rig.Now - 20 * Ms;   // the last packet's last sample was spoken when it was sent
        var heard = rig.Finish();

        var end = heard.Frames.Last(frame => frame.Kind == PcmFrameKind.Received).End;
        Assert.InRange(end - (sentAt + 25 * Ms), -20 * Ms, 20 * Ms);
        AssertUnbroken(heard);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(-200)]
    public void A_sender_whose_clock_is_off_stays_on_the_call_s_timeline(int partsPerMillion)
    {
        var rig = new LegRig();
        var packetTime = TimeSpan.FromTicks((long)(200_000 * (1 - partsPerMillion / 1e6)));

        // Two words of half a second, a pause of half a second, six minutes long: drift is mended in the pauses.
        for (var i = 0; i < 18_000; i++)
        {
            if (i / 25 % 3 == 2) rig.Send(Enumerable.Repeat(G711.MuLawSilence, 160).ToArray());
            else rig.Send(rig.Tone(160));
            rig.Run(packetTime);
        }

        var heard = rig.Finish();
        var sentAt = rig.Now - 200 * Ms - (long)(20 * Ms * (1 - partsPerMillion / 1e6));
        var end = heard.Frames.Last(frame => frame.Kind == PcmFrameKind.Received).End;
        Assert.InRange(end - sentAt, -25 * Ms, 25 * Ms);   // 72 ms off if nothing were done
        AssertUnbroken(heard);
    }

    [Fact]
    public void Both_legs_of_a_call_share_one_timeline()
    {
        var first = new LegRig { Timestamp = 17 };
        var second = new LegRig { Timestamp = 4_000_000_000, Ssrc = 9 };
        first.Run(TimeSpan.FromMilliseconds(700));
        second.Run(TimeSpan.FromMilliseconds(2_300));

        first.Talk(10);
        second.Talk(10);

        Assert.Equal(680 * Ms, first.Finish().FirstPosition);
        Assert.Equal(2_280 * Ms, second.Finish().FirstPosition);
    }

    [Fact]
    public void A_sender_that_stops_its_clock_while_silent_is_heard_where_it_speaks()
    {
        var rig = new LegRig();
        rig.Talk(50);
        rig.Run(TimeSpan.FromSeconds(3));   // neither packets nor timestamps move on
        rig.Talk(50);

        var heard = rig.Finish();

        Assert.Equal(100 * 320, heard.Of(PcmFrameKind.Received));
        Assert.InRange(heard.Frames.Last(frame => frame.Kind == PcmFrameKind.Received).End, 4_960 * Ms, 5_000 * Ms);
        AssertUnbroken(heard);
    }

    [Fact]
    public void A_line_that_falls_silent_goes_on_as_silence_within_600_ms()
    {
        var rig = new LegRig();
        rig.Talk(50);

        rig.Run(TimeSpan.FromSeconds(2));

        Assert.InRange(rig.Now - rig.Heard.Frames[^1].End, 0, 600 * Ms);
        Assert.Equal(PcmFrameKind.Silence, rig.Heard.Frames[^1].Kind);
    }

    [Fact]
    public void Nothing_is_forked_before_a_source_has_shown_two_packets_in_sequence()
    {
        var rig = new LegRig();
        rig.Send(rig.Tone(160));
        rig.Run(TimeSpan.FromMilliseconds(500));
        Assert.Empty(rig.Heard.Frames);

        rig.Talk(1);

        Assert.Equal(2 * 320, rig.Heard.Of(PcmFrameKind.Received));   // and the first is not lost
    }

    [Fact]
    public void Old_formats_are_understood_for_200_ms_after_a_new_answer()
    {
        var rig = new LegRig();
        rig.Talk(10);
        rig.Leg.Update(rig.Plan with { Formats = [LegPlans.Pcma] }, rig.Clock.Now);

        rig.Talk(10);
        Assert.Equal(0, rig.Statistics.UnknownPayloadType);
        rig.Talk(10);

        Assert.Equal(10, rig.Statistics.UnknownPayloadType);
    }

    [Fact]
    public void Wide_band_L16_is_taken_as_it_is()
    {
        var rig = new LegRig(formats: [LegPlans.L16]);
        for (var i = 0; i < 50; i++)
        {
            var payload = new byte[640];
            for (var n = 0; n < 320; n++) System.Buffers.Binary.BinaryPrimitives.WriteInt16BigEndian(payload.AsSpan(2 * n), (short)(i * 320 + n));
            rig.Send(payload, 96, timestampStep: 320);
            rig.Run(TimeSpan.FromMilliseconds(20));
        }

        var heard = rig.Finish();

        Assert.Equal(Enumerable.Range(0, 16_000).Select(n => (short)n), heard.Samples.Take(16_000));
    }

    [Fact]
    public void What_waits_behind_a_gap_is_forked_when_the_leg_ends()
    {
        var rig = new LegRig();
        rig.Talk(10);
        rig.Sequence = rig.Sequence.Next;
        rig.Timestamp += 160;
        rig.Send(rig.Tone(160));
        rig.Run(TimeSpan.Zero);
        Assert.Equal(10 * 320, rig.Heard.Of(PcmFrameKind.Received));

        rig.Leg.Flush(rig.Clock.Now);

        Assert.Equal(11 * 320, rig.Heard.Take(rig.Pipe).Of(PcmFrameKind.Received));
    }

    internal static void AssertUnbroken(PipeContent heard)
    {
        Assert.True(heard.Frames[0].Position >= 0);
        foreach (var (before, after) in heard.Frames.Zip(heard.Frames.Skip(1))) Assert.Equal(before.End, after.Position);
        Assert.Equal(heard.Frames.Sum(frame => frame.SampleCount), heard.Samples.Count);
    }

    private static IEnumerable<short> Samples(PipeContent heard, PcmFrame frame) =>
        heard.Samples.Skip((int)(frame.Position - heard.FirstPosition)).Take(frame.SampleCount);
}
