using System.Collections.Frozen;
using EdgeAssist.AlertRelay.Grpc;
using EdgeAssist.AlertRelay.Identity;
using Grpc.Core;

namespace EdgeAssist.AlertRelay.Supervision;

/// <summary>One Watch stream: the interventions within sight, whole, whenever they have changed; looked at four times a second.</summary>
/// <param name="table">Its limits, and the state.</param>
/// <param name="principal">Whose it is.</param>
/// <param name="callIds">Only these calls; empty: all within sight.</param>
internal sealed class InterventionFeed(StreamTable table, Principal principal, FrozenSet<string> callIds)
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(250);

    public Task RunAsync(IServerStreamWriter<V1.Interventions> writer, Caller caller, CancellationToken gone) =>
        new PolledStream<V1.Interventions>(table, principal, s_look, Now, (one, other) => one.Equals(other)).RunAsync(writer, caller, gone);

    private V1.Interventions Now()
    {
        var list = new V1.Interventions();
        list.Interventions_.AddRange(table.Writer.State.Interventions.Values
            .Where(known => principal.Covers(known.Team, "") && (callIds.Count == 0 || callIds.Contains(known.CallId)))
            .OrderBy(known => known.RequestedAt.ToDateTimeOffset()).ThenBy(known => known.InterventionId, StringComparer.Ordinal));
        return list;
    }
}
