using System.Runtime.InteropServices;

namespace EdgeAssist.AlertRelay.Measures.Statistics;

/// <summary>Units of one team, day and hour, summed up.</summary>
/// <param name="Team">Index of the team.</param>
/// <param name="Day">Days since 1970-01-01, in the site's time zone.</param>
/// <param name="Hour">0 to 23, in the site's time zone.</param>
/// <param name="Count">Units: calls, cycles or answers.</param>
/// <param name="Sum">Of their values.</param>
internal readonly record struct Cell(int Team, int Day, int Hour, long Count, double Sum)
{
    /// <summary>0 Monday to 6 Sunday; 1970-01-01 was a Thursday.</summary>
    public int Weekday => (Day + 3) % 7;
}

/// <summary>Which days of a team count as before and which as after, and who is compared with it.</summary>
/// <param name="Treated">The team whose rule changed.</param>
/// <param name="After">By day: true after, false before. Days that are not in it do not count.</param>
/// <param name="Controls">Teams whose rule did not change.</param>
internal sealed record EffectDesign(int Treated, IReadOnlyDictionary<int, bool> After, IReadOnlySet<int> Controls);

/// <summary>Raw means beside the adjusted change.</summary>
/// <param name="Days">With at least one unit.</param>
/// <param name="Units">In the arm.</param>
/// <param name="Mean">Of their values, not adjusted; NaN without units.</param>
internal readonly record struct ArmLevel(int Days, long Units, double Mean);

/// <summary>What changed in one measure.</summary>
/// <param name="Before">Treated teams, before.</param>
/// <param name="After">Treated teams, after.</param>
/// <param name="ControlBefore">Teams without the change on the same days.</param>
/// <param name="ControlAfter">Teams without the change on the same days.</param>
/// <param name="Change">After less before, adjusted for weekday and hour.</param>
/// <param name="Difference">The change less the change of the control teams (difference in differences).</param>
internal sealed record Effect(ArmLevel Before, ArmLevel After, ArmLevel ControlBefore, ArmLevel ControlAfter, Estimate Change, Estimate Difference);

/// <summary>When a comparison is not made. Each rule is printed in place of the number.</summary>
internal sealed record EnoughRule
{
    public static EnoughRule Default { get; } = new();

    /// <summary>Days with units in each arm: two of every weekday.</summary>
    public int Days { get; init; } = 14;

    /// <summary>Units in each arm.</summary>
    public int Units { get; init; } = 50;

    /// <summary>Of a share: units with the property, and units without it, over both arms.</summary>
    public int OfEachKind { get; init; } = 10;

    /// <summary>The rule that the arms do not meet, as a sentence; null when they meet all.</summary>
    public string? Broken(ArmLevel before, ArmLevel after, bool isShare, string whose)
    {
        if (Math.Min(before.Days, after.Days) < Days)
            return FormattableString.Invariant($"{whose}: at least {Days} days on each side are needed; there are {before.Days} before and {after.Days} after");
        if (Math.Min(before.Units, after.Units) < Units)
            return FormattableString.Invariant($"{whose}: at least {Units} units on each side are needed; there are {before.Units} before and {after.Units} after");
        if (!isShare) return null;

        var with = before.Mean * before.Units + after.Mean * after.Units;
        return Math.Min(with, before.Units + after.Units - with) < OfEachKind - 0.5
            ? FormattableString.Invariant($"{whose}: at least {OfEachKind} units with and {OfEachKind} without are needed; there are {with:0} with among {before.Units + after.Units}")
            : null;
    }
}

/// <summary>
/// Before and after, and the difference in differences. A team's change is the coefficient of «after» in least squares over its
/// units with additive effects of weekday and hour (and of the team, for the controls together). Its error comes from the
/// bootstrap over whole days (Cameron, Gelbach and Miller, REStat 90, 2008): days are drawn with replacement within equal
/// assignment, the same draw for all teams, so that what a day does to everybody cancels in the difference. Because the
/// weekday effects are estimated from few days, the error is enlarged by √(G ⁄ (G − k)) and the interval uses Student's t with
/// G − k degrees (G days, k effects of days), as for clustered errors in general (Cameron and Miller, JHR 50, 2015, §VI).
/// </summary>
internal static class EffectEstimator
{
    private const double LeastReplicates = 0.9;

