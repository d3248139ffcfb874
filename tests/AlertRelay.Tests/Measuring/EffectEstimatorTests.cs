using EdgeAssist.AlertRelay.Measures.Statistics;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Measuring;

public class EffectEstimatorTests
{
    private static readonly EnoughRule Rule = EnoughRule.Default;

    /// <summary>Card and Krueger, AER 84 (1994), table 3: New Jersey 20.44 → 21.03, Pennsylvania 23.33 → 21.17; the difference is 2.75 or 2.76.</summary>
    [Fact]
    public void Differences_in_differences_are_those_of_the_four_means()
    {
        var cells = Days(0, 56).SelectMany(day => new[]
        {
            new Cell(0, day, 9, 10, 10 * (day < 28 ? 20.44 : 21.03)),
            new Cell(1, day, 9, 10, 10 * (day < 28 ? 23.33 : 21.17)),
        }).ToArray();

        var effect = Estimate(cells, [1]);

        Assert.Equal(0.59, effect.Change.Value, 1e-9);
        Assert.Equal(2.75, effect.Difference.Value, 1e-9);
        Assert.Equal(0, effect.Difference.StandardError, 1e-9);
    }

    [Fact]
    public void Weekdays_and_hours_that_are_mixed_otherwise_after_change_nothing()
    {
        // Mondays are hard and so are mornings; after the change more calls come then. The raw mean rises, the adjusted one does not.
        var cells = Days(0, 56).SelectMany(day => Enumerable.Range(8, 8).Select(hour =>
        {
            var cell = new Cell(0, day, hour, 0, 0);
            var count = day < 28 ? 10 : (cell.Weekday == 0 ? 30 : 10) + (hour < 10 ? 20 : 0);
            var value = 100 + (cell.Weekday == 0 ? 40 : 0) + (hour < 10 ? 25 : 0);
            return cell with { Count = count, Sum = count * value };
        })).ToArray();

        var effect = Estimate(cells, []);

        Assert.True(effect.After.Mean - effect.Before.Mean > 3);
        Assert.Equal(0, effect.Change.Value, 1e-9);
    }

    [Fact]
    public void What_a_day_does_to_everybody_cancels_in_the_difference()
    {
        var random = new SeededRandom(3);
        var cells = Days(0, 56).SelectMany(day =>
        {
            var shock = 20 * random.NextNormal();
            return new[] { new Cell(0, day, 9, 40, 40 * (100 + shock - (day < 28 ? 0 : 8))), new Cell(1, day, 9, 40, 40 * (60 + shock)) };
        }).ToArray();

        var effect = Estimate(cells, [1]);

        Assert.Equal(-8, effect.Difference.Value, 1e-9);
        Assert.Equal(0, effect.Difference.StandardError, 1e-9);
        Assert.True(effect.Change.StandardError > 3);
    }

    /// <summary>
    /// Without weekdays and hours to adjust for, the bootstrap over days comes to the error of a difference of two means,
    /// s √(1⁄28 + 1⁄28), that Student's formula gives.
    /// </summary>
    [Fact]
    public void The_error_is_that_of_two_means_of_days()
    {
        var random = new SeededRandom(11);
        var values = Days(0, 56).Select(_ => 100 + 10 * random.NextNormal()).ToArray();
        var cells = Days(0, 56).Select(day => new Cell(0, 7 * day, 9, 5, 5 * values[day])).ToArray();   // all on one weekday
        var design = new EffectDesign(0, Days(0, 56).ToDictionary(day => 7 * day, day => day >= 28), new HashSet<int>());
        double Variance(IEnumerable<double> each) => each.Sum(value => (value - each.Average()) * (value - each.Average())) / 27;
        var expected = Math.Sqrt((Variance(values.Take(28)) + Variance(values.Skip(28))) / 28);

        var effect = EffectEstimator.Estimate(cells, [design], false, Rule, 1, replicates: 20_000);

        Assert.Equal(values.Skip(28).Average() - values.Take(28).Average(), effect.Change.Value, 1e-9);
        Assert.Equal(1, effect.Change.StandardError / expected, 0.02);
    }

    [Fact]
    public void The_order_of_the_cells_changes_no_bit_of_the_answer()
    {
        var cells = World(5);
        var shuffled = new SeededRandom(9);
        var other = cells.OrderBy(_ => shuffled.NextBits()).ToArray();

        Assert.Equal(Estimate(cells, [1]), Estimate(other, [1]));
    }

