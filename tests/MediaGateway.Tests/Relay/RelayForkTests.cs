using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Rtcp;
using EdgeAssist.MediaGateway.Rtp;
using EdgeAssist.MediaGateway.Tests.Media;
using EdgeAssist.MediaGateway.Transport;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Relay;

/// <summary>The way of copies from the ring into analysis, on the fork's own thread.</summary>
public sealed class RelayForkTests
{
    private static readonly TimeSpan s_maxAge = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData(true)]    // a reader that keeps up
    [InlineData(false)]   // none: the oldest audio is dropped
    public async Task Packets_allocate_nothing_on_the_way_into_analysis(bool isRead)
    {
        using var fork = new RelayFork("fork", s_maxAge, TimeProvider.System, NullLogger.Instance);
        using var reached = new ManualResetEventSlim();
        var plan = LegPlans.Plan(Instant.Now(TimeProvider.System), [LegPlans.Pcmu]);
        var leg = new ForkLeg(plan, TimeSpan.FromMilliseconds(60), s_maxAge, new RtcpReporter(1, "fork", 7));
        fork.Add(leg);
        var packet = new byte[172];
        var samples = new short[AudioPipe.MaxFrameSamples];
        var (sequence, read, allocated) = (new SequenceNumber(1), 0L, 0L);
        Pass(40);
        var (readBefore, allocatedBefore) = (read, allocated);

        Pass(100);

        Assert.Equal(0, allocated - allocatedBefore);
        Assert.Equal(0, fork.Dropped);
        Assert.Equal(isRead ? 100 * 20 * 320 : 0, read - readBefore);
        Assert.Equal(isRead, leg.Audio.DroppedSamples == 0);
        await fork.RemoveAsync(leg);

        // Twenty packets at a time, as they gather behind a busy loop.
        void Pass(int batches)
        {
            for (var i = 0; i < batches; i++)
            {
                for (var k = 0; k < 20; k++, sequence = sequence.Next)
                {
                    new RtpHeader(0, false, sequence, 160u * sequence.Value, 7).Write(packet);
                    Assert.True(fork.Offer(leg, packet, Instant.Now(TimeProvider.System)));
                }

                reached.Reset();
                fork.Post(() =>
                {
                    allocated = GC.GetAllocatedBytesForCurrentThread();
                    reached.Set();
                });
                Assert.True(reached.Wait(RelayRig.Limit, TestContext.Current.CancellationToken));
                while (isRead && leg.Audio.TryRead(samples, out var frame)) read += frame.SampleCount;
            }
        }
    }
}
