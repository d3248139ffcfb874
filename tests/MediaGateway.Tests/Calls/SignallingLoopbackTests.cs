using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sdp;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.Testing.Sip;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Calls;

/// <summary>The whole gateway over real sockets on loopback.</summary>
public sealed class SignallingLoopbackTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    [Theory] // RFC 7866 §6.1, RFC 3261 §13.3.1.4
    [InlineData("UDP")]
    [InlineData("TCP")]
    public async Task A_recording_session_is_answered_and_ended(string transport)
    {
        await using var gateway = await GatewayHarness.StartAsync(GatewayHarness.KnowRoles);
        using var peer = transport == "UDP" ? SipPeer.Udp(gateway.Udp) : SipPeer.Tcp(gateway.Tcp);
        var invite = SiprecText.Invite() with { Transport = transport, SentBy = peer.SentBy };

        await peer.SendAsync(invite.ToBytes());
        var trying = Assert.IsType<SipResponse>(await peer.ReceiveAsync());
        var answer = await peer.ReceiveFinalAsync("INVITE");

        Assert.Equal(100, trying.Status);
        Assert.Equal(200, answer.Status);
        Assert.Contains("+sip.srs", answer.Headers.First(SipHeaderNames.Contact), StringComparison.Ordinal);
        Assert.True(answer.Headers.HasToken(SipHeaderNames.Supported, "siprec"));
        Assert.Equal(SdpParseError.None, SdpParser.TryParse(answer.Body.Span, out var sdp));
        Assert.Equal(["1", "2"], sdp.Media.Select(media => media.Label));
        Assert.All(sdp.Media, media => Assert.Equal(SdpDirection.RecvOnly, media.DirectionIn(sdp)));
        Assert.Equal(gateway.Media.Legs.Select(leg => leg.LocalPort), sdp.Media.Select(media => media.Port));

        var inside = invite with { ToTag = answer.To.Tag, Headers = [], ContentType = "", Body = "" };
        await peer.SendAsync((inside with { Method = "ACK", Branch = "z9hG4bK2" }).ToBytes());
        await peer.SendAsync((inside with { Method = "BYE", Branch = "z9hG4bK3", CSeq = 2 }).ToBytes());
        var bye = await peer.ReceiveFinalAsync("BYE");

        Assert.Equal("2 BYE", bye.CSeq.ToString());
        Assert.Equal(200, bye.Status);
        var call = Assert.Single(gateway.Sink.Calls);
        Assert.Equal(CallEndReason.Hangup, await call.Closed.WaitAsync(s_patience, TestContext.Current.CancellationToken));
        Assert.Equal([PartyRole.Agent, PartyRole.Customer], call.Legs.Select(leg => leg.Role));
        Assert.All(gateway.Media.Legs, leg => Assert.True(leg.IsDisposed));
        Assert.Equal(("agent7", "+4930123456", "support", "sbc"), (call.Info.Agent, call.Info.Customer, call.Info.Team, call.Info.Trunk));
        Assert.Equal(invite.CallId, call.Info.CorrelationIds["sip-call-id"]);
        Assert.Equal("ab30317f1a784dc48ff824d0d3715d86", call.Info.CorrelationIds["session-id"]);
    }
}
