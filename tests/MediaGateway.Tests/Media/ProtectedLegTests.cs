using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Rtcp;
using EdgeAssist.MediaGateway.Rtp;
using EdgeAssist.MediaGateway.Srtp;
using EdgeAssist.Testing;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Media;

/// <summary>Receive legs whose media is protected: keys that come late, change, are wrong, or are left out.</summary>
public sealed class ProtectedLegTests : IDisposable
{
    private static readonly TimeSpan s_packet = TimeSpan.FromMilliseconds(20);

    private readonly VirtualClock _clock = new();
    private readonly AudioPipe _pipe = new(TimeSpan.FromSeconds(60));
    private readonly SrtpLegKeys _keys = NewKeys();
    private readonly byte[] _packet = new byte[172];
    private readonly byte[] _wire = new byte[172 + SrtpContext.MaxOverhead];
    private readonly MediaLegPlan _plan;
    private LegReceiver? _leg;
    private RtpHeader _header = new(0, false, new SequenceNumber(100), 0, 0x77);

    public ProtectedLegTests() => _plan = LegPlans.Plan(_clock.Now, LegPlans.Pcmu) with { IsProtected = true };

    public void Dispose()
    {
        _leg?.Dispose();
        _keys.Dispose();
    }

    [Fact]
    public void Protected_media_is_heard_as_it_was_sent()
    {
        var leg = Open(_plan with { Keys = _keys });
        using var peer = new SrtpContext(_keys.Inbound[0]);

        for (var i = 0; i < 50; i++) Assert.Equal(LegDatagram.Media, Send(leg, peer));

        Assert.Equal(50 * 320, Heard().Of(PcmFrameKind.Received));
        Assert.Equal((50, 0, 0), (leg.Statistics(0).Packets, leg.Statistics(0).Unauthentic, leg.Statistics(0).Lost));
    }

    [Fact] // RELIABILITY S6
    public void Unprotected_media_on_a_protected_leg_is_refused_and_proves_no_source()
    {
        var leg = Open(_plan with { Keys = _keys });

        for (var i = 0; i < 10; i++) Assert.Equal(LegDatagram.Refused, Send(leg, null));

        Assert.False(leg.HasSource);
        Assert.Equal(10, leg.Statistics(0).Unauthentic);
        Assert.Empty(Heard().Frames);
    }

    [Fact] // RELIABILITY S6
    public void A_later_plan_cannot_turn_protection_off()
    {
        var leg = Open(_plan with { Keys = _keys });

        leg.Update(_plan with { IsProtected = false, Keys = null }, _clock.Now);

        Assert.Equal(LegDatagram.Refused, Send(leg, null));
        using var peer = new SrtpContext(_keys.Inbound[0]);
        Assert.Equal(LegDatagram.Media, Send(leg, peer));
    }

    [Fact]
    public void Media_that_overtakes_its_keys_is_held_for_half_a_second_and_heard_in_its_place()
    {
        var leg = Open(_plan);
        using var peer = new SrtpContext(_keys.Inbound[0]);
        for (var i = 0; i < 20; i++) Assert.Equal(LegDatagram.Held, Send(leg, peer));

        leg.Update(_plan with { Keys = _keys }, _clock.Now);

        var heard = Heard();
        Assert.Equal(20 * 320, heard.Of(PcmFrameKind.Received));
        Assert.Equal(0, leg.Statistics(0).WithoutKeys);
        Assert.Equal(_plan.Origin, heard.Frames[0].ArrivedAt);
    }

    [Fact]
    public void What_waited_longer_than_half_a_second_for_its_keys_counts_as_lost()
    {
        var leg = Open(_plan);
        using var peer = new SrtpContext(_keys.Inbound[0]);
        for (var i = 0; i < 50; i++) Send(leg, peer);   // one second
        leg.Tick(_clock.Now);

        leg.Update(_plan with { Keys = _keys }, _clock.Now);

        Assert.Equal(26, leg.Statistics(0).WithoutKeys);   // those of 0…500 ms before now, both ends
        Assert.Equal(24 * 320, Heard().Of(PcmFrameKind.Received));
    }

    [Fact]
    public void Media_without_keys_takes_no_more_memory_than_its_share()
    {
        var early = new EarlyPackets();
        for (var i = 0; i < 10_000; i++) early.Add(new byte[1_000], _clock.Now);

        var kept = 0;
        while (early.TryTake(out _, out _)) kept++;

        Assert.InRange(kept, 20, 24);
        Assert.Equal(10_000 - kept, early.GivenUp);
    }

    [Fact]
    public void New_keys_are_taken_at_once_and_the_old_ones_for_the_overlap()
    {
        var leg = Open(_plan with { Keys = _keys });
        using var next = NewKeys();
        using SrtpContext before = new(_keys.Inbound[0]), after = new(next.Inbound[0]);
        Send(leg, before);
        Send(leg, before);

        leg.Update(_plan with { Keys = next }, _clock.Now);

        Assert.Equal(LegDatagram.Media, Send(leg, before));
        Assert.Equal(LegDatagram.Media, Send(leg, after));
        Assert.Equal(LegDatagram.Media, Send(leg, before));
        _clock.Advance(SrtpLeg.Overlap);
        Assert.Equal(LegDatagram.Refused, Send(leg, before));
        Assert.Equal(LegDatagram.Media, Send(leg, after));
    }