    [Fact]
    public void Splitting_a_cell_in_two_changes_nothing_but_roundings()
    {
        var cells = World(6);
        var split = cells.SelectMany(cell => new[] { cell with { Count = cell.Count - 1, Sum = cell.Sum / 2 }, cell with { Count = 1, Sum = cell.Sum / 2 } }).ToArray();

        var (whole, halves) = (Estimate(cells, [1]), Estimate(split, [1]));

        Assert.Equal(whole.Difference.Value, halves.Difference.Value, 1e-9);
        Assert.Equal(whole.Difference.StandardError, halves.Difference.StandardError, 1e-9);
    }

    [Fact]
    public void Another_unit_or_a_shift_moves_the_answer_as_it_should()
    {
        var cells = World(8);
        var inMinutes = Estimate([.. cells.Select(cell => cell with { Sum = cell.Sum / 60 })], [1]);
        var later = Estimate([.. cells.Select(cell => cell with { Sum = cell.Sum + 5 * cell.Count })], [1]);
        var effect = Estimate(cells, [1]);

        Assert.Equal(effect.Difference.Value / 60, inMinutes.Difference.Value, 1e-9);
        Assert.Equal(effect.Difference.High / 60, inMinutes.Difference.High, 1e-9);
        Assert.Equal(effect.Difference.Value, later.Difference.Value, 1e-9);
    }

    [Fact]
    public void A_larger_true_change_gives_a_larger_answer()
    {
        var changes = new[] { 0.0, -10, -20, -40 }.Select(change => Estimate(World(4, change), [1]).Difference.Value).ToArray();

        Assert.Equal([-10, -20, -40], changes.Skip(1).Select(value => Math.Round(value - changes[0], 6)));
    }

    [Fact]
    public void Staggered_teams_are_averaged_by_their_units()
    {
        var cells = Days(0, 84).SelectMany(day => new[]
        {
            new Cell(0, day, 9, 10, 10 * (day < 28 ? 100.0 : 90)), new Cell(1, day, 9, 30, 30 * (day < 56 ? 100.0 : 60)), new Cell(2, day, 9, 10, 10 * 50.0),
        }).ToArray();
        EffectDesign[] designs =
        [
            new(0, Days(0, 56).ToDictionary(day => day, day => day >= 28), new HashSet<int> { 2 }),
            new(1, Days(28, 56).ToDictionary(day => day, day => day >= 56), new HashSet<int> { 2 }),
        ];

        var effect = EffectEstimator.Estimate(cells, designs, false, Rule, 1);

        Assert.Equal((280 * -10.0 + 840 * -40.0) / 1120, effect.Difference.Value, 1e-9);
    }

    [Theory]
    [InlineData(13, 100, "14 days")]
    [InlineData(20, 1, "50 units")]
    public void Too_little_data_gives_the_rule_in_place_of_a_number(int days, int units, string rule)
    {
        var cells = Days(0, 2 * days).Select(day => new Cell(0, day, 9, units, units * 100.0)).ToArray();
        var design = new EffectDesign(0, Days(0, 2 * days).ToDictionary(day => day, day => day >= days), new HashSet<int>());

        var effect = EffectEstimator.Estimate(cells, [design], false, Rule, 1);

        Assert.Contains(rule, effect.Change.NotEnough, StringComparison.Ordinal);
        Assert.True(double.IsNaN(effect.Change.Value));
    }

    [Fact]
    public void A_share_that_hardly_ever_occurs_is_not_compared()
    {
        var cells = Days(0, 56).Select(day => new Cell(0, day, 9, 100, day % 14 == 0 ? 1 : 0)).ToArray();

        var effect = Estimate(cells, [], isShare: true);

        Assert.Contains("10 units with", effect.Change.NotEnough, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_control_team_there_is_no_difference_in_differences()
    {
        var effect = Estimate(World(2), []);

        Assert.True(effect.Change.IsKnown);
        Assert.Equal("there is no team without the change to compare with", effect.Difference.NotEnough);
    }

    private static IEnumerable<int> Days(int first, int count) => Enumerable.Range(first, count);

    private static Effect Estimate(Cell[] cells, int[] controls, bool isShare = false) => EffectEstimator.Estimate(
        cells, [new EffectDesign(0, Days(0, 56).ToDictionary(day => day, day => day >= 28), controls.ToHashSet())], isShare, Rule, seed: 1);

    private static Cell[] World(ulong seed, double change = -15)
    {
        var random = new SeededRandom(seed);
        return [.. Days(0, 56).SelectMany(day => new[] { 0, 1 }.SelectMany(team => Enumerable.Range(9, 4).Select(hour =>
        {
            var count = 3 + random.NextInt(5);
            var sum = Enumerable.Range(0, count).Sum(_ => 100 + 20 * random.NextNormal());
            return new Cell(team, day, hour, count, sum + (team == 0 && day >= 28 ? change * count : 0));
        })))];
    }
}
