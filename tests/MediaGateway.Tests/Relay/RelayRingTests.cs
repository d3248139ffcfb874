using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Transport;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Relay;

/// <summary>The way of copies from the loop to the fork.</summary>
public sealed class RelayRingTests
{
    [Fact]
    public async Task What_goes_in_comes_out_in_order_while_two_threads_use_it()
    {
        const int count = 200_000;
        var ring = new RelayRing(16 * 1024);
        var reading = Task.Run(() =>
        {
            for (var i = 0; i < count;)
            {
                if (!ring.TryPeek(out var leg, out var packet, out var at)) continue;
                Assert.Equal((i % 7, i), (leg, (int)at.Ticks));
                Assert.Equal(i % 300, packet.Length);
                Assert.True(packet.IsEmpty || packet[^1] == (byte)i);
                ring.Release(packet.Length);
                i++;
            }
        }, TestContext.Current.CancellationToken);

        var buffer = new byte[300];
        for (var i = 0; i < count && !reading.IsCompleted;)
        {
            var packet = buffer.AsSpan(0, i % 300);
            packet.Fill((byte)i);
            if (ring.TryWrite(i % 7, packet, new Instant(i))) i++;
        }

        await reading;
        Assert.Equal(ring.Written, ring.Consumed);
    }

    [Fact]
    public void A_full_ring_refuses_and_keeps_what_it_has()
    {
        var ring = new RelayRing(1_024);
        var taken = 0;
        while (ring.TryWrite(taken, new byte[172], default)) taken++;

        Assert.Equal(5, taken);
        for (var i = 0; i < taken; i++)
        {
            Assert.True(ring.TryPeek(out var leg, out var packet, out _));
            Assert.Equal((i, 172), (leg, packet.Length));
            ring.Release(packet.Length);
        }

        Assert.False(ring.TryPeek(out _, out _, out _));
        Assert.True(ring.TryWrite(0, new byte[172], default));
    }
}
