using EdgeAssist.Contracts;
using Xunit;

namespace EdgeAssist.Inference.Tests.Streaming;

/// <summary>
/// A working day of one call, as fast as it goes, with a recogniser that only measures. Alone in its process's memory: the
/// heap that is measured is everybody's.
/// </summary>
[Collection(nameof(LongCallTests))]
[CollectionDefinition(nameof(LongCallTests), DisableParallelization = true)]
public sealed class LongCallTests
{
    private const int TurnMilliseconds = 6000;

    [Fact]
    public async Task Eight_hours_of_talk_and_three_of_hold_take_no_more_memory_than_the_first_hour()
    {
        var sink = new CountingSink();
        await using var harness = new AnalysisHarness(new MeasuringRecognizer(), ladder: AnalysisHarness.Patient with { NoPartials = TimeSpan.Zero }, sink: sink);
        var (call, legs) = harness.Open();

        await TalkAsync(legs[0], TimeSpan.FromHours(1));
        var (after, told) = (GC.GetTotalMemory(forceFullCollection: true), sink.Finals);
        await TalkAsync(legs[0], TimeSpan.FromHours(7));
        for (var hold = TimeSpan.Zero; hold < TimeSpan.FromHours(3); hold += TimeSpan.FromMilliseconds(TurnMilliseconds))
        {
            legs[0].Quiet(TurnMilliseconds);
            await TakenAsync(legs[0]);
        }

        var grown = GC.GetTotalMemory(forceFullCollection: true) - after;
        await TalkAsync(legs[0], TimeSpan.FromMinutes(1));
        await AnalysisHarness.CloseAsync(call, legs);

        Assert.InRange(grown, long.MinValue, 4 << 20);
        Assert.InRange(told, 590, 600);
        Assert.Equal(4810, sink.Finals);
        Assert.Equal(0, sink.Gaps);
    }

    private static async Task TalkAsync(LegFeed leg, TimeSpan length)
    {
        for (var said = TimeSpan.Zero; said < length; said += TimeSpan.FromMilliseconds(TurnMilliseconds))
        {
            leg.Loud(2000);
            leg.Quiet(TurnMilliseconds - 2000);
            await TakenAsync(leg);
        }
    }

    // The pipe holds a minute and drops its oldest: the writer keeps behind the reader.
    private static async Task TakenAsync(LegFeed leg)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (leg.Pipe.Buffered > TimeSpan.FromSeconds(30))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(deadline) < TimeSpan.FromSeconds(60), "The call's loop stopped reading.");
            await Task.Yield();
        }
    }

    private sealed class CountingSink : ICallScoreSink
    {
        private int _finals;
        private int _gaps;

        public int Finals => Volatile.Read(ref _finals);

        public int Gaps => Volatile.Read(ref _gaps);

        public ValueTask PublishAsync(CallEvent callEvent, CancellationToken cancellationToken)
        {
            if (callEvent is TranscriptUpdated { Segment.IsFinal: true }) Interlocked.Increment(ref _finals);
            if (callEvent is AnalysisGap) Interlocked.Increment(ref _gaps);
            return ValueTask.CompletedTask;
        }
    }
}
