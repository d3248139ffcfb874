using System.Collections.Immutable;
using EdgeAssist.AlertRelay.Rules;
using EdgeAssist.Contracts;

namespace EdgeAssist.AlertRelay.State;

/// <summary>A call with everything said and scored so far.</summary>
internal sealed record CallRecord
{
    /// <summary>The call without its newest score and rung, which are below.</summary>
    public required V1.Call Info { get; init; }

    public required long StartedOffset { get; init; }

    /// <summary>When anything was last said about it.</summary>
    public required Instant HeardAt { get; init; }

    public V1.Rung Rung { get; init; } = V1.Rung.Full;

    /// <summary>Finals in the order of their start.</summary>
    public ImmutableList<V1.Transcript> Finals { get; init; } = [];

    /// <summary>The newest partial of a leg.</summary>
    public ImmutableDictionary<int, V1.Transcript> Partials { get; init; } = ImmutableDictionary<int, V1.Transcript>.Empty;

    /// <summary>In time order; reasons are kept where the level changed and on the newest.</summary>
    public ImmutableList<V1.Score> Scores { get; init; } = [];

    public ImmutableList<V1.Gap> Gaps { get; init; } = [];

    public Episode Episode { get; init; } = Episode.None;

    public V1.Call ToWire()
    {
        var call = Info.Clone();
        call.Rung = Rung;
        if (Scores.Count > 0) call.Score = Scores[^1];
        return call;
    }

    public V1.CallDetail ToDetail()
    {
        var detail = new V1.CallDetail { Call = ToWire() };
        detail.Transcript.AddRange(Finals);
        detail.Transcript.AddRange(Partials.Values.OrderBy(partial => partial.Start.ToTimeSpan()));
        detail.Scores.AddRange(Scores);
        detail.Gaps.AddRange(Gaps);
        return detail;
    }

    public CallRecord With(V1.Transcript transcript)
    {
        if (!transcript.Final) return this with { Partials = Partials.SetItem(transcript.Leg, transcript) };

        var place = Finals.Count;
        while (place > 0 && Finals[place - 1].Start.ToTimeSpan() > transcript.Start.ToTimeSpan()) place--;
        var partials = Partials.TryGetValue(transcript.Leg, out var partial) && partial.Utterance <= transcript.Utterance
            ? Partials.Remove(transcript.Leg)
            : Partials;
        return this with { Finals = Finals.Insert(place, transcript), Partials = partials };
    }

    public CallRecord With(V1.Score score)
    {
        var scores = Scores;
        if (scores.Count > 0 && scores[^1].Reasons.Count > 0 && (scores.Count == 1 ? V1.Level.Calm : scores[^2].Level) == scores[^1].Level)
        {
            // Hours of scores with their quotes would fill memory and the snapshot; the curve is what is looked at.
            var curve = scores[^1].Clone();
            curve.Reasons.Clear();
            scores = scores.SetItem(scores.Count - 1, curve);
        }

        return this with { Scores = scores.Add(score) };
    }

    /// <summary>The final of that utterance was taken already.</summary>
    public bool HasFinal(V1.Transcript transcript) =>
        Finals.FindLastIndex(final => final.Leg == transcript.Leg && final.Utterance == transcript.Utterance) >= 0;
}
