using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Hosting;
using EdgeAssist.MediaGateway.Sdp;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.Testing.Sip;
using Microsoft.Extensions.Options;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Calls;

/// <summary>The whole gateway over real sockets on loopback.</summary>
public sealed class SignallingLoopbackTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

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

    [Fact] // RFC 3261 §18.3, RFC 5626 §3.5.1
    public async Task Over_TCP_a_ping_is_answered_and_messages_may_come_in_pieces()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        using var peer = SipPeer.Tcp(gateway.Tcp);
        var bytes = (SiprecText.Invite() with { Method = "OPTIONS", Transport = "TCP", Body = "", ContentType = "" }).ToBytes();

        await peer.SendAsync("\r\n\r\n");
        foreach (var piece in bytes.Chunk(7)) await peer.SendAsync(piece);

        Assert.Equal(200, (await peer.ReceiveFinalAsync("OPTIONS")).Status);
    }

    [Fact] // RFC 4475 §3.1.2.3
    public async Task Over_TCP_a_length_that_cannot_be_believed_is_answered_and_closes_the_connection()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        using var peer = SipPeer.Tcp(gateway.Tcp);

        await peer.SendAsync("OPTIONS sip:a@h SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\nContent-Length: -999\r\n\r\n");

        var answer = await peer.ReceiveTextUntilClosedAsync();
        Assert.StartsWith("SIP/2.0 400 Bad Request: Content-Length is not a number\r\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_malformed_INVITE_gets_400_and_the_next_call_is_taken()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        using var peer = SipPeer.Udp(gateway.Udp);

        await peer.SendAsync("INVITE sip:a@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKbad;rport\r\nTo: <sip:a@h>\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n\r\n");
        var text = await peer.ReceiveTextAsync();
        await peer.SendAsync((SiprecText.Invite() with { SentBy = peer.SentBy }).ToBytes());

        Assert.StartsWith("SIP/2.0 400 Bad Request: From is missing\r\n", text, StringComparison.Ordinal);
        Assert.Equal(200, (await peer.ReceiveFinalAsync("INVITE")).Status);
    }

    [Fact] // STYLE: shutdown is a sequence
    public async Task Shutting_down_says_BYE_and_ends_the_calls()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        using var peer = SipPeer.Udp(gateway.Udp);
        var invite = SiprecText.Invite() with { SentBy = peer.SentBy };
        await peer.SendAsync(invite.ToBytes());
        var answer = await peer.ReceiveFinalAsync("INVITE");
        await peer.SendAsync((invite with { Method = "ACK", ToTag = answer.To.Tag, Branch = "z9hG4bK2", Body = "", ContentType = "" }).ToBytes());

        var stopping = gateway.StopAsync();
        var bye = await peer.ReceiveRequestAsync("BYE");
        await peer.SendAsync(SipMessageBytes.ToBytes(Sip.SipTestMessages.Answer(bye, 200)));
        await stopping;

        Assert.Equal(CallEndReason.Shutdown, await Assert.Single(gateway.Sink.Calls).Closed.WaitAsync(s_patience, TestContext.Current.CancellationToken));
        Assert.All(gateway.Media.Legs, leg => Assert.True(leg.IsDisposed));
    }

    [Fact]
    public async Task A_port_in_use_stops_the_start_with_a_sentence_that_names_it()
    {
        await using var gateway = await GatewayHarness.StartAsync();

        foreach (var (transport, port) in new[] { ("udp", gateway.Udp.Port), ("tcp", gateway.Tcp.Port) })
        {
            var error = await Assert.ThrowsAsync<GatewayStartException>(() => GatewayHarness.StartAsync(options =>
            {
                options.Listen.Clear();
                options.Listen.Add($"{transport}:127.0.0.1:{port}");
            }));
            Assert.Equal($"SIP cannot be received on {transport.ToUpperInvariant()} 127.0.0.1:{port}: port {port} is in use by another program. Change Sip:Listen, or free the port.", error.Message);
        }
    }

    [Fact]
    public async Task Bad_values_stop_the_start_with_a_sentence_for_each()
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => GatewayHarness.StartAsync(options =>
        {
            options.MaxCalls = 0;
            options.Listen.Add("udp:nowhere");
            var trunk = new TrunkOptions { Name = "sbc" };
            trunk.Peers.Add("10.0.0.0/99");
            trunk.Roles.Add(new RoleRuleOptions { Test = "Pattern", Value = "(", Role = "Boss" });
            trunk.Roles.Add(new RoleRuleOptions { Test = "Pattern", Value = "(?=a)b", Role = "Agent" });
            options.Trunks.Add(trunk);
        }));

        Assert.Contains(error.Failures, fault => fault.StartsWith("Sip:Trunks 'sbc' Roles: Pattern '(?=a)b' is not a regular expression of linear time", StringComparison.Ordinal));
        Assert.Equal(6, error.Failures.Count());
        Assert.Contains("Sip:MaxCalls is 0; it must be between 1 and 10000.", error.Failures);
        Assert.Contains(error.Failures, fault => fault.StartsWith("Sip:Listen 'udp:nowhere' is not an address to listen on", StringComparison.Ordinal));
        Assert.Contains(error.Failures, fault => fault.StartsWith("Sip:Trunks 'sbc' Peers '10.0.0.0/99'", StringComparison.Ordinal));
    }

    [Fact] // STYLE: numbers, names and keys never reach the log
    public async Task Nothing_personal_is_logged()
    {
        await using var gateway = await GatewayHarness.StartAsync(GatewayHarness.KnowRoles);
        using var peer = SipPeer.Udp(gateway.Udp);
        var (type, body) = SiprecText.Multipart(SiprecText.Offer(), SiprecText.Metadata(customer: "sip:+49301CANARY@example.org").Replace("Bob", "CANARY", StringComparison.Ordinal));
        var invite = SiprecText.Invite() with { SentBy = peer.SentBy, ContentType = type, Body = body };

        await peer.SendAsync(invite.ToBytes());
        var answer = await peer.ReceiveFinalAsync("INVITE");
        await peer.SendAsync((invite with { Method = "BYE", ToTag = answer.To.Tag, CSeq = 2, Branch = "z9hG4bK3", Body = "", ContentType = "" }).ToBytes());
        await peer.ReceiveFinalAsync("BYE");

        var call = Assert.Single(gateway.Sink.Calls);
        await call.Closed.WaitAsync(s_patience, TestContext.Current.CancellationToken);
        Assert.Equal("+49301CANARY", call.Info.Customer);
        Assert.Contains(gateway.Log.Lines, line => line.Contains(call.Info.Id.Value, StringComparison.Ordinal));
        Assert.DoesNotContain(gateway.Log.Lines, line => line.Contains("CANARY", StringComparison.Ordinal) || line.Contains("agent7", StringComparison.Ordinal));
    }
}
