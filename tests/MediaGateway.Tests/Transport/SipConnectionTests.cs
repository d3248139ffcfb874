using System.Net;
using System.Net.Sockets;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Tests.Calls;
using EdgeAssist.Testing.Sip;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Transport;

/// <summary>Connections that peers treat in every way there is, over real sockets.</summary>
public sealed class SipConnectionTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact] // RELIABILITY F9
    public async Task A_session_whose_octets_come_one_at_a_time_is_answered_like_a_whole_one()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        using var peer = SipPeer.Tcp(gateway.Tcp);
        var invite = SiprecText.Invite() with { Transport = "TCP", SentBy = peer.SentBy };

        foreach (var octet in invite.ToBytes()) await peer.SendAsync(new[] { octet });

        Assert.Equal(200, (await peer.ReceiveFinalAsync("INVITE")).Status);
    }

    [Fact] // RELIABILITY F9
    public async Task Two_messages_in_one_segment_are_both_answered()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        using var peer = SipPeer.Tcp(gateway.Tcp);

        byte[] both = [.. Options("z9hG4bK1", 1).ToBytes(), .. Options("z9hG4bK2", 2).ToBytes()];
        await peer.SendAsync(both);

        Assert.Equal(1u, (await peer.ReceiveFinalAsync("OPTIONS")).CSeq.Number);
        Assert.Equal(2u, (await peer.ReceiveFinalAsync("OPTIONS")).CSeq.Number);
    }

    [Fact] // RELIABILITY F9
    public async Task A_peer_that_has_closed_its_sending_half_still_gets_its_answer()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        using var peer = SipPeer.Tcp(gateway.Tcp);

        await peer.SendAsync(Options("z9hG4bK1", 1).ToBytes());
        peer.CloseSending();

        Assert.Equal(200, (await peer.ReceiveFinalAsync("OPTIONS")).Status);
    }

    [Fact] // RFC 5626 §3.5.1
    public async Task A_ping_is_answered_with_a_pong()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        using var peer = SipPeer.Tcp(gateway.Tcp);

        await peer.SendAsync("\r\n\r\n");

        Assert.Equal("\r\n", await peer.ReceiveTextAsync());
    }

    [Fact] // RELIABILITY F9: idle is cut, a connection with a call is not
    public async Task An_idle_connection_is_closed_and_one_that_carries_a_call_stays()
    {
        await using var gateway = await GatewayHarness.StartAsync(options => options.IdleTimeout = TimeSpan.FromSeconds(5));
        using var idle = SipPeer.Tcp(gateway.Tcp);
        using var dribbling = SipPeer.Tcp(gateway.Tcp);
        using var busy = SipPeer.Tcp(gateway.Tcp);
        var invite = SiprecText.Invite() with { Transport = "TCP", SentBy = busy.SentBy };
        await busy.SendAsync(invite.ToBytes());
        var answer = await busy.ReceiveFinalAsync("INVITE");
        var inside = invite with { ToTag = answer.To.Tag, ContentType = "", Body = "" };
        await busy.SendAsync((inside with { Method = "ACK", Branch = "z9hG4bK2" }).ToBytes());
        await dribbling.SendAsync("OPTIONS sip:a@h SIP/2.0\r\nVia: ");

        Assert.Equal("", await idle.ReceiveTextUntilClosedAsync(TimeSpan.FromSeconds(15)));
        Assert.Equal("", await dribbling.ReceiveTextUntilClosedAsync(TimeSpan.FromSeconds(15)));
        await busy.SendAsync((inside with { Method = "BYE", CSeq = 2, Branch = "z9hG4bK3" }).ToBytes());
        Assert.Equal(200, (await busy.ReceiveFinalAsync("BYE")).Status);
    }

    [Fact] // RFC 3261 §18.1.1, §18.2.2
    public async Task A_dialog_whose_connection_broke_is_ended_over_a_new_one_to_its_Contact()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        using var contact = new TcpListener(IPAddress.Loopback, 0);
        contact.Start();
        var invite = SiprecText.Invite() with { Transport = "TCP", SentBy = contact.LocalEndpoint.ToString()! };
        using (var peer = SipPeer.Tcp(gateway.Tcp))
        {
            await peer.SendAsync(invite.ToBytes());
            var answer = await peer.ReceiveFinalAsync("INVITE");
            await peer.SendAsync((invite with { Method = "ACK", ToTag = answer.To.Tag, Branch = "z9hG4bK2", Body = "", ContentType = "" }).ToBytes());
        }

        var stopping = gateway.StopAsync();
        using var again = SipPeer.Of(await contact.AcceptSocketAsync(Cancel).AsTask().WaitAsync(s_patience, Cancel));
        var bye = await again.ReceiveRequestAsync("BYE");
        await again.SendAsync(Sip.SipTestMessages.Answer(bye, 200).ToBytes());
        await stopping.WaitAsync(s_patience, Cancel);

        Assert.Equal(CallEndReason.Shutdown, await Assert.Single(gateway.Sink.Calls).Closed.WaitAsync(s_patience, Cancel));
    }

    [Fact]
    public async Task One_source_has_only_so_many_connections()
    {
        await using var gateway = await GatewayHarness.StartAsync(options => options.MaxConnectionsPerSource = 2);
        using var first = SipPeer.Tcp(gateway.Tcp);
        using var second = SipPeer.Tcp(gateway.Tcp);
        await first.SendAsync(Options("z9hG4bK1", 1).ToBytes());
        await second.SendAsync(Options("z9hG4bK2", 1).ToBytes());
        await first.ReceiveFinalAsync("OPTIONS");
        await second.ReceiveFinalAsync("OPTIONS");

        using var third = SipPeer.Tcp(gateway.Tcp);

        Assert.Equal("", await third.ReceiveTextUntilClosedAsync());
    }

    [Theory] // RFC 3261 §18, RFC 5118
    [InlineData("UDP")]
    [InlineData("TCP")]
    public async Task A_session_over_IPv6_is_answered_with_addresses_of_that_family(string transport)
    {
        if (!Socket.OSSupportsIPv6 || !CanBindLoopback6()) Assert.Skip("this machine has no IPv6 loopback address.");
        await using var gateway = await GatewayHarness.StartAsync(options =>
        {
            options.Listen.Clear();
            options.Listen.Add("udp:[::1]:0");
            options.Listen.Add("tcp:[::1]:0");
        });
        using var peer = transport == "UDP" ? SipPeer.Udp(gateway.Udp) : SipPeer.Tcp(gateway.Tcp);
        var (type, body) = SiprecText.Multipart(SiprecText.Offer(address: "::1").Replace("IP4", "IP6", StringComparison.Ordinal), SiprecText.Metadata());
        var invite = SiprecText.Invite() with { Transport = transport, SentBy = peer.SentBy, ContentType = type, Body = body };

        await peer.SendAsync(invite.ToBytes());
        var answer = await peer.ReceiveFinalAsync("INVITE");

        Assert.Equal(200, answer.Status);
        Assert.StartsWith("<sip:[::1]:", answer.Headers.First(SipHeaderNames.Contact), StringComparison.Ordinal);
        Assert.Contains("c=IN IP6 ::1", System.Text.Encoding.UTF8.GetString(answer.Body.Span), StringComparison.Ordinal);
        Assert.Equal(("::1", peer.Local.Port.ToString(System.Globalization.CultureInfo.InvariantCulture)), (answer.Via.Parameters["received"], answer.Via.Parameters["rport"]));
    }

    [Fact] // RFC 3581 §4
    public async Task An_answer_goes_to_the_port_the_request_came_from_when_rport_asks_for_that()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        using var peer = SipPeer.Udp(gateway.Udp);

        await peer.SendAsync((Options("z9hG4bK1", 1) with { Transport = "UDP", SentBy = "192.0.2.99:5999" }).ToBytes());
        var answer = await peer.ReceiveFinalAsync("OPTIONS");

        Assert.Equal(("127.0.0.1", peer.Local.Port.ToString(System.Globalization.CultureInfo.InvariantCulture)), (answer.Via.Parameters["received"], answer.Via.Parameters["rport"]));
    }

    private static SiprecText Options(string branch, int sequence) =>
        SiprecText.Invite() with { Method = "OPTIONS", Transport = "TCP", Branch = branch, CSeq = sequence, Body = "", ContentType = "" };

    private static bool CanBindLoopback6()
    {
        using var probe = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            probe.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
