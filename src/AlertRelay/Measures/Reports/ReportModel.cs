using EdgeAssist.AlertRelay.Measures.Statistics;

namespace EdgeAssist.AlertRelay.Measures.Reports;

/// <summary>One measure in a report.</summary>
/// <param name="Measure">In words.</param>
/// <param name="Effect">What changed; null for a measure that has no before, and where no team changed.</param>
/// <param name="Level">Over all teams and days of the report that count for it.</param>
/// <param name="ByTeam">The same for each team.</param>
/// <param name="CoverageBefore">Share of the population that was counted, teams with the change, before; NaN when it does not apply.</param>
/// <param name="CoverageAfter">The same, after.</param>
/// <param name="Coverage">The same, everywhere.</param>
/// <param name="Missing">Why units are missing, and how many.</param>
internal sealed record MeasureResult(
    MeasureDefinition Measure, Effect? Effect, Estimate Level, IReadOnlyList<(string Team, Estimate Level)> ByTeam,
    double CoverageBefore, double CoverageAfter, double Coverage, IReadOnlyDictionary<string, long> Missing);

/// <summary>A team whose mode changed.</summary>
/// <param name="Team">Name.</param>
/// <param name="Changed">First day with assistance.</param>
/// <param name="DaysBefore">Days that count as before.</param>
/// <param name="DaysAfter">Days that count as after.</param>
/// <param name="DaysMixed">Days with calls of both modes; left out.</param>
internal sealed record TreatedTeam(string Team, int Changed, int DaysBefore, int DaysAfter, int DaysMixed);

/// <summary>The primary measure in one calendar quarter against all days before the change.</summary>
internal sealed record QuarterResult(string Quarter, ArmLevel Level, Estimate Change, Estimate Difference);

/// <summary>One point of the weekly course: Monday of the week and the mean; NaN without units.</summary>
internal readonly record struct WeekPoint(int Monday, double Mean, long Units);

/// <summary>The weekly course of the primary measure.</summary>
internal sealed record WeekSeries(string Name, bool IsTreated, IReadOnlyList<WeekPoint> Points);

/// <summary>Share not yet calm, second by second to the cap.</summary>
/// <param name="Name">Before or after.</param>
/// <param name="NotYetCalm">By whole seconds, 0 to the cap: calls that ended without calm never become calm.</param>
/// <param name="Cycles">It rests on so many.</param>
/// <param name="Median">Kaplan and Meier's median when the end of the call counts as a loss; null when it was not reached.</param>
/// <param name="RestrictedMean">The mean to the cap when the end of the call counts as a loss.</param>
internal sealed record CalmCurve(string Name, IReadOnlyList<double> NotYetCalm, long Cycles, double? Median, double RestrictedMean);

/// <summary>A report, before it is written in a format.</summary>
internal sealed record ReportModel
{
    public required int From { get; init; }

    public required int To { get; init; }

    public required string Zone { get; init; }

    public required IReadOnlyList<string> Teams { get; init; }

    /// <summary>In one sentence.</summary>
    public required string Answer { get; init; }

    /// <summary>What the answer rests on and how far it goes.</summary>
    public required IReadOnlyList<string> Explanation { get; init; }

    public required IReadOnlyList<TreatedTeam> Treated { get; init; }

    public required IReadOnlyList<string> Controls { get; init; }

    /// <summary>Set when these days are one of the planned looks.</summary>
    public PlannedLook? Look { get; init; }

    public required IReadOnlyList<MeasureResult> Results { get; init; }

    public required IReadOnlyList<QuarterResult> Quarters { get; init; }

    public required IReadOnlyList<WeekSeries> Weeks { get; init; }

    public required IReadOnlyList<CalmCurve> Curves { get; init; }

    public required IReadOnlyList<(string What, string Count)> Data { get; init; }

    public required IReadOnlyList<string> Weaknesses { get; init; }
}