    [Fact] // the roll-over counter lives as long as the key
    public void The_same_keys_in_a_new_plan_go_on_counting()
    {
        var leg = Open(_plan with { Keys = _keys });
        using var peer = new SrtpContext(_keys.Inbound[0]);
        _header = _header with { SequenceNumber = new SequenceNumber(65_530) };
        for (var i = 0; i < 20; i++) Send(leg, peer);

        using var same = new SrtpLegKeys([_keys.Inbound[0].Copy()], _keys.Outbound.Copy());
        leg.Update(_plan with { Keys = same }, _clock.Now);

        for (var i = 0; i < 20; i++) Assert.Equal(LegDatagram.Media, Send(leg, peer));
    }

    [Fact]
    public void A_replayed_packet_is_counted_and_not_heard_twice()
    {
        var leg = Open(_plan with { Keys = _keys });
        using var peer = new SrtpContext(_keys.Inbound[0]);
        Send(leg, peer);
        Send(leg, peer);
        var length = Protect(peer);
        Assert.Equal(LegDatagram.Media, leg.OnDatagram(_wire.AsSpan(0, length), _clock.Now));

        Assert.Equal(LegDatagram.Refused, leg.OnDatagram(_wire.AsSpan(0, length), _clock.Now));

        Assert.Equal((1, 0), (leg.Statistics(0).Replayed, leg.Statistics(0).Duplicate));
        Assert.Equal(3 * 320, Heard().Of(PcmFrameKind.Received));
    }

    [Fact] // RFC 3711 §3.4
    public void Our_reports_are_protected_with_our_own_key_and_those_of_the_peer_are_read()
    {
        var leg = Open(_plan with { Keys = _keys });
        using SrtpContext peer = new(_keys.Inbound[0]), reader = new(_keys.Outbound);
        for (var i = 0; i < 10; i++) Send(leg, peer);
        Span<byte> report = stackalloc byte[LegReceiver.MaxReport];

        var length = leg.WriteReport(_clock.Now, report);

        Assert.NotEqual(RtcpParseError.None, RtcpCompound.TryParse(report[..length], out _));
        Assert.Equal(SrtpResult.Ok, reader.TryUnprotectControl(report[..length], report, out length));
        Assert.Equal(RtcpParseError.None, RtcpCompound.TryParse(report[..length], out _));

        var theirs = new RtcpReporter(_header.Ssrc, "peer", 1);
        length = theirs.WriteBye(report);
        Assert.Equal(SrtpResult.Ok, peer.TryProtectControl(report[..length], report, out length));
        Assert.Equal(LegDatagram.Control, leg.OnDatagram(report[..length], _clock.Now));
        Assert.True(leg.Statistics(0).Ended);
    }

    [Fact]
    public void After_the_end_nothing_is_read()
    {
        var leg = Open(_plan with { Keys = _keys });
        using var peer = new SrtpContext(_keys.Inbound[0]);
        Send(leg, peer);

        leg.Dispose();

        Assert.Equal(LegDatagram.Held, Send(leg, peer));
    }

    [Fact]
    public void A_protected_packet_allocates_nothing()
    {
        var leg = Open(_plan with { Keys = _keys });
        using var peer = new SrtpContext(_keys.Inbound[0]);
        var pcm = new short[AudioPipe.MaxFrameSamples];
        Receive(500);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Receive(2_000);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Receive(int packets)
        {
            for (var i = 0; i < packets; i++)
            {
                Send(leg, peer);
                while (_pipe.TryRead(pcm, out _)) { }
            }
        }
    }

    private static SrtpLegKeys NewKeys() =>
        new([SrtpMasterKey.Generate(SrtpProfile.AesCm128HmacSha1Tag80)], SrtpMasterKey.Generate(SrtpProfile.AesCm128HmacSha1Tag80));

    private LegReceiver Open(MediaLegPlan plan) =>
        _leg = new LegReceiver(plan, TimeSpan.FromMilliseconds(60), _pipe, new RtcpReporter(0xAAAA, "leg", 7));

    private PipeContent Heard() => new PipeContent().Take(_pipe);

    private LegDatagram Send(LegReceiver leg, SrtpContext? peer)
    {
        var length = Protect(peer);
        var result = leg.OnDatagram(_wire.AsSpan(0, length), _clock.Now);
        _clock.Advance(s_packet);
        return result;
    }

    private int Protect(SrtpContext? peer)
    {
        _header.Write(_packet);
        _header = _header with { SequenceNumber = _header.SequenceNumber.Next, Timestamp = _header.Timestamp + 160 };
        if (peer is not null && peer.TryProtect(_packet, _wire, out var length) == SrtpResult.Ok) return length;
        _packet.CopyTo(_wire.AsSpan());
        return _packet.Length;
    }
}
