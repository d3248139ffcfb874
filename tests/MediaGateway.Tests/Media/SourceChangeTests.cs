using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Rtcp;
using EdgeAssist.MediaGateway.Rtp;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Media;

/// <summary>Changes of the synchronisation source (RFC 3550 §8).</summary>
public sealed class SourceChangeTests
{
    [Fact]   // RFC 3550 §6.5.1: the binding of a source to its name
    public void A_source_that_names_itself_as_the_one_before_is_followed_from_its_first_packet()
    {
        var rig = new LegRig();
        rig.Talk(50);
        SayName(rig, "phone@host");

        rig.Ssrc = 0x2222;
        SayName(rig, "phone@host");
        rig.Talk(3);

        Assert.Equal(53 * 320, rig.Heard.Of(PcmFrameKind.Received));
        Assert.Equal(0, rig.Statistics.WrongSource);
    }

    [Fact]
    public void A_source_of_another_name_waits_until_the_first_is_silent()
    {
        var rig = new LegRig();
        rig.Talk(50);
        SayName(rig, "phone@host");

        rig.Ssrc = 0x2222;
        SayName(rig, "somebody@else");
        rig.Talk(3);

        Assert.Equal(50 * 320, rig.Heard.Of(PcmFrameKind.Received));
    }

    [Fact]
    public void An_announced_source_is_followed_from_its_first_packet()
    {
        var rig = new LegRig();
        rig.Talk(50);
        rig.Leg.Update(rig.Plan, rig.Clock.Now);
        SwitchSource(rig);
        rig.Talk(50);

        var heard = rig.Finish();

        Assert.Equal(100 * 320, heard.Of(PcmFrameKind.Received));
        Assert.Equal(0, rig.Statistics.Lost);
        LegReceiverTests.AssertUnbroken(heard);
    }

    [Fact]
    public void An_unannounced_source_is_followed_within_200_ms_and_nothing_of_it_is_lost()
    {
        var rig = new LegRig();
        rig.Talk(50);
        var forked = rig.Heard.Of(PcmFrameKind.Received);
        SwitchSource(rig);

        rig.Talk(10);

        Assert.True(rig.Heard.Of(PcmFrameKind.Received) > forked, "200 ms after the change the new source is heard.");
        rig.Talk(40);
        var heard = rig.Finish();
        Assert.Equal(100 * 320, heard.Of(PcmFrameKind.Received));
        LegReceiverTests.AssertUnbroken(heard);
    }

    [Fact]
    public void Of_two_sources_at_once_the_first_is_kept()
    {
        var rig = new LegRig();
        rig.Talk(10);
        var intruder = new LegRig { Ssrc = 0x9999, Sequence = new SequenceNumber(7) };

        for (var i = 0; i < 200; i++)
        {
            rig.Leg.OnDatagram(intruder.Build(new byte[160]), rig.Clock.Now);
            intruder.Sequence = intruder.Sequence.Next;
            intruder.Timestamp += 160;
            rig.Talk(1);
        }

        var heard = rig.Finish();
        Assert.Equal(210 * 320, heard.Of(PcmFrameKind.Received));
        Assert.Equal(200, rig.Statistics.WrongSource);   // each is refused when the locked source sends again
    }

    [Fact]
    public void Two_sources_that_begin_together_do_not_keep_each_other_out()
    {
        var rig = new LegRig();
        var other = new LegRig { Ssrc = 0x9999, Sequence = new SequenceNumber(7) };

        for (var i = 0; i < 50; i++)
        {
            rig.Leg.OnDatagram(other.Build(new byte[160]), rig.Clock.Now);
            Advance(other);
            rig.Talk(1);
        }

        Assert.Equal(50 * 320, rig.Finish().Of(PcmFrameKind.Received));
        Assert.InRange(rig.Statistics.WrongSource, 49, 50);   // the last one might still follow the other source
    }

    [Fact]
    public void A_stranger_s_packets_of_the_time_before_are_not_heard_when_the_source_falls_silent()
    {
        var rig = new LegRig();
        rig.Talk(2);
        var other = new LegRig { Ssrc = 0x9999, Sequence = new SequenceNumber(7) };
        for (var i = 0; i < 50; i++)
        {
            rig.Leg.OnDatagram(other.Build(new byte[160]), rig.Clock.Now);
            Advance(other);
            rig.Talk(1);
        }

        for (var i = 0; i < 50; i++)
        {
            rig.Leg.OnDatagram(other.Build(new byte[160]), rig.Clock.Now);
            Advance(other);
            rig.Run(TimeSpan.FromMilliseconds(20));
        }

        var heard = rig.Finish();
        Assert.InRange(heard.Of(PcmFrameKind.Received), 100 * 320, 102 * 320);
        LegReceiverTests.AssertUnbroken(heard);
    }

    [Fact]
    public void A_goodbye_ends_the_stream_and_the_next_source_is_followed_at_once()
    {
        var rig = new LegRig();
        rig.Talk(50);
        Span<byte> bye = stackalloc byte[RtcpReporter.MaxLength];
        var length = new RtcpReporter(rig.Ssrc, "peer", 1).WriteBye(bye);

        rig.Leg.OnDatagram(bye[..length], rig.Clock.Now);

        Assert.True(rig.Statistics.Ended);
        SwitchSource(rig);
        rig.Talk(3);
        Assert.False(rig.Statistics.Ended);
        Assert.Equal(53 * 320, rig.Heard.Of(PcmFrameKind.Received));
    }

    private static void SwitchSource(LegRig rig)
    {
        rig.Ssrc = 0x2222;
        rig.Sequence = new SequenceNumber(60_000);
        rig.Timestamp = 3_000_000_000;
    }

    private static void Advance(LegRig other)
    {
        other.Sequence = other.Sequence.Next;
        other.Timestamp += 160;
    }

    private static void SayName(LegRig rig, string name)
    {
        var reporter = new RtcpReporter(rig.Ssrc, name, 1);
        var report = new byte[RtcpReporter.MaxLength];
        rig.Leg.OnDatagram(report.AsSpan(0, reporter.WriteReport(0xAAAA, default, rig.Clock.Now, report)), rig.Clock.Now);
    }
}
