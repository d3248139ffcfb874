using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.State;

namespace EdgeAssist.AlertRelay.Baseline;

/// <summary>What changed about a call while it lived.</summary>
internal enum CallTurn
{
    /// <summary>Another agent or another team has it.</summary>
    Transfer,

    /// <summary>Recording paused on every leg: on hold, as far as signalling tells.</summary>
    Hold,

    Resume,
}

/// <summary>A call that ended, as the journal holds it.</summary>
internal sealed record ObservedCall
{
    /// <summary>As it ended.</summary>
    public required V1.Call Info { get; init; }

    public required long EndOffset { get; init; }

    /// <summary>In the order of their start.</summary>
    public IReadOnlyList<V1.Transcript> Finals { get; init; } = [];

    public IReadOnlyList<V1.Score> Scores { get; init; } = [];

    public IReadOnlyList<V1.Gap> Gaps { get; init; } = [];

    /// <summary>As they were when the call ended, oldest first.</summary>
    public IReadOnlyList<V1.Alert> Alerts { get; init; } = [];

    /// <summary>In time order, from the call's start.</summary>
    public IReadOnlyList<(TimeSpan At, CallTurn Turn)> Turns { get; init; } = [];

    public DateTimeOffset StartedAt => Info.StartedAt.ToDateTimeOffset();

    public DateTimeOffset EndedAt => Info.EndedAt.ToDateTimeOffset();

    public TimeSpan Duration => EndedAt > StartedAt ? EndedAt - StartedAt : TimeSpan.Zero;
}

/// <summary>Records behind an offset, in order; the journal's own method.</summary>
internal delegate ValueTask<IReadOnlyList<StoredRecord>> JournalRead(long after, int limit, CancellationToken cancellationToken);

/// <summary>One pass over the journal: every call that ended in a time, put together from its records.</summary>
internal static class ObservedCalls
{
    private const int Chunk = 2000;

    /// <param name="read">The journal.</param>
    /// <param name="epoch">Its epoch.</param>
    /// <param name="oldest">The oldest offset it holds.</param>
    /// <param name="from">Calls that ended from here on …</param>
    /// <param name="to">… and before that.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>In the order in which they ended. A call whose beginning the journal forgot is left out.</returns>
    /// <exception cref="JournalException">A record cannot be read.</exception>
    public static async IAsyncEnumerable<ObservedCall> ReadAsync(
        JournalRead read, string epoch, long oldest, DateTimeOffset from, DateTimeOffset to,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var open = new Dictionary<string, CallFold>(StringComparer.Ordinal);
        for (var after = oldest - 1; ;)
        {
            var records = await read(after, Chunk, cancellationToken);
            if (records.Count == 0) yield break;
            after = records[^1].Offset;
            foreach (var stored in records)
            {
                var record = stored.Record;
                if (record.CallId.Length == 0) continue;
                if (record.Kind == JournalKind.CallStarted) open[record.CallId] = new CallFold();
                if (!open.TryGetValue(record.CallId, out var fold)) continue;

                // Only the records of calls that end in time are worth parsing, and that is known at their end.
                fold.Add(stored);
                if (record.Kind != JournalKind.CallEnded) continue;
                open.Remove(record.CallId);
                if (record.Time < from || record.Time >= to) continue;
                yield return fold.Build(epoch);
            }
        }
    }

    /// <summary>The call that its records add up to; null when it has not ended, or began before the first of them.</summary>
    public static ObservedCall? Of(IReadOnlyList<StoredRecord> records, string epoch)
    {
        if (records.Count == 0 || records[0].Record.Kind != JournalKind.CallStarted) return null;
        var fold = new CallFold();
        foreach (var stored in records)
        {
            fold.Add(stored);
            if (stored.Record.Kind == JournalKind.CallEnded) return fold.Build(epoch);
        }

        return null;
    }

    private sealed class CallFold
    {
        private readonly List<StoredRecord> _records = [];

        public void Add(StoredRecord stored) => _records.Add(stored);

        public ObservedCall Build(string epoch)
        {
            var (finals, scores, gaps, turns) = (new List<V1.Transcript>(), new List<V1.Score>(), new List<V1.Gap>(), new List<(TimeSpan, CallTurn)>());
            var alerts = new Dictionary<string, V1.Alert>(StringComparer.Ordinal);
            V1.Call? info = null;
            foreach (var stored in _records)
            {
                var next = RelayEventCodec.ToEvent(stored, epoch);
                if (next.Alert is { } alert)
                {
                    alerts[alert.Alert.AlertId] = alert.Alert;
                    continue;
                }

                switch (next.Call?.KindCase)
                {
                    case V1.CallEvent.KindOneofCase.Started:
                        info = next.Call.Started;
                        break;
                    case V1.CallEvent.KindOneofCase.Updated:
                        AddTurns(turns, info!, next.Call.Updated, next.Time);
                        info = next.Call.Updated;
                        break;
                    case V1.CallEvent.KindOneofCase.Transcript:
                        finals.Add(next.Call.Transcript);
                        break;
                    case V1.CallEvent.KindOneofCase.Score:
                        scores.Add(next.Call.Score.Score);
                        break;
                    case V1.CallEvent.KindOneofCase.Gap:
                        gaps.Add(next.Call.Gap);
                        break;
                    case V1.CallEvent.KindOneofCase.Ended:
                        info = next.Call.Ended;
                        break;
                }
            }

            return new ObservedCall
            {
                Info = info!,
                EndOffset = _records[^1].Offset,
                Finals = [.. finals.OrderBy(final => final.Start.ToTimeSpan())],
                Scores = scores,
                Gaps = gaps,
                Alerts = [.. alerts.Values.OrderBy(alert => alert.OpenedAt.ToDateTimeOffset())],
                Turns = turns,
            };
        }

        private static void AddTurns(List<(TimeSpan, CallTurn)> turns, V1.Call before, V1.Call after, DateTimeOffset at)
        {
            var place = at - before.StartedAt.ToDateTimeOffset();
            if (place < TimeSpan.Zero) place = TimeSpan.Zero;

            // A name that becomes known is no transfer.
            if ((before.Agent.Length > 0 && after.Agent != before.Agent && after.Agent.Length > 0)
                || (before.Team.Length > 0 && after.Team != before.Team && after.Team.Length > 0)) turns.Add((place, CallTurn.Transfer));
            var (held, holds) = (IsHeld(before), IsHeld(after));
            if (held != holds) turns.Add((place, holds ? CallTurn.Hold : CallTurn.Resume));
        }

        private static bool IsHeld(V1.Call call) => call.Legs.Count > 0 && call.Legs.All(leg => leg.Paused);
    }
}
