using System.Collections.Immutable;

namespace EdgeAssist.Contracts;

/// <summary>One step of the way from the end of the words to the alert on a screen.</summary>
public enum Hop
{
    /// <summary>Last speech sample at the wire → written to the fork: jitter buffer, decode, resample.</summary>
    Media = 0,

    /// <summary>Forked → utterance closed: the pause that tells the end of the words, and the reading loop.</summary>
    EndOfUtterance = 1,

    /// <summary>Utterance closed → a worker took it.</summary>
    Queue = 2,

    /// <summary>Recognition.</summary>
    Recognition = 3,

    /// <summary>Text and voice models, fusion, reasons.</summary>
    Scoring = 4,

    /// <summary>Scored → committed to the journal.</summary>
    Commit = 5,

    /// <summary>Committed → handed to the subscriber's connection.</summary>
    FanOut = 6,

    /// <summary>Sent → received by the client (one machine, or synchronised clocks).</summary>
    Client = 7,
}

/// <summary>How long one hop took.</summary>
public readonly record struct HopTime(Hop Hop, TimeSpan Duration);

/// <summary>
/// The time between the end of the words and now, hop by hop. Made of marks on one clock, so the hops add up to the
/// whole by construction.
/// </summary>
/// <param name="Origin">When the last sample of the words reached us.</param>
/// <param name="Hops">In order, one a hop.</param>
public sealed record LatencyTrace(Instant Origin, ImmutableArray<HopTime> Hops)
{
    public static LatencyTrace From(Instant wordsEnded) => new(wordsEnded, []);

    /// <summary>The end of the last hop.</summary>
    public Instant End => Origin + Total;

    public TimeSpan Total => Hops.Aggregate(TimeSpan.Zero, (sum, hop) => sum + hop.Duration);

    /// <summary>Adds the hop that ends at <paramref name="at"/>; a clock read slightly out of order counts as zero, never as negative.</summary>
    public LatencyTrace Mark(Hop hop, Instant at) =>
        this with { Hops = Hops.Add(new HopTime(hop, at > End ? at - End : TimeSpan.Zero)) };
}
