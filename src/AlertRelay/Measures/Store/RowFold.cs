using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.State;

namespace EdgeAssist.AlertRelay.Measures.Store;

/// <summary>What a journal says, as rows. Pure: the same records give the same rows, whatever was stored before.</summary>
internal static class RowFold
{
    /// <summary>The row of a call that ended; null when its beginning or its end is not among the records.</summary>
    /// <param name="events">Everything about one call, in order.</param>
    /// <param name="key">Tells customers apart.</param>
    public static CallRow? Call(IReadOnlyList<RelayEvent> events, CustomerKey key)
    {
        if (events.FirstOrDefault(each => each.Kind == JournalKind.CallStarted)?.Call?.Started is not { } started) return null;
        if (events.LastOrDefault(each => each.Kind == JournalKind.CallEnded)?.Call?.Ended is not { } ended) return null;

        return new CallRow
        {
            CallId = ended.CallId,
            Team = ended.Team,
            Trunk = ended.Trunk,
            Started = started.StartedAt.ToDateTimeOffset(),
            Ended = Later(started.StartedAt.ToDateTimeOffset(), ended.EndedAt.ToDateTimeOffset()),
            Lost = ended.EndReason != "hangup",
            Customer = key.Of(ended.Customer),
            Mode = Modes.Of(ended),
            ModeChanged = Modes.HasChanged(ended),
            Scored = events.Any(each => each.Kind == JournalKind.Score),
            Transfers = events.Count(each => each.Call is { KindCase: V1.CallEvent.KindOneofCase.Updated } said && IsTransfer(said)),
            Alerts = events.Count(each => each.Kind == JournalKind.AlertOpened),
        };
    }

    /// <summary>An alert's row behind one more of its changes.</summary>
    /// <param name="known">Behind the changes before; null for the first.</param>
    /// <param name="change">The change with the alert as it is after it.</param>
    public static AlertRow Alert(AlertRow? known, V1.AlertEvent change)
    {
        var alert = change.Alert;
        return new AlertRow
        {
            AlertId = alert.AlertId,
            CallId = alert.CallId,
            Team = alert.Team,
            Mode = Modes.Of(alert),
            Opened = alert.OpenedAt.ToDateTimeOffset(),
            Level = Math.Max((int)alert.Level, known?.Level ?? 0),
            Claimed = known?.Claimed ?? (change.Change == V1.AlertChange.Claimed ? change.EventTime.ToDateTimeOffset() : null),
            Acted = known?.Acted ?? alert.Outcome?.ActedAt?.ToDateTimeOffset(),
            Calmed = known?.Calmed,
            Verdict = alert.State switch
            {
                V1.AlertState.Resolved => Verdict.Right,
                V1.AlertState.Dismissed => Verdict.Wrong,
                _ => Verdict.None,
            },
            Shown = alert.Receipts.Any(receipt => receipt.Kind == V1.ReceiptKind.Shown),
            Suppressed = known?.Suppressed ?? alert.SuppressedBy.Length > 0,
            Withdrawn = (known?.Withdrawn ?? false) || Modes.IsWithdrawn(change),
        };
    }

    /// <summary>
    /// When each alert of a call that ended was followed by calm that lasted, null for those that were not. Read off the call's
    /// scores and not off what became of the alert: somebody who ends an alert early, or dismisses it, does not end the
    /// customer's anger, and would-be alerts that nobody could end are timed in the same way.
    /// </summary>
    public static IReadOnlyDictionary<string, DateTimeOffset?> Calms(IReadOnlyList<RelayEvent> events)
    {
        var scores = events.Where(each => each.Kind == JournalKind.Score).Select(each => each.Call!.Score.Score).OrderBy(score => score.At.ToTimeSpan()).ToArray();
        var started = events.FirstOrDefault(each => each.Kind == JournalKind.CallStarted)?.Call?.Started?.StartedAt?.ToDateTimeOffset();
        var ended = events.LastOrDefault(each => each.Kind == JournalKind.CallEnded)?.Call?.Ended?.EndedAt?.ToDateTimeOffset();
        var calms = new Dictionary<string, DateTimeOffset?>(StringComparer.Ordinal);
        if (started is not { } origin || ended is not { } end) return calms;

        foreach (var alert in events.Where(each => each.Kind == JournalKind.AlertOpened).Select(each => each.Alert!.Alert))
        {
            var opened = alert.Score.At.ToTimeSpan();
            calms[alert.AlertId] = FirstCalm(scores, opened, end - origin) is { } at ? alert.OpenedAt.ToDateTimeOffset() + (at - opened) : null;
        }

        return calms;
    }

    // A calm begins with the first calm score behind one that is not, and lasts to the next one that is not, or to the end of the call.
    private static TimeSpan? FirstCalm(V1.Score[] scores, TimeSpan opened, TimeSpan length)
    {
        TimeSpan? since = null;
        foreach (var score in scores)
        {
            var at = score.At.ToTimeSpan();
            if (at < opened) continue;
            if (since is { } began && at - began >= MeasureCatalog.CalmFor) return began;
            since = score.Level > V1.Level.Calm ? null : since ?? at;
        }

        return since is { } last && length - last >= MeasureCatalog.CalmFor ? last : null;
    }

    // To somebody else: the first time a name becomes known is no hand-off.
    private static bool IsTransfer(V1.CallEvent said) =>
        (said.LeftAgent.Length > 0 && said.Updated.Agent.Length > 0) || (said.LeftTeam.Length > 0 && said.Updated.Team.Length > 0);

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
