using EdgeAssist.AlertRelay.Measures.Statistics;

namespace EdgeAssist.AlertRelay.Measures.Reports;

/// <summary>What the numbers say, in sentences that claim no more than they do.</summary>
internal static class Answers
{
    private const double LowCoverage = 0.9, CoverageShift = 0.05;

    public static string Sentence(MeasureResult primary, IReadOnlyList<TreatedTeam> treated)
    {
        var measure = primary.Measure;
        if (treated.Count == 0) return "No team changed in these days, so nothing can be said about an effect; the levels are below.";

        var effect = primary.Effect!;
        var (best, how) = effect.Difference.IsKnown ? (effect.Difference, " compared with the control teams") : (effect.Change, "");
        if (!best.IsKnown) return $"Not enough data to say whether it helped: {best.NotEnough}.";

        var size = $"({Size(measure, best)}; {Formats.Count(effect.Before.Units)} cycles before, {Formats.Count(effect.After.Units)} after{Control(effect, best)}; coverage {Formats.Percent(Math.Min(primary.CoverageBefore, primary.CoverageAfter))})";
        if (best.Low > 0 || best.High < 0)
        {
            var verb = best.Value < 0 ? "fell" : "rose";
            return $"{measure.Title} {verb} by {Unsigned(measure, best.Value)}{how} {size}.";
        }

        return $"No effect was found: {Lower(measure.Title)} changed by {Formats.Change(measure, best.Value)}{how} {size}. A true effect of {Unsigned(measure, best.MinimumDetectable)} would have been found in four of five cases; a smaller one may be there.";
    }

    public static IReadOnlyList<string> Explain(MeasureResult primary, IReadOnlyList<TreatedTeam> treated, IReadOnlyList<string> controls, PlannedLook? look)
    {
        var said = new List<string>();
        foreach (var team in treated)
        {
            var mixed = team.DaysMixed == 0 ? "" : FormattableString.Invariant($"; {team.DaysMixed} days with both modes are left out");
            said.Add(FormattableString.Invariant($"{Name(team.Team)}: assisted from {DayText.Of(team.Changed)}; {team.DaysBefore} days before (scored, nothing shown), {team.DaysAfter} days after{mixed}."));
        }

        if (treated.Count == 0 || primary.Effect is not { } effect) return said;
        said.Add(controls.Count > 0
            ? $"Control teams, which changed nothing: {string.Join(", ", controls)}. What happened to all teams alike is taken off."
            : "No control team: whatever else changed in the same weeks is part of the number.");
        var best = effect.Difference.IsKnown ? effect.Difference : effect.Change;
        if (!best.IsKnown) return said;
        said.Add(look is null
            ? "These days are not a planned look. The numbers describe; they prove nothing, because whoever looks often enough finds a day that pleases. Planned looks: " + string.Join(", ", LookPlan.Of(treated[0].Changed).Select(planned => DayText.Of(planned.From) + " to " + DayText.Of(planned.Due))) + "."
            : FormattableString.Invariant($"Planned look {look.Number} of {look.Of}. Over all {look.Of} looks together a world without an effect is called one in at most 5 of 100 cases; for that the number must be {look.Hurdle:0.00} standard errors from 0 here. ")
                + FormattableString.Invariant($"It is {Math.Abs(best.Z):0.00}: ") + (Math.Abs(best.Z) >= look.Hurdle ? "the effect stands." : "no verdict at this look."));
        return said;
    }

    public static IReadOnlyList<string> Weaknesses(IReadOnlyList<MeasureResult> results, IReadOnlyList<TreatedTeam> treated, int controls)
    {
        var said = new List<string>();
        if (treated.Count > 0 && controls == 0) said.Add("Before and after without a control team cannot tell the product from anything else that changed then: staff, prices, an outage, the season beyond weekday and hour.");
        if (treated.Count > 0 && controls > 0) said.Add("The difference in differences assumes that without the change all teams would have moved alike. The weekly course shows whether they did before it.");
        if (controls == 1 || treated.Count == 1) said.Add("One team on a side: an event that hits one team alone, for weeks, looks like an effect.");
        said.Add("Days are taken as independent of each other. An event that lasts for weeks makes the intervals too narrow.");
        said.Add("Alerts and calm come from the product's own score, before as after. A new model or new thresholds in between make the two sides incomparable; and words that please the score need not please the customer: look at satisfaction and rework too, which do not come from it.");
        said.Add(FormattableString.Invariant($"{results.Count(result => result.Measure.IsCompared)} measures are compared. One was chosen beforehand to answer the question; of twenty others one leaves 0 outside its 95 % interval by chance."));
        foreach (var result in results)
        {
            if (result.Coverage < LowCoverage && result.Measure.Id != MeasureId.MissedEscalations) said.Add($"{result.Measure.Title}: only {Formats.Percent(result.Coverage)} of the population could be counted.");
            if (Math.Abs(result.CoverageAfter - result.CoverageBefore) > CoverageShift)
                said.Add($"{result.Measure.Title}: coverage was {Formats.Percent(result.CoverageBefore)} before and {Formats.Percent(result.CoverageAfter)} after; part of the change may be who was counted.");
        }

        return said;
    }

    private static string Size(MeasureDefinition measure, Estimate best) => $"95 % interval {Formats.Interval(measure, best)}{(measure.Unit is "%" ? " pp" : measure.Unit is "s" ? " s" : "")}";

    private static string Control(Effect effect, Estimate best) => ReferenceEquals(best, effect.Difference) ? $", {Formats.Count(effect.ControlBefore.Units + effect.ControlAfter.Units)} in control teams" : "";

    private static string Unsigned(MeasureDefinition measure, double value) => Formats.Change(measure, Math.Abs(value)).TrimStart('+');

    private static string Lower(string title) => char.ToLowerInvariant(title[0]) + title[1..];

    private static string Name(string team) => team.Length == 0 ? "(no team)" : team;
}
