using EdgeAssist.AlertRelay.Measures.Statistics;

namespace EdgeAssist.AlertRelay.Measures.Reports;

/// <summary>A day on which a verdict may be given, and the hurdle for it.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Of">How many are planned.</param>
/// <param name="From">First day of the data.</param>
/// <param name="Due">The day behind the last.</param>
/// <param name="Hurdle">For |estimate ⁄ standard error|.</param>
internal sealed record PlannedLook(int Number, int Of, int From, int Due, double Hurdle);

/// <summary>
/// When verdicts are given: 30 days after a team's change and at the ends of the four quarters behind that. The plan follows from the day
/// of the change alone and cannot be altered after the data were seen; on any other day a report describes, and proves nothing.
/// </summary>
internal static class LookPlan
{
    public const int FirstAfterDays = 30, BaselineDays = 90, Quarters = 4;

    /// <summary>First and last days of the looks, without their hurdles.</summary>
    /// <param name="changed">The first day with the change, days since 1970-01-01.</param>
    public static IReadOnlyList<(int From, int Due)> Days(int changed)
    {
        var looks = new List<(int From, int Due)> { (changed - FirstAfterDays, changed + FirstAfterDays) };
        for (var quarter = NextQuarter(changed + FirstAfterDays); looks.Count <= Quarters; quarter = NextQuarter(quarter)) looks.Add((changed - BaselineDays, quarter));
        return looks;
    }

    /// <inheritdoc cref="Days"/>
    public static IReadOnlyList<PlannedLook> Of(int changed)
    {
        var days = Days(changed);
        var due = days.Select(look => look.Due).ToArray();
        var last = (double)(due[^1] - changed);
        var hurdles = GroupSequential.Bounds([.. due.Select(day => (day - changed) / last)], Spending.PocockLike);
        return [.. days.Select((look, index) => new PlannedLook(index + 1, days.Count, look.From, look.Due, hurdles[index]))];
    }

    /// <summary>First day of the quarter behind the one that a day is in.</summary>
    public static int NextQuarter(int day)
    {
        var date = DayText.Date(day);
        return DayText.Number(new DateOnly(date.Year, (date.Month - 1) / 3 * 3 + 1, 1).AddMonths(3));
    }
}

/// <summary>Days as numbers, dates and words.</summary>
internal static class DayText
{
    private static readonly int Epoch = new DateOnly(1970, 1, 1).DayNumber;

    public static DateOnly Date(int day) => DateOnly.FromDayNumber(Epoch + day);

    public static int Number(DateOnly date) => date.DayNumber - Epoch;

    public static string Of(int day) => Date(day).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    public static string Quarter(int day) => Date(day) is var date ? FormattableString.Invariant($"{date.Year}-Q{(date.Month + 2) / 3}") : "";
}
