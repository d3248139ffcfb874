using EdgeAssist.Contracts;
using Google.Protobuf.WellKnownTypes;

namespace EdgeAssist.Proto.Mapping;

/// <summary>Words, scores and their latency between <see cref="Contracts"/> and the wire.</summary>
public static class AnalysisMapping
{
    public static V1.Transcript ToWire(this TranscriptSegment segment)
    {
        var wire = new V1.Transcript
        {
            Leg = segment.Leg.Value,
            Role = segment.Role.ToWire(),
            Utterance = segment.Utterance,
            Text = segment.Text,
            Final = segment.IsFinal,
            Start = segment.Start.ToDuration(),
            End = segment.End.ToDuration(),
            Confidence = segment.Confidence,
            LostShare = segment.LostShare,
            StableWords = segment.StableWords,
        };
        wire.Words.AddRange(segment.Words.Select(word => new V1.Word
        {
            Text = word.Text,
            Start = word.Start.ToDuration(),
            End = word.End.ToDuration(),
            Confidence = word.Confidence,
        }));
        return wire;
    }

    public static TranscriptSegment ToContract(this V1.Transcript transcript) => new()
    {
        Leg = new LegId(transcript.Leg),
        Role = transcript.Role.ToContract(),
        Utterance = transcript.Utterance,
        Text = transcript.Text,
        IsFinal = transcript.Final,
        Start = transcript.Start.OrZero(),
        End = transcript.End.OrZero(),
        Confidence = transcript.Confidence,
        LostShare = transcript.LostShare,
        StableWords = transcript.StableWords,
        Words = [.. transcript.Words.Select(word =>
            new TranscriptWord(word.Text, word.Start.OrZero(), word.End.OrZero(), word.Confidence))],
    };

    public static V1.Score ToWire(this EscalationScore score)
    {
        var wire = new V1.Score
        {
            Risk = score.Risk,
            Trend = score.Trend,
            Level = score.Level.ToWire(),
            At = score.At.ToDuration(),
        };
        wire.Reasons.AddRange(score.Reasons.Select(reason => new V1.Reason
        {
            Cue = reason.Cue,
            Weight = reason.Weight,
            At = reason.At.ToDuration(),
            Role = reason.Role.ToWire(),
            Quote = reason.Quote,
        }));
        return wire;
    }

    public static EscalationScore ToContract(this V1.Score score) => new()
    {
        Risk = score.Risk,
        Trend = score.Trend,
        Level = score.Level.ToContract(),
        At = score.At.OrZero(),
        Reasons = [.. score.Reasons.Select(reason => new EscalationReason(
            reason.Cue, reason.Weight, reason.At.OrZero(), reason.Role.ToContract(), reason.Quote))],
    };

    public static V1.Latency ToWire(this LatencyTrace trace, ClockAnchor clock)
    {
        var wire = new V1.Latency { WordsEndedAt = clock.ToWall(trace.Origin).ToTimestamp() };
        wire.Hops.AddRange(trace.Hops.Select(hop => new V1.HopTime { Hop = hop.Hop.ToWire(), Duration = hop.Duration.ToDuration() }));
        return wire;
    }

    /// <summary>The trace on this process's clock; hops newer than this build are left out.</summary>
    public static LatencyTrace ToContract(this V1.Latency latency, ClockAnchor clock) => new(
        latency.WordsEndedAt is { } origin ? clock.ToInstant(origin.ToDateTimeOffset()) : clock.Monotonic,
        [.. latency.Hops
            .Where(hop => hop.Hop.TryToContract(out _))
            .Select(hop => new HopTime((Hop)((int)hop.Hop - 1), hop.Duration.OrZero()))]);

    internal static TimeSpan OrZero(this Duration? duration) => duration?.ToTimeSpan() ?? TimeSpan.Zero;
}
