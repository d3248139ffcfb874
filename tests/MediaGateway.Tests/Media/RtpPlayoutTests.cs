using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Rtp;
using EdgeAssist.MediaGateway.Transport;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Media;

public sealed class RtpPlayoutTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(15);

    [Fact]   // RFC 3550 §5.1
    public async Task Each_octet_is_sent_once_in_packets_with_rising_numbers()
    {
        using var limit = new CancellationTokenSource(s_limit);
        using var receiver = Receiver();
        await using var playout = RtpPlayout.Bind(IPAddress.Loopback, 1, TimeProvider.System);
        var encoded = Enumerable.Range(0, 1_000).Select(i => (byte)i).ToArray();

        var result = await playout.PlayAsync([Stream(receiver, encoded, 0xABCD)], limit.Token);

        Assert.Equal(7, result[0].Packets);
        var received = new List<byte>();
        (ushort Number, uint Timestamp)? before = null;
        var buffer = new byte[2_000];
        for (var i = 0; i < 7; i++)
        {
            var length = await receiver.ReceiveAsync(buffer, limit.Token);
            Assert.Equal(RtpParseError.None, RtpPacketView.TryParse(buffer.AsSpan(0, length), out var packet));
            Assert.Equal((8, 0xABCDu, i == 0), (packet.PayloadType, packet.Ssrc, packet.Marker));
            if (before is { } last)
                Assert.Equal(((ushort)(last.Number + 1), last.Timestamp + 160), (packet.SequenceNumber.Value, packet.Timestamp));
            before = (packet.SequenceNumber.Value, packet.Timestamp);
            received.AddRange(packet.Payload);
        }

        Assert.Equal(encoded, received);
        Assert.Equal(0, receiver.Available);
    }

    [Fact]
    public async Task Streams_run_in_step_and_keep_real_time()
    {
        using var limit = new CancellationTokenSource(s_limit);
        using var first = Receiver();
        using var second = Receiver();
        await using var playout = RtpPlayout.Bind(IPAddress.Loopback, 2, TimeProvider.System);
        var watch = Stopwatch.StartNew();

        var results = await playout.PlayAsync([Stream(first, new byte[8_000], 1), Stream(second, new byte[4_000], 2)], limit.Token);

        Assert.Equal([50L, 25L], results.Select(result => result.Packets));
        Assert.Equal(results[0].StartedAt, results[1].StartedAt);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0.99, 3);   // 50 packets, however late each one was woken; a busy machine may end later
    }

    [Fact]
    public async Task Cancelling_ends_the_playout_at_once_and_tells_what_was_sent()
    {
        using var receiver = Receiver();
        using var stop = new CancellationTokenSource();
        await using var playout = RtpPlayout.Bind(IPAddress.Loopback, 1, TimeProvider.System);
        var playing = playout.PlayAsync([Stream(receiver, new byte[80_000], 1)], stop.Token);
        using var limit = new CancellationTokenSource(s_limit);
        var buffer = new byte[200];
        for (var i = 0; i < 3; i++) await receiver.ReceiveAsync(buffer, limit.Token);

        await stop.CancelAsync();
        var result = await playing.WaitAsync(TimeSpan.FromSeconds(30), limit.Token);

        Assert.InRange(result[0].Packets, 3, 100);
    }

    [Fact]
    public async Task Ports_to_offer_are_even_and_differ()
    {
        await using var playout = RtpPlayout.Bind(IPAddress.Loopback, 3, TimeProvider.System);

        Assert.Equal(3, playout.LocalPorts.Distinct().Count());
        Assert.All(playout.LocalPorts, port => Assert.Equal(0, port % 2));
    }

    private static PlayoutStream Stream(Socket to, byte[] encoded, uint ssrc) => new((IPEndPoint)to.LocalEndPoint!, 8, encoded, ssrc);

    private static Socket Receiver()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }
}