    /// <param name="cells">One measure's units, in any order.</param>
    /// <param name="designs">One for each team whose rule changed; not empty. Several are averaged by their units after the change.</param>
    /// <param name="isShare">The values are 0 and 1.</param>
    /// <param name="rule">When no number is given.</param>
    /// <param name="seed">Of the bootstrap.</param>
    /// <param name="replicates">Of the bootstrap.</param>
    public static Effect Estimate(IReadOnlyList<Cell> cells, IReadOnlyList<EffectDesign> designs, bool isShare, EnoughRule rule, ulong seed, int replicates = 400)
    {
        ArgumentOutOfRangeException.ThrowIfZero(designs.Count, nameof(designs));
        // In one order whatever order they came in: sums of floating-point numbers depend on it.
        var sorted = cells.OrderBy(cell => cell.Day).ThenBy(cell => cell.Team).ThenBy(cell => cell.Hour).ThenBy(cell => cell.Count).ThenBy(cell => cell.Sum).ToArray();
        var contrasts = designs.Select(design => new Contrast(sorted, design)).ToArray();
        var (before, after) = (Level(contrasts.Select(each => each.Treated.Before)), Level(contrasts.Select(each => each.Treated.After)));
        var (controlBefore, controlAfter) = (Level(contrasts.Select(each => each.Control.Before)), Level(contrasts.Select(each => each.Control.After)));

        var units = before.Units + after.Units;
        var broken = contrasts.Select(each => rule.Broken(each.Treated.Before, each.Treated.After, isShare, "teams with the change")).FirstOrDefault(why => why is not null);
        var brokenControl = broken ?? (designs.All(design => design.Controls.Count == 0)
            ? "there is no team without the change to compare with"
            : contrasts.Select(each => rule.Broken(each.Control.Before, each.Control.After, isShare, "control teams")).FirstOrDefault(why => why is not null));
        if (broken is not null)
            return new Effect(before, after, controlBefore, controlAfter, Statistics.Estimate.None(broken, units), Statistics.Estimate.None(broken, units));

        var weights = contrasts.Select(each => (double)each.Treated.After.Units / after.Units).ToArray();
        var draws = new DayDraws(designs, contrasts);
        var change = Bootstrap(contrasts, weights, draws, units, seed, replicates, contrast => contrast.Treated.After, (contrast, days) => contrast.Treated.Change(days));
        var difference = brokenControl is not null
            ? Statistics.Estimate.None(brokenControl, units)
            : Bootstrap(contrasts, weights, draws, units + controlBefore.Units + controlAfter.Units, seed, replicates, contrast => contrast.Control.After,
                (contrast, days) => contrast.Treated.Change(days) - contrast.Control.Change(days));
        return new Effect(before, after, controlBefore, controlAfter, change, difference);
    }

    private static ArmLevel Level(IEnumerable<ArmLevel> arms)
    {
        var all = arms.Where(arm => arm.Units > 0).ToArray();
        var units = all.Sum(arm => arm.Units);
        return new ArmLevel(all.Sum(arm => arm.Days), units, units == 0 ? double.NaN : all.Sum(arm => arm.Mean * arm.Units) / units);
    }

    private static Estimate Bootstrap(
        Contrast[] contrasts, double[] weights, DayDraws draws, long units, ulong seed, int replicates, Func<Contrast, ArmLevel> needed, Func<Contrast, Dictionary<int, int>?, double?> change)
    {
        double? Value(Dictionary<int, int>? days)
        {
            var sum = 0.0;
            for (var i = 0; i < contrasts.Length; i++)
            {
                if (change(contrasts[i], days) is not { } one) return null;
                sum += weights[i] * one;
            }

            return sum;
        }

        if (contrasts.Any(contrast => needed(contrast).Units == 0) || Value(null) is not { } value)
            return Statistics.Estimate.None("before and after cannot be told apart from weekday and hour", units);
        if (draws.Degrees < 5)
            return Statistics.Estimate.None(FormattableString.Invariant($"{draws.Days} days are too few for their {draws.Days - draws.Degrees} effects"), units);

        var random = new SeededRandom(seed);
        var drawn = new List<double>(replicates);
        for (var i = 0; i < replicates; i++)
        {
            if (Value(draws.Next(random)) is { } again) drawn.Add(again);
        }

        if (drawn.Count < LeastReplicates * replicates) return Statistics.Estimate.None("too many days have no units to draw other days in their place", units);

        var mean = drawn.Average();
        var deviation = Math.Sqrt(drawn.Sum(each => (each - mean) * (each - mean)) / (drawn.Count - 1));
        var error = deviation * Math.Sqrt((double)draws.Days / draws.Degrees);
        var half = Distributions.StudentQuantile(0.975, draws.Degrees) * error;
        return new Estimate(value, value - half, value + half, error, draws.Degrees, units);
    }

