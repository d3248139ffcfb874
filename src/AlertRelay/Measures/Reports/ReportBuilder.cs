using EdgeAssist.AlertRelay.Measures.Statistics;

namespace EdgeAssist.AlertRelay.Measures.Reports;

/// <summary>Makes a report of a frame. Pure: the same frame gives the same report.</summary>
internal sealed class ReportBuilder
{
    private const ulong Seed = 0xED6EA551;
    private const int LeastUnits = 30, LeastLabels = 50, LeastHours = 8;

    private readonly MeasureFrame _frame;
    private readonly EnoughRule _rule;
    private readonly List<TreatedTeam> _treated = [];
    private readonly List<EffectDesign> _designs = [];
    private readonly SortedSet<int> _controls = [];

    private ReportBuilder(MeasureFrame frame, EnoughRule rule)
    {
        (_frame, _rule) = (frame, rule);
        FindDesigns();
    }

    public static ReportModel Build(MeasureFrame frame, EnoughRule? rule = null) => new ReportBuilder(frame, rule ?? EnoughRule.Default).Build();

    /// <summary>The rules in words.</summary>
    public static IReadOnlyList<string> Rules(EnoughRule rule) =>
    [
        FormattableString.Invariant($"A change is given when each side has at least {rule.Days} days and {rule.Units} units, and a share also {rule.OfEachKind} units with and {rule.OfEachKind} without."),
        FormattableString.Invariant($"A level is given when there are at least {LeastUnits} units on {RatioMean.LeastDays} days; missed escalations need {LeastLabels} labelled calls, alerts per hour {LeastHours} hours."),
    ];

    private ReportModel Build()
    {
        var results = MeasureCatalog.All.Select(Result).ToList();
        var primary = results[(int)MeasureCatalog.Primary.Id];
        var look = Look();
        return new ReportModel
        {
            From = _frame.From,
            To = _frame.To,
            Zone = _frame.Zone,
            Teams = _frame.Teams,
            Answer = Answers.Sentence(primary, _treated),
            Explanation = Answers.Explain(primary, _treated, Names(_controls), look),
            Treated = _treated,
            Controls = Names(_controls),
            Look = look,
            Results = results,
            Quarters = Quarters(),
            Weeks = Weeks(),
            Curves = Curves(),
            Data = Data(),
            Weaknesses = Answers.Weaknesses(results, _treated, _controls.Count),
        };
    }

    private void FindDesigns()
    {
        var teams = Enumerable.Range(0, _frame.Teams.Count).Select(team => (
            Team: team,
            Days: _frame.DayModes.Where(each => each.Key.Team == team).OrderBy(each => each.Key.Day).Select(each => (each.Key.Day, each.Value.Observe, each.Value.Assist)).ToArray())).ToArray();
        foreach (var (team, days) in teams)
        {
            if (days.Length > 0 && (days.All(day => day.Observe == 0) || days.All(day => day.Assist == 0))) _controls.Add(team);
        }

        foreach (var (team, days) in teams)
        {
            var after = days.Where(day => day.Observe == 0 || day.Assist == 0).ToDictionary(day => day.Day, day => day.Assist > 0);
            if (!after.ContainsValue(true) || !after.ContainsValue(false)) continue;
            _designs.Add(new EffectDesign(team, after, _controls));
            _treated.Add(new TreatedTeam(_frame.Teams[team], days.First(day => day.Assist > 0).Day,
                after.Values.Count(isAfter => !isAfter), after.Values.Count(isAfter => isAfter), days.Length - after.Count));
        }
    }

    private MeasureResult Result(MeasureDefinition measure)
    {
        var tally = _frame.Tallies[measure.Id];
        var cells = tally.Cells.ToArray();
        bool IsSide(int team, int day, bool side) => _designs.Any(design => design.Treated == team && design.After.TryGetValue(day, out var after) && after == side);
        return new MeasureResult(
            measure,
            measure.IsCompared && _designs.Count > 0 ? EffectEstimator.Estimate(cells, _designs, measure.IsShare, _rule, Seed + (ulong)measure.Id) : null,
            Level(measure, cells, _ => true),
            [.. Enumerable.Range(0, _frame.Teams.Count).Select(team => (_frame.Teams[team], Level(measure, cells, each => each == team)))],
            tally.Coverage((team, day) => IsSide(team, day, false)),
            tally.Coverage((team, day) => IsSide(team, day, true)),
            Coverage(measure, tally),
            tally.Reasons);
    }

