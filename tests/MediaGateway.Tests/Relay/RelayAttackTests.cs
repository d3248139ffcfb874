using System.Net;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Rtcp;
using EdgeAssist.MediaGateway.Srtp;
using EdgeAssist.MediaGateway.Tests.Media;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Relay;

/// <summary>Strangers at a call's ports, over real sockets: nothing is diverted to them, nothing of theirs is heard, all of it is counted.</summary>
public sealed class RelayAttackTests
{
    private const byte Genuine = 0x11, Hostile = 0x99;
    private static readonly byte[] s_genuine = [.. Enumerable.Repeat(Genuine, 160)];
    private static readonly byte[] s_hostile = [.. Enumerable.Repeat(Hostile, 160)];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stranger_before_during_and_after_gets_nothing_and_is_not_heard(bool guessesSsrc)
    {
        using var limit = new CancellationTokenSource(RelayRig.Limit);
        await using var rig = RelayRig.Open(fork: true);
        var analysed = PipeContent.ReadToEndAsync(rig.Stream.Audio(RelaySide.Caller), limit.Token);
        using var stranger = new RelayPhone(IPAddress.Loopback) { Relay = rig.Stream.LocalEndPoint(RelaySide.Caller) };
        if (guessesSsrc) (stranger.Ssrc, stranger.Sequence, stranger.Timestamp) = (rig.Caller.Ssrc, rig.Caller.Sequence, rig.Caller.Timestamp);

        for (var i = 0; i < 20; i++)   // before: the caller is still silent, the callee talks
        {
            stranger.Send(s_hostile);
            rig.Callee.Send(s_genuine);
            Assert.Equal(Genuine, (await rig.Caller.ReceiveAsync(limit.Token))[100]);
        }

        for (var i = 0; i < 50; i++)   // during
        {
            stranger.Send(s_hostile);
            rig.Caller.Send(s_genuine);
            rig.Callee.Send(s_genuine);
            Assert.Equal(Genuine, (await rig.Caller.ReceiveAsync(limit.Token))[100]);
            Assert.Equal(Genuine, (await rig.Callee.ReceiveAsync(limit.Token))[100]);
        }

        for (var i = 0; i < 20; i++)   // after: the caller has fallen silent
        {
            stranger.Send(s_hostile);
            rig.Callee.Send(s_genuine);
            Assert.Equal(Genuine, (await rig.Caller.ReceiveAsync(limit.Token))[100]);
        }

        await RelayLoopbackTests.UntilAsync(() => rig.Stream.Statistics(RelaySide.Caller).WrongSource == 90, limit.Token);
        await rig.Stream.DisposeAsync();
        Assert.Equal((0, 0), (stranger.Waiting, rig.Callee.Waiting));
        Assert.Equal(50, rig.Stream.Statistics(RelaySide.Caller).PacketsReceived);
        Assert.Equal(50 * 320, (await analysed).Of(PcmFrameKind.Received));
    }

    [Fact]
    public async Task A_strangers_reports_and_goodbyes_go_nowhere()
    {
        using var limit = new CancellationTokenSource(RelayRig.Limit);
        await using var rig = RelayRig.Open(fork: true);
        using var stranger = new RelayPhone(IPAddress.Loopback) { Relay = rig.Stream.LocalEndPoint(RelaySide.Caller) };
        var bye = new byte[RtcpReporter.MaxLength];
        var length = new RtcpReporter(rig.Caller.Ssrc, "stranger", 1).WriteBye(bye);

        for (var i = 0; i < 20; i++) stranger.SendControl(bye.AsSpan(0, length));
        for (var i = 0; i < 20; i++) stranger.SendRaw(bye.AsSpan(0, length));   // and on the RTP port

        await RelayLoopbackTests.UntilAsync(() => rig.Stream.Statistics(RelaySide.Caller).WrongSource == 40, limit.Token);
        Assert.Equal((0, 0, 0), (rig.Callee.ControlWaiting, rig.Callee.Waiting, stranger.ControlWaiting));
        rig.Caller.Send(s_genuine);
        Assert.Equal(Genuine, (await rig.Callee.ReceiveAsync(limit.Token))[100]);
    }

