namespace EdgeAssist.AlertRelay.Rules;

/// <summary>What the wall knows of a live call.</summary>
/// <param name="CallId">Which.</param>
/// <param name="Risk">Of the newest score, 0 to 1.</param>
/// <param name="Waiting">How long it has been above calm.</param>
/// <param name="Value">The customer's weight; 1 when nothing is known.</param>
/// <param name="Attended">Somebody holds its alert.</param>
internal readonly record struct WallCandidate(string CallId, double Risk, TimeSpan Waiting, double Value, bool Attended);

/// <summary>A candidate with its urgency.</summary>
internal readonly record struct WallRank(WallCandidate Call, double Urgency, bool Starving);

/// <summary>Which calls need somebody most: risk × waiting × value, and nobody waits for ever.</summary>
internal static class Ranking
{
    /// <summary>The time after which waiting counts double.</summary>
    public static readonly TimeSpan WaitingUnit = TimeSpan.FromMinutes(1);

    /// <summary>An unattended call that waits so long goes before all that do not, whatever their risk.</summary>
    public static readonly TimeSpan StarvesAfter = TimeSpan.FromMinutes(3);

    /// <summary>The most urgent first; of equals the one with the smaller id, so that the order is the same everywhere.</summary>
    /// <param name="calls">Every live call within sight.</param>
    /// <param name="top">How many are wanted.</param>
    public static IReadOnlyList<WallRank> Order(IEnumerable<WallCandidate> calls, int top) =>
    [
        .. calls
            .Select(call => new WallRank(call, call.Risk * (1 + call.Waiting / WaitingUnit) * call.Value, !call.Attended && call.Waiting >= StarvesAfter))
            .OrderBy(rank => rank.Call.Attended)
            .ThenByDescending(rank => rank.Starving)
            .ThenByDescending(rank => rank.Urgency)
            .ThenBy(rank => rank.Call.CallId, StringComparer.Ordinal)
            .Take(top),
    ];

    /// <summary>The weight of a customer: correlation id <c>customer-value</c>, 0.1 to 10; 1 when there is none that can be read.</summary>
    public static double Value(V1.Call call) =>
        call.CorrelationIds.TryGetValue("customer-value", out var said)
        && double.TryParse(said, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var value)
        && value is >= 0.1 and <= 10
            ? value
            : 1;
}