    private double Coverage(MeasureDefinition measure, MeasureTally tally)
    {
        if (measure.Id != MeasureId.MissedEscalations) return tally.Coverage((_, _) => true);

        // Of the calls without an alert, so many were drawn and labelled.
        var calm = _frame.Tallies[MeasureId.EscalatingCalls].Cells.Sum(cell => cell.Count - cell.Sum);
        return calm > 0 ? Math.Min(1, _frame.Labels.Count / calm) : double.NaN;
    }

    private Estimate Level(MeasureDefinition measure, Cell[] cells, Func<int, bool> isIn) => measure.Id switch
    {
        MeasureId.MissedEscalations => Missed([.. _frame.Labels.Where(label => isIn(label.Team)).Select(label => (label.Escalated, label.Chance))]),
        MeasureId.AlertsPerSupervisorHour => PerHour(cells, isIn),
        _ when measure.IsShare => Share(ByDay(cells, isIn)),
        _ => ByDay(cells, isIn),
    };

    private static Estimate ByDay(Cell[] cells, Func<int, bool> isIn) => RatioMean.Of(
        cells.Where(cell => isIn(cell.Team)).GroupBy(cell => cell.Day).OrderBy(day => day.Key).Select(day => (day.Sum(cell => cell.Sum), (double)day.Sum(cell => cell.Count))), LeastUnits, "units");

    // Within 0 to 1 and never of width 0: Wilson's interval at the sample size that days as clusters leave.
    private static Estimate Share(Estimate mean)
    {
        if (!mean.IsKnown) return mean;
        var effective = mean.StandardError > 0 ? Math.Min(mean.Units, mean.Value * (1 - mean.Value) / (mean.StandardError * mean.StandardError)) : mean.Units;
        return WeightedShare.Wilson(mean.Value, effective, mean.Units);
    }

    private static Estimate Missed((bool, double)[] labels) => labels.Length < LeastLabels
        ? Estimate.None(FormattableString.Invariant($"at least {LeastLabels} labelled calls are needed; there are {labels.Length}"), labels.Length)
        : WeightedShare.Of(labels);

    private Estimate PerHour(Cell[] cells, Func<int, bool> isIn)
    {
        var alerts = cells.Where(cell => isIn(cell.Team)).GroupBy(cell => cell.Day).ToDictionary(day => day.Key, day => day.Sum(cell => cell.Sum));
        var hours = _frame.Presence.Where(each => isIn(each.Key.Team)).GroupBy(each => each.Key.Day).OrderBy(day => day.Key).Select(day => (day.Key, Hours: day.OrderBy(each => each.Key.Team).Sum(each => each.Value) / 60));
        return RatioMean.Of(hours.Select(day => (alerts.GetValueOrDefault(day.Key), day.Hours)), LeastHours, "hours of connected supervisors");
    }

    private PlannedLook? Look() => _treated.Select(team => team.Changed).Distinct().Count() == 1
        ? LookPlan.Of(_treated[0].Changed).FirstOrDefault(look => look.From == _frame.From && look.Due == _frame.To)
        : null;

    private List<QuarterResult> Quarters()
    {
        var cells = _frame.Tallies[MeasureCatalog.Primary.Id].Cells.ToArray();
        var teams = _designs.Count == 0 ? Enumerable.Range(0, _frame.Teams.Count).ToHashSet() : _designs.Select(design => design.Treated).ToHashSet();
        return [.. cells.GroupBy(cell => DayText.Quarter(cell.Day)).OrderBy(quarter => quarter.Key, StringComparer.Ordinal).Select(quarter =>
        {
            var own = quarter.Where(cell => teams.Contains(cell.Team)).ToArray();
            var units = own.Sum(cell => cell.Count);
            var level = new ArmLevel(own.Select(cell => cell.Day).Distinct().Count(), units, units == 0 ? double.NaN : own.Sum(cell => cell.Sum) / units);

            // Everything before against what came after within this quarter.
            EffectDesign[] designs = [.. _designs
                .Select(design => design with { After = design.After.Where(day => !day.Value || DayText.Quarter(day.Key) == quarter.Key).ToDictionary() })
                .Where(design => design.After.Values.Contains(true))];
            if (designs.Length == 0) return new QuarterResult(quarter.Key, level, Estimate.None("nothing had changed yet", units), Estimate.None("nothing had changed yet", units));
            var effect = EffectEstimator.Estimate(cells, designs, MeasureCatalog.Primary.IsShare, _rule, Seed);
            return new QuarterResult(quarter.Key, level, effect.Change, effect.Difference);
        })];
    }

