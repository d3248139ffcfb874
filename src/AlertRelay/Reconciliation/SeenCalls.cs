using EdgeAssist.AlertRelay.Baseline;

namespace EdgeAssist.AlertRelay.Reconciliation;

/// <summary>Calls of the journal as the reconciliation looks at them.</summary>
internal static class SeenCalls
{
    // A call of that length in which nobody says a word that is recognised has no media.
    private static readonly TimeSpan SpeaksWithin = TimeSpan.FromSeconds(30);

    public static SeenCall Of(ObservedCall call) => new(
        call.Info.CallId,
        call.StartedAt,
        [call.Info.CallId, .. call.Info.CorrelationIds.Values],
        [.. new[] { call.Info.Customer }.Concat(call.Info.Legs.Select(leg => leg.Aor)).Where(address => address.Length > 0).Select(CdrFile.Number).Distinct(StringComparer.Ordinal)],
        call.Duration < SpeaksWithin || call.Finals.Count > 0 || call.Scores.Count > 0);
}
