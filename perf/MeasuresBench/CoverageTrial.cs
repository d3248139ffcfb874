using EdgeAssist.AlertRelay.Measures.Statistics;
using EdgeAssist.MeasuresBench.CallCentre;

namespace EdgeAssist.MeasuresBench;

/// <summary>What many worlds came to.</summary>
/// <param name="Runs">Worlds.</param>
/// <param name="Covered">The 95 % interval held the truth.</param>
/// <param name="Alarms">The interval left 0 out.</param>
/// <param name="MeanError">Mean of estimate less truth, over the mean standard error.</param>
internal readonly record struct TrialResult(int Runs, int Covered, int Alarms, double MeanError)
{
    public double Coverage => (double)Covered / Runs;

    public double AlarmRate => (double)Alarms / Runs;
}

/// <summary>
/// Worlds with a known truth, drawn by the thousand and judged by the product's own estimator: does the interval hold the truth
/// as often as it says, and how often is an effect seen where there is none?
/// </summary>
internal static class CoverageTrial
{
    public static readonly (string Name, double Effect, bool IsShare)[] Worlds =
        [("time, no effect", 0, false), ("time, -20 s", -20, false), ("share, no effect", 0, true), ("share, -8 points", -0.08, true)];

    /// <summary>Plain change, difference in differences.</summary>
    public static readonly bool[] Kinds = [false, true];

    /// <param name="runs">Worlds.</param>
    /// <param name="effect">Added to every unit of the treated team after the change; for a share, to its chance.</param>
    /// <param name="isShare">Units are 0 or 1 and not skewed times.</param>
    /// <param name="isDifference">Judge the difference in differences and not the plain change.</param>
    /// <param name="seed">Of the first world.</param>
    /// <param name="replicates">Of the bootstrap.</param>
    public static TrialResult Run(int runs, double effect, bool isShare, bool isDifference, ulong seed, int replicates = 200)
    {
        var results = new (bool Covered, bool Alarm, double Error, double StandardError)[runs];
        Parallel.For(0, runs, run =>
        {
            var cells = Cells(seed + (ulong)run, effect, isShare, isDifference);
            var design = new EffectDesign(0, Enumerable.Range(0, 60).ToDictionary(day => day, day => day >= 30), new HashSet<int> { 1 });
            var found = EffectEstimator.Estimate(cells, [design], isShare, EnoughRule.Default, seed + (ulong)run, replicates);
            var estimate = isDifference ? found.Difference : found.Change;
            if (!estimate.IsKnown) throw new InvalidOperationException(estimate.NotEnough);
            results[run] = (estimate.Low <= effect && effect <= estimate.High, estimate.Low > 0 || estimate.High < 0, estimate.Value - effect, estimate.StandardError);
        });
        return new TrialResult(runs, results.Count(each => each.Covered), results.Count(each => each.Alarm), results.Average(each => each.Error) / results.Average(each => each.StandardError));
    }

    /// <summary>The same of whole call centres (<see cref="World"/>): their cycles go to the estimator, the truth is the mean of what was done to each.</summary>
    public static TrialResult RunCentres(int runs, WorldSettings settings, int replicates = 200)
    {
        var results = new (bool Covered, bool Alarm, double Error, double StandardError)[runs];
        Parallel.For(0, runs, run =>
        {
            var plan = World.Plan(settings with { Seed = settings.Seed + (ulong)run });
            var teams = settings.Treated.Concat(settings.Controls).ToList();
            var cells = plan.Where(call => call.EscalatesAt is not null)
                .GroupBy(call => (Team: teams.IndexOf(call.Team), call.Day, call.Start.Hour))
                .Select(cell => new Cell(cell.Key.Team, cell.Key.Day + 4, cell.Key.Hour, cell.Count(), cell.Sum(call => Math.Min(600, call.CalmsAt - call.EscalatesAt ?? 600)))).ToArray();
            var controls = settings.Controls.Select(team => teams.IndexOf(team)).ToHashSet();
            EffectDesign[] designs = [.. settings.Treated.Select(team => new EffectDesign(teams.IndexOf(team), Enumerable.Range(0, settings.Days).ToDictionary(day => day + 4, day => day >= settings.ChangeDay), controls))];
            var estimate = EffectEstimator.Estimate(cells, designs, false, EnoughRule.Default, settings.Seed + (ulong)run, replicates).Difference;
            var truth = World.TrueEffect(plan);
            results[run] = (estimate.Low <= truth && truth <= estimate.High, estimate.Low > 0 || estimate.High < 0, estimate.Value - truth, estimate.StandardError);
        });
        return new TrialResult(runs, results.Count(each => each.Covered), results.Count(each => each.Alarm), results.Average(each => each.Error) / results.Average(each => each.StandardError));
    }

    // 60 days, 9 to 17 h, about 24 units a team and day; Mondays and evenings are worse; a day can be bad for all or for one team.
    private static List<Cell> Cells(ulong seed, double effect, bool isShare, bool isDifference)
    {
        var random = new SeededRandom(seed * 0x9E3779B97F4A7C15 + 17);
        var cells = new List<Cell>();
        for (var day = 0; day < 60; day++)
        {
            var common = isDifference ? random.NextNormal() : 0.3 * random.NextNormal();
            for (var team = 0; team < 2; team++)
            {
                var shock = common + 0.4 * random.NextNormal();
                for (var hour = 9; hour < 17; hour++)
                {
                    var count = 2 + random.NextInt(3);
                    var cell = new Cell(team, day, hour, count, 0);
                    var pattern = shock + (cell.Weekday == 0 ? 1 : 0) + (hour > 14 ? 0.7 : 0) + (team == 1 ? 0.5 : 0);
                    var sum = 0.0;
                    for (var i = 0; i < count; i++) sum += Unit(random, pattern, team == 0 && day >= 30 ? effect : 0, isShare);
                    cells.Add(cell with { Sum = sum });
                }
            }
        }

        return cells;
    }

    private static double Unit(SeededRandom random, double pattern, double effect, bool isShare) => isShare
        ? random.NextUnit() < 0.35 + 0.05 * pattern + effect ? 1 : 0
        : 60 + 12 * pattern + effect - 90 * Math.Log(1 - random.NextUnit());   // exponential with a floor: standard deviation 90 s
}