    private List<WeekSeries> Weeks()
    {
        var cells = _frame.Tallies[MeasureCatalog.Primary.Id].Cells.ToArray();
        var treated = _designs.Select(design => design.Treated).ToHashSet();
        var groups = _designs.Count == 0
            ? [("all teams", false, Enumerable.Range(0, _frame.Teams.Count).ToHashSet())]
            : new (string Name, bool IsTreated, HashSet<int> Teams)[] { ("with the change: " + string.Join(", ", Names(treated)), true, treated), ("control: " + string.Join(", ", Names(_controls)), false, [.. _controls]) };
        return [.. groups.Where(group => group.Item3.Count > 0).Select(group => new WeekSeries(group.Item1, group.Item2, [.. cells
            .Where(cell => group.Item3.Contains(cell.Team))
            .GroupBy(cell => cell.Day - cell.Weekday)
            .OrderBy(week => week.Key)
            .Select(week => new WeekPoint(week.Key, week.Sum(cell => cell.Sum) / week.Sum(cell => cell.Count), week.Sum(cell => cell.Count)))]))];
    }

    private List<CalmCurve> Curves()
    {
        var sides = new[] { (Name: "before", After: false), (Name: "after", After: true) };
        return _designs.Count == 0
            ? []
            : [.. sides.Select(side => Curve(side.Name, [.. _frame.Cycles.Where(cycle => _designs.Any(design => design.Treated == cycle.Team && design.After.TryGetValue(cycle.Day, out var after) && after == side.After))]))
                .Where(curve => curve.Cycles > 0)];
    }

    private static CalmCurve Curve(string name, Cycle[] cycles)
    {
        var cap = (int)MeasureCatalog.Cap.TotalSeconds;
        var calmedBy = new long[cap + 1];
        foreach (var cycle in cycles)
        {
            if (cycle.Calmed && cycle.Seconds <= cap) calmedBy[(int)Math.Ceiling(cycle.Seconds)]++;
        }

        var shares = new double[cap + 1];
        var calm = 0L;
        for (var second = 0; second <= cap; second++) shares[second] = 1 - (double)(calm += calmedBy[second]) / cycles.Length;
        var survival = SurvivalCurve.Of(cycles.Select(cycle => ((double)cycle.Seconds, cycle.Calmed)));
        return new CalmCurve(name, shares, cycles.Length, survival.TimeOf(0.5), survival.RestrictedMean(cap));
    }

    private List<(string What, string Count)> Data()
    {
        var data = new List<(string, string)>
        {
            ("Calls that ended in these days", Formats.Count(_frame.Calls)),
            ("of these, end not seen (crash, time-out, shutdown)", Formats.Count(_frame.LostCalls)),
            ("of these, the mode changed while they lasted; in no measure", Formats.Count(_frame.ChangedCalls)),
            ("Cycles (alerts and would-be alerts)", Formats.Count(_frame.Cycles.Count)),
            ("Days with calls of both modes; left out of comparisons", Formats.Count(_treated.Sum(team => team.DaysMixed))),
            ("Records of the journal forgotten before they could be measured", Formats.Count(_frame.SkippedRecords)),
            ("Labelled calls without an alert", Formats.Count(_frame.Labels.Count)),
            ("Satisfaction files", Formats.Count(_frame.Imports.Files)),
            ("rows in them", Formats.Count(_frame.Imports.Rows)),
            ("rows taken", Formats.Count(_frame.Imports.Imported)),
        };
        data.AddRange(_frame.Imports.Refused.OrderBy(each => each.Key, StringComparer.Ordinal).Select(each => ("rows refused: " + each.Key.Replace('_', ' '), Formats.Count(each.Value))));
        foreach (var measure in MeasureCatalog.All)
            data.AddRange(_frame.Tallies[measure.Id].Reasons.Select(each => ($"{measure.Title}: left out, {each.Key}", Formats.Count(each.Value))));
        return data;
    }

    private List<string> Names(IEnumerable<int> teams) => [.. teams.Order().Select(team => _frame.Teams[team].Length == 0 ? "(no team)" : _frame.Teams[team])];
}