    /// <summary>One team with the change and its controls.</summary>
    private sealed class Contrast(Cell[] cells, EffectDesign design)
    {
        public Group Treated { get; } = new([.. cells.Where(cell => cell.Team == design.Treated && design.After.ContainsKey(cell.Day))], design.After);

        public Group Control { get; } = new([.. cells.Where(cell => design.Controls.Contains(cell.Team) && design.After.ContainsKey(cell.Day))], design.After);
    }

    /// <summary>Teams that are taken together, their equations gathered by day.</summary>
    private sealed class Group
    {
        private readonly SortedDictionary<int, LeastSquares> _days = [];
        private readonly LeastSquares _all;
        private readonly double[] _solution;
        private readonly int _after;

        public Group(Cell[] cells, IReadOnlyDictionary<int, bool> after)
        {
            var teams = cells.Select(cell => cell.Team).Distinct().Order().ToList();
            var hours = cells.Select(cell => cell.Hour).Distinct().Order().ToList();
            _after = teams.Count + 7 + hours.Count;
            _all = new LeastSquares(_after + 1);
            _solution = new double[_after + 1];
            foreach (var cell in cells)
            {
                if (!_days.TryGetValue(cell.Day, out var day)) _days[cell.Day] = day = new LeastSquares(_after + 1);
                ReadOnlySpan<int> ones = [teams.IndexOf(cell.Team), teams.Count + cell.Weekday, teams.Count + 7 + hours.IndexOf(cell.Hour), _after];
                day.Add(after[cell.Day] ? ones : ones[..^1], cell.Count, cell.Sum);
            }

            (Before, After) = (Arm(cells, cell => !after[cell.Day]), Arm(cells, cell => after[cell.Day]));
        }

        public ArmLevel Before { get; }

        public ArmLevel After { get; }

        public IEnumerable<int> Days => _days.Keys;

        /// <summary>The adjusted change when every day counts as often as said (null: once); null when it cannot be told.</summary>
        public double? Change(Dictionary<int, int>? times)
        {
            _all.Clear();
            foreach (var (day, equations) in _days)
            {
                var weight = times is null ? 1 : times[day];
                if (weight > 0) _all.Add(equations, weight);
            }

            return _all.TrySolve(_solution, _after) ? _solution[_after] : null;
        }

        private static ArmLevel Arm(Cell[] cells, Func<Cell, bool> isIn)
        {
            var arm = cells.Where(isIn).ToArray();
            var units = arm.Sum(cell => cell.Count);
            return new ArmLevel(arm.Where(cell => cell.Count > 0).Select(cell => cell.Day).Distinct().Count(), units, units == 0 ? double.NaN : arm.Sum(cell => cell.Sum) / units);
        }
    }

    /// <summary>Days drawn with replacement among days that are equal in every team's assignment.</summary>
    private sealed class DayDraws
    {
        private readonly int[][] _strata;
        private readonly Dictionary<int, int> _times = [];

        public DayDraws(IReadOnlyList<EffectDesign> designs, Contrast[] contrasts)
        {
            var days = contrasts.SelectMany(contrast => contrast.Treated.Days).Distinct().Order().ToArray();
            _strata = [.. days
                .GroupBy(day => string.Concat(designs.Select(design => design.After.TryGetValue(day, out var after) ? after ? 'a' : 'b' : '-')), StringComparer.Ordinal)
                .OrderBy(stratum => stratum.Key, StringComparer.Ordinal)
                .Select(stratum => stratum.ToArray())];
            foreach (var day in contrasts.SelectMany(contrast => contrast.Control.Days)) _times[day] = 0;
            Days = days.Length;
            Degrees = Days - (days.Select(day => new Cell(0, day, 0, 0, 0).Weekday).Distinct().Count() - 1) - _strata.Length;
        }

        public int Days { get; }

        /// <summary>Days less the effects of days that are estimated from them.</summary>
        public int Degrees { get; }

        /// <summary>How often each day counts; valid until the next draw.</summary>
        public Dictionary<int, int> Next(SeededRandom random)
        {
            foreach (var stratum in _strata)
            {
                foreach (var day in stratum) _times[day] = 0;
                foreach (var _ in stratum) CollectionsMarshal.GetValueRefOrAddDefault(_times, stratum[random.NextInt(stratum.Length)], out bool _)++;
            }

            return _times;
        }
    }
}
