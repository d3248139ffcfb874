using System.Globalization;
using EdgeAssist.V1;

namespace EdgeAssist.Host.Demo;

/// <summary>The hops of many scores side by side with one alert's and the budget.</summary>
internal static class LatencyTable
{
    /// <summary>The 95th percentile each hop may take: the latency budget of the architecture, end of words to alert, 880 ms in all.</summary>
    private static readonly (Hop Hop, string Name, int BudgetMs)[] Rows =
    [
        (Hop.Media, "wire, jitter buffer, decode, fork", 80),
        (Hop.EndOfUtterance, "end-of-utterance pause", 350),
        (Hop.Queue, "waiting for a worker", 150),
        (Hop.Recognition, "recognition", 250),
        (Hop.Scoring, "text, voice, fusion", 20),
        (Hop.Commit, "commit to the journal", 15),
        (Hop.FanOut, "fan-out", 10),
        (Hop.Client, "to the client", 5),
    ];

    /// <summary>One line of the table, in milliseconds; null where the hop was never passed.</summary>
    internal sealed record Line(string Name, double? Alert, double? P50, double? P95, double Budget);

    /// <param name="alert">The alert's own hops, or null.</param>
    /// <param name="scores">Hops of every score that followed words.</param>
    public static IReadOnlyList<Line> Make(Latency? alert, IReadOnlyList<Latency> scores)
    {
        var lines = Rows
            .Select(row => new Line(row.Name, Milliseconds(alert, row.Hop), Percentile(scores, row.Hop, 0.50), Percentile(scores, row.Hop, 0.95), row.BudgetMs))
            .ToList();
        lines.Add(new Line("end of words → client", alert is null ? null : Total(alert),
            Percentile([.. scores.Select(Total)], 0.50), Percentile([.. scores.Select(Total)], 0.95), Rows.Sum(row => row.BudgetMs)));
        return lines;
    }

    public static string Format(double? milliseconds) => milliseconds?.ToString("0.0", CultureInfo.InvariantCulture) ?? "–";

    public static double Total(Latency latency) => latency.Hops.Sum(hop => hop.Duration.ToTimeSpan().TotalMilliseconds);

    private static double? Milliseconds(Latency? latency, Hop hop) =>
        latency?.Hops.FirstOrDefault(time => time.Hop == hop)?.Duration.ToTimeSpan().TotalMilliseconds;

    private static double? Percentile(IReadOnlyList<Latency> all, Hop hop, double share) =>
        Percentile([.. all.Select(latency => Milliseconds(latency, hop)).OfType<double>()], share);

    /// <summary>Nearest-rank percentile.</summary>
    private static double? Percentile(List<double> values, double share)
    {
        if (values.Count == 0) return null;
        values.Sort();
        return values[Math.Clamp((int)Math.Ceiling(share * values.Count) - 1, 0, values.Count - 1)];
    }
}