    [Fact]
    public async Task On_a_protected_side_nothing_is_taken_without_a_valid_tag_even_from_the_right_source()
    {
        using var limit = new CancellationTokenSource(RelayRig.Limit);
        using var theirs = SrtpMasterKey.Generate(SrtpProfile.AesCm128HmacSha1Tag80);
        using var ours = SrtpMasterKey.Generate(SrtpProfile.AesCm128HmacSha1Tag80);
        await using var rig = RelayRig.Open(caller: plan => plan with { Keys = new SrtpLegKeys([theirs], ours) });
        using var stranger = new RelayPhone(IPAddress.Loopback) { Relay = rig.Stream.LocalEndPoint(RelaySide.Caller) };
        using var context = new SrtpContext(theirs);
        var buffer = new byte[512];

        for (var i = 0; i < 20; i++)
        {
            rig.Caller.Send(s_genuine);     // no tag
            stranger.Send(s_hostile);       // no tag, another port
            Assert.Equal(SrtpResult.Ok, context.TryProtect(rig.Caller.Packet(s_genuine), buffer, out var length));
            buffer[length - 1] ^= 1;        // a wrong tag
            rig.Caller.SendRaw(buffer.AsSpan(0, length));
            rig.Caller.Sequence++;
        }

        await RelayLoopbackTests.UntilAsync(() => rig.Stream.Statistics(RelaySide.Caller).Unauthenticated == 60, limit.Token);
        rig.Callee.Send(s_genuine);         // media still goes to the signalled port
        await rig.Caller.ReceiveAsync(limit.Token);
        Assert.Equal((0, 0), (rig.Callee.Waiting, stranger.Waiting));

        Assert.Equal(SrtpResult.Ok, context.TryProtect(rig.Caller.Packet(s_genuine), buffer, out var whole));
        rig.Caller.SendRaw(buffer.AsSpan(0, whole));
        Assert.Equal(Genuine, (await rig.Callee.ReceiveAsync(limit.Token))[100]);
        stranger.SendRaw(buffer.AsSpan(0, whole));   // a copy of what was heard on the wire
        await RelayLoopbackTests.UntilAsync(() => rig.Stream.Statistics(RelaySide.Caller).Unauthenticated == 61, limit.Token);
        rig.Callee.Send(s_genuine);
        await rig.Caller.ReceiveAsync(limit.Token);
        Assert.Equal((0, 0), (rig.Callee.Waiting, stranger.Waiting));
    }

    [Fact]
    public async Task Nothing_sent_to_a_port_is_ever_answered_to_its_sender()
    {
        using var limit = new CancellationTokenSource(RelayRig.Limit);
        await using var rig = RelayRig.Open();
        using var stranger = new RelayPhone(IPAddress.Loopback) { Relay = rig.Stream.LocalEndPoint(RelaySide.Caller) };
        byte[] stun = [0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42, .. Enumerable.Repeat<byte>(7, 12)];
        byte[] clientHello = [22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20, 1, .. new byte[19]];

        foreach (var datagram in (byte[][])[stun, clientHello, [], [0x80], new byte[2_000]])
            for (var i = 0; i < 10; i++) stranger.SendRaw(datagram);
        foreach (var datagram in (byte[][])[stun, clientHello])
            for (var i = 0; i < 10; i++) rig.Caller.SendRaw(datagram);   // from the side itself: neither ICE nor DTLS was agreed

        await RelayLoopbackTests.UntilAsync(() => rig.Stream.Statistics(RelaySide.Caller) is { WrongSource: 50, Malformed: 20 }, limit.Token);
        Assert.Equal((0, 0, 0), (stranger.Waiting, rig.Caller.Waiting, rig.Callee.Waiting));
    }

    [Fact]
    public async Task A_flood_at_one_port_does_not_keep_the_calls_packets_out()
    {
        using var limit = new CancellationTokenSource(RelayRig.Limit);
        await using var rig = RelayRig.Open();
        using var stranger = new RelayPhone(IPAddress.Loopback) { Relay = rig.Stream.LocalEndPoint(RelaySide.Caller) };

        for (var i = 0; i < 100; i++)
        {
            for (var k = 0; k < 40; k++) stranger.SendRaw(s_hostile);
            rig.Caller.Send(s_genuine);
            Assert.Equal(Genuine, (await rig.Callee.ReceiveAsync(limit.Token))[100]);
        }

        Assert.Equal(0, rig.Stream.Statistics(RelaySide.Caller).Lost);
        Assert.Equal(0, stranger.Waiting);
    }

    [Fact]
    public async Task A_key_changed_by_a_new_offer_takes_over_while_the_old_ones_packets_are_still_under_way()
    {
        using var limit = new CancellationTokenSource(RelayRig.Limit);
        using var first = SrtpMasterKey.Generate(SrtpProfile.AesCm128HmacSha1Tag80);
        using var second = SrtpMasterKey.Generate(SrtpProfile.AesCm128HmacSha1Tag80);
        using var ours = SrtpMasterKey.Generate(SrtpProfile.AesCm128HmacSha1Tag80);
        await using var rig = RelayRig.Open(caller: plan => plan with { Keys = new SrtpLegKeys([first], ours) });
        using var before = new SrtpContext(first);
        using var after = new SrtpContext(second);
        using var inbound = new SrtpContext(ours);
        var buffer = new byte[512];

        await SendAsync(before);
        rig.Stream.Update(RelaySide.Caller, RelayRig.Plan(rig.Caller) with { Keys = new SrtpLegKeys([second], ours) });
        await SendAsync(before);
        await SendAsync(after);

        for (var i = 0; i < 3; i++)   // our own key stayed, and so did its context
        {
            rig.Callee.Send(s_genuine);
            Assert.Equal(SrtpResult.Ok, inbound.TryUnprotect(await rig.Caller.ReceiveAsync(limit.Token), buffer, out _));
        }

        async Task SendAsync(SrtpContext context)
        {
            Assert.Equal(SrtpResult.Ok, context.TryProtect(rig.Caller.Packet(s_genuine), buffer, out var length));
            rig.Caller.SendRaw(buffer.AsSpan(0, length));
            rig.Caller.Sequence++;
            Assert.Equal(Genuine, (await rig.Callee.ReceiveAsync(limit.Token))[100]);
        }
    }
}
