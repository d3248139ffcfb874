using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Codecs;
using EdgeAssist.MediaGateway.Rtp;
using EdgeAssist.Testing;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Media;

/// <summary>Where audio stands on the call's timeline: clocks that differ, packet times that change, networks that reorder.</summary>
public sealed class TimelineTests
{
    private const int Ms = PcmFormat.SamplesPerMillisecond;
    private static readonly byte[] s_silence = [.. Enumerable.Repeat(G711.MuLawSilence, 160)];

    [Theory] // PROTOCOLS d.3: both channels on one clock
    [InlineData(200, -200)]
    [InlineData(-200, 200)]
    [InlineData(200, 200)]
    [InlineData(0, -200)]
    public void Both_legs_stand_within_40_ms_of_each_other_after_an_hour_of_clocks_apart(int firstPartsPerMillion, int secondPartsPerMillion)
    {
        var first = EndOfAnHour(firstPartsPerMillion, seed: 21, timestamp: 17);
        var second = EndOfAnHour(secondPartsPerMillion, seed: 22, timestamp: 4_294_000_000);

        Assert.InRange(first - second, -40 * Ms, 40 * Ms);
        Assert.InRange(first, -40 * Ms, 40 * Ms);   // and of the moment itself
        Assert.InRange(second, -40 * Ms, 40 * Ms);
        TestContext.Current.TestOutputHelper?.WriteLine($"After 60 minutes at {firstPartsPerMillion} and {secondPartsPerMillion} ppm: {first / (double)Ms:0.0} ms and {second / (double)Ms:0.0} ms off.");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Packet_times_of_5_to_200_ms_changing_at_random_do_not_move_the_line(int seed)
    {
        int[] packetTimes = [5, 10, 20, 30, 40, 60, 120, 200];
        var rig = new LegRig(new NetworkProfile { Delay = TimeSpan.FromMilliseconds(10), Jitter = TimeSpan.FromMilliseconds(10) }, seed);
        var random = new Random(seed);
        var sent = 0L;

        for (var i = 0; i < 3_000; i++)
        {
            var milliseconds = packetTimes[random.Next(packetTimes.Length)];
            // A packet leaves when its last sample was spoken.
            rig.Run(TimeSpan.FromMilliseconds(milliseconds));
            rig.Send(rig.Tone(8 * milliseconds));
            sent += milliseconds;
        }

        var heard = rig.Finish();
        Assert.Equal(sent * Ms, heard.Of(PcmFrameKind.Received));
        Assert.Equal(0, heard.Of(PcmFrameKind.Concealed) + heard.Of(PcmFrameKind.Lost));
        var end = heard.Frames.Last(frame => frame.Kind == PcmFrameKind.Received).End;
        Assert.InRange(end - sent * Ms, 0, 25 * Ms);   // the network's 10 to 20 ms
        LegReceiverTests.AssertUnbroken(heard);
    }

    [Fact]
    public void Under_loss_with_changing_packet_times_the_line_keeps_its_place()
    {
        int[] packetTimes = [10, 20, 30, 60];
        var rig = new LegRig(new NetworkProfile { Loss = 0.05 }, seed: 8);
        var random = new Random(8);
        for (var i = 0; i < 5_000; i++)
        {
            var milliseconds = packetTimes[random.Next(packetTimes.Length)];
            rig.Run(TimeSpan.FromMilliseconds(milliseconds));
            rig.Send(rig.Tone(8 * milliseconds));
        }

        var sentAt = rig.Now;
        var heard = rig.Finish();

        Assert.InRange(heard.Frames.Last(frame => frame.Kind == PcmFrameKind.Received).End - sentAt, -200 * Ms, 5 * Ms);
        Assert.InRange(rig.Statistics.Lost - rig.Network.Lost, -1, 0);
        LegReceiverTests.AssertUnbroken(heard);
    }

    [Fact]
    public void The_depth_grows_to_what_the_network_needs_and_shrinks_when_it_calms()
    {
        var stormy = new NetworkProfile { Reordering = 0.1, ReorderDelay = TimeSpan.FromMilliseconds(85) };
        var rig = new LegRig(stormy, seed: 3, depth: TimeSpan.FromMilliseconds(40));

        rig.Talk(500);
        var lateAtFirst = rig.Statistics.Late;
        var depth = rig.Statistics.ReorderDepth;
        rig.Talk(1_000);

        Assert.InRange(depth, TimeSpan.FromMilliseconds(75), ReorderDepth.Max);
        Assert.True(lateAtFirst > 0, "40 ms were too few at first.");
        Assert.Equal(lateAtFirst, rig.Statistics.Late);

        rig.TalkAroundTheNetwork(4_000);
        Assert.Equal(ReorderDepth.Min, rig.Statistics.ReorderDepth);
    }

    [Fact]
    public void The_depth_never_leaves_20_to_120_ms()
    {
        var depth = new ReorderDepth(TimeSpan.FromMilliseconds(60));
        var clock = new VirtualClock();
        var random = new Random(4);
        for (var number = 0L; number < 20_000; number += 2)
        {
            depth.OnPacket(clock.Now);
            depth.OnGap(number, number, clock.Now);
            clock.Advance(TimeSpan.FromMilliseconds(random.Next(400)));
            if (random.Next(20) == 0) depth.OnOvertaken(number, clock.Now);

            Assert.InRange(depth.Current, ReorderDepth.Min, ReorderDepth.Max);
        }
    }

    /// <summary>
    /// An hour of words of three seconds and pauses of half a second, from a clock that is off, over a network with jitter and loss.
    /// </summary>
    /// <returns>How far the last packet's end stands from the moment it was spoken, in samples.</returns>
    private static long EndOfAnHour(int partsPerMillion, int seed, uint timestamp)
    {
        var rig = new LegRig { Timestamp = timestamp };
        var random = new Random(seed);
        var pcm = new short[AudioPipe.MaxFrameSamples];
        var packetTime = TimeSpan.FromTicks((long)(TimeSpan.TicksPerMillisecond * 20 * (1 - partsPerMillion / 1e6)));
        var (spoken, arrival, end) = (rig.Origin, rig.Origin, 0L);
        for (var i = 0; i < 180_000; i++)
        {
            spoken += packetTime;
            arrival = Instant.Max(arrival, spoken + TimeSpan.FromMilliseconds(20) * random.NextDouble());
            var packet = rig.Build(i % 175 < 150 ? rig.Tone(160) : s_silence);
            if (random.Next(200) > 0) rig.Leg.OnDatagram(packet, arrival);
            rig.Sequence = rig.Sequence.Next;
            rig.Timestamp += 160;
            while (rig.Pipe.TryRead(pcm, out var frame)) end = frame.End;
        }

        return end - PcmFormat.Samples(spoken - rig.Origin);
    }
}
