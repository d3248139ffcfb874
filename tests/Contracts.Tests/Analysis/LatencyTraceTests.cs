using CsCheck;
using Xunit;

namespace EdgeAssist.Contracts.Tests.Analysis;

public sealed class LatencyTraceTests
{
    [Fact]
    public void Hops_are_the_times_between_marks_and_add_up_to_the_whole()
    {
        var trace = LatencyTrace.From(At(100)).Mark(Hop.Media, At(160)).Mark(Hop.EndOfUtterance, At(510)).Mark(Hop.Queue, At(520));

        Assert.Equal([60, 350, 10], trace.Hops.Select(hop => hop.Duration.TotalMilliseconds));
        Assert.Equal(TimeSpan.FromMilliseconds(420), trace.Total);
        Assert.Equal(At(520), trace.End);
    }

    [Fact]
    public void A_mark_before_the_one_before_counts_as_nothing()
    {
        var trace = LatencyTrace.From(At(100)).Mark(Hop.Media, At(160)).Mark(Hop.EndOfUtterance, At(150)).Mark(Hop.Queue, At(170));

        Assert.Equal([60, 0, 10], trace.Hops.Select(hop => hop.Duration.TotalMilliseconds));
        Assert.Equal(At(170), trace.End);
    }

    [Fact]
    public void Whatever_the_marks_the_hops_are_not_negative_and_end_at_the_latest()
    {
        Gen.Long[0, 1_000_000].Array[1, 8].Sample(marks =>
        {
            var trace = marks.Select((mark, i) => (Hop: (Hop)i, At: new Instant(mark))).Aggregate(LatencyTrace.From(new Instant(500)), (sum, mark) => sum.Mark(mark.Hop, mark.At));
            return trace.Hops.All(hop => hop.Duration >= TimeSpan.Zero) && trace.End.Ticks == Math.Max(500, marks.Max());
        });
    }

    private static Instant At(int milliseconds) => new(milliseconds * TimeSpan.TicksPerMillisecond);
}
