using System.Net;
using System.Net.Sockets;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Rtp;
using EdgeAssist.MediaGateway.Transport;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace EdgeAssist.EndToEnd.Tests;

/// <summary>The end of a leg, with real sockets: signalling and media race each other to it.</summary>
public sealed class LastPacketsTests
{
    [Fact]
    public async Task Packets_that_still_lie_in_the_socket_when_a_leg_ends_are_read()
    {
        const int sent = 100;
        using var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        sender.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var options = new RtpOptions { Address = "127.0.0.1", PortMin = 0, PortMax = 0 };
        await using var transport = new RtpMediaTransport(Options.Create(options), TimeProvider.System, NullLogger<RtpMediaTransport>.Instance);
        var leg = transport.TryOpen(new MediaLegPlan
        {
            Leg = new LegId(0),
            Origin = Instant.Now(TimeProvider.System),
            Remote = (IPEndPoint)sender.LocalEndPoint!,
            Formats = [new MediaFormat(0, "PCMU", 8000, 1, "")],
            ExpectMedia = true,
        });
        Assert.NotNull(leg);

        // On loopback a datagram lies in the receiver's buffer when SendTo returns; the leg ends before its loop had a turn.
        var target = new IPEndPoint(IPAddress.Loopback, leg.LocalPort);
        for (var i = 0; i < sent; i++) sender.SendTo(Packet(i), target);
        await leg.DisposeAsync();

        Assert.Equal(sent, leg.Statistics.Packets);
        Assert.Equal(0, leg.Statistics.Lost);
    }

    private static byte[] Packet(int number)
    {
        var packet = new byte[RtpPacketView.FixedHeaderLength + 160];
        new RtpHeader(PayloadType: 0, Marker: number == 0, new SequenceNumber((ushort)number), (uint)(160 * number), Ssrc: 7).Write(packet);
        return packet;
    }
}
