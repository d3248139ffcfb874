using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.Rules;
using EdgeAssist.AlertRelay.State;
using Grpc.Core;

namespace EdgeAssist.AlertRelay.Grpc;

/// <summary>One WatchWall stream: the ranked wall of live calls, anew every second while it changes.</summary>
internal sealed class WallFeed(StreamTable table, CallView view, Principal principal, int top)
{
    /// <summary>A wall is never older than that.</summary>
    public static readonly TimeSpan Refresh = TimeSpan.FromSeconds(1);

    private const int Most = 500;

    public Task RunAsync(IServerStreamWriter<V1.Wall> writer, Caller caller, CancellationToken gone) =>
        new PolledStream<V1.Wall>(table, principal, Refresh, Now, IsSame).RunAsync(writer, caller, gone);

    internal V1.Wall Now()
    {
        var state = table.Writer.State;
        var now = table.Time.GetUtcNow();
        var alerts = state.Alerts.Values.Where(alert => !alert.IsOver() && alert.Mode != V1.PolicyMode.Observe).ToLookup(alert => alert.CallId, StringComparer.Ordinal);
        var calls = state.Calls.Values.Where(call => call.Scores.Count > 0 && call.Info.Mode != V1.PolicyMode.Observe && view.Matches(call.Info)).ToDictionary(call => call.Info.CallId, StringComparer.Ordinal);
        var free = table.FreeSupervisors(calls.Values.Select(call => call.Info), state.Alerts.Values);
        var ranked = Ranking.Order(calls.Values.Select(call => Candidate(call, alerts[call.Info.CallId].FirstOrDefault(), now)), top > 0 ? Math.Min(top, Most) : Math.Clamp(free, 1, Most));
        var wall = new V1.Wall { At = Timestamp.FromDateTimeOffset(now), FreeSupervisors = free, Ranked = calls.Count };
        wall.Entries.AddRange(ranked.Select(rank => Entry(rank, calls[rank.Call.CallId], alerts[rank.Call.CallId].FirstOrDefault())));
        return wall;
    }

    private static WallCandidate Candidate(CallRecord call, V1.Alert? alert, DateTimeOffset now)
    {
        var newest = call.Scores[^1];
        var first = call.Scores.Count;
        while (first > 0 && call.Scores[first - 1].Level > V1.Level.Calm) first--;
        var waiting = first == call.Scores.Count
            ? TimeSpan.Zero
            : now - (call.Info.StartedAt.ToDateTimeOffset() + call.Scores[first].At.ToTimeSpan());
        return new WallCandidate(call.Info.CallId, newest.Risk, waiting > TimeSpan.Zero ? waiting : TimeSpan.Zero, Ranking.Value(call.Info), alert?.Holder.Length > 0);
    }

    private static V1.WallEntry Entry(WallRank rank, CallRecord call, V1.Alert? alert) => new()
    {
        CallId = rank.Call.CallId,
        Urgency = Math.Round(rank.Urgency, 3),
        Risk = rank.Call.Risk,
        Waiting = Duration.FromTimeSpan(TimeSpan.FromSeconds(Math.Floor(rank.Call.Waiting.TotalSeconds))),
        Value = rank.Call.Value,
        Starving = rank.Starving,
        AlertId = alert?.AlertId ?? "",
        Holder = alert?.Holder ?? "",
        Level = call.Scores[^1].Level,
        Team = call.Info.Team,
        Agent = call.Info.Agent,
    };

    private static bool IsSame(V1.Wall one, V1.Wall other) =>
        one.Entries.Equals(other.Entries) && one.FreeSupervisors == other.FreeSupervisors && one.Ranked == other.Ranked;
}
