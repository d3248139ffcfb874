using CsCheck;
using EdgeAssist.AlertRelay.Measures.Statistics;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Measuring;

/// <summary>Estimators against published answers.</summary>
public class KnownAnswerTests
{
    /// <summary>
    /// Weeks in remission of the 21 children on 6-mercaptopurine (Freireich et al., Blood 21, 1963), as every text book
    /// prints them; a minus: still in remission when last seen.
    /// </summary>
    private static readonly double[] Remission = [6, 6, 6, -6, 7, -9, 10, -10, -11, 13, 16, -17, -19, -20, 22, 23, -25, -32, -32, -34, -35];

    private static IEnumerable<(double, bool)> Times => Remission.Select(time => (Math.Abs(time), time > 0));

    /// <summary>Kleinbaum and Klein, «Survival Analysis», table 2.2; standard errors: R 4, <c>survfit</c>.</summary>
    [Fact]
    public void The_curve_of_the_leukaemia_trial_is_the_published_one()
    {
        var curve = SurvivalCurve.Of(Times);

        Assert.Equal([(6, 21, 3), (7, 17, 1), (10, 15, 1), (13, 12, 1), (16, 11, 1), (22, 7, 1), (23, 6, 1)], curve.Steps.Select(step => ((int)step.Time, (int)step.AtRisk, (int)step.Events)));
        Assert.Equal([0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482], curve.Steps.Select(step => Math.Round(step.Survival, 4)));
        Assert.Equal([0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346], curve.Steps.Select(step => Math.Round(step.StandardError, 4)));
        Assert.Equal(23, curve.TimeOf(0.5));
    }

    /// <summary>Without losses the curve is the plain share, and its area the plain mean.</summary>
    [Fact]
    public void Without_losses_the_restricted_mean_is_the_mean_of_the_cut_times()
    {
        double[] times = [5, 40, 40, 90, 200, 1000];

        var curve = SurvivalCurve.Of(times.Select(time => (time, true)));

        Assert.Equal(times.Average(time => Math.Min(time, 100)), curve.RestrictedMean(100), 1e-9);
        Assert.Equal(0.5, curve.At(40), 1e-12);
    }

    [Fact]
    public void The_curve_does_not_depend_on_the_order_and_never_rises() => Gen.Select(Gen.Int[0, 300], Gen.Bool).List[1, 60].Sample(list =>
    {
        var times = list.Select(each => ((double)each.Item1, each.Item2)).ToArray();
        var curve = SurvivalCurve.Of(times);
        var reversed = SurvivalCurve.Of(times.Reverse());

        return curve.Steps.SequenceEqual(reversed.Steps)
            && curve.Steps.Zip(curve.Steps.Skip(1)).All(pair => pair.Second.Survival <= pair.First.Survival)
            && curve.RestrictedMean(100) <= curve.RestrictedMean(200);
    });

    /// <summary>A loss in place of an end never makes the curve lower.</summary>
    [Fact]
    public void A_loss_instead_of_an_end_never_lowers_the_curve() => Gen.Int[0, 300].List[2, 40].Sample(list =>
    {
        var ended = SurvivalCurve.Of(list.Select(time => ((double)time, true)));
        var oneLost = SurvivalCurve.Of(list.Select((time, index) => ((double)time, index != 0)));

        return Enumerable.Range(0, 301).All(time => oneLost.At(time) >= ended.At(time) - 1e-12);
    });

    /// <summary>Newcombe, Statistics in Medicine 17 (1998), table I, Wilson's method: 81 of 263 and 15 of 148.</summary>
    [Theory]
    [InlineData(81, 263, 0.2553, 0.3662)]
    [InlineData(15, 148, 0.0624, 0.1605)]
    [InlineData(0, 20, 0.0000, 0.1611)]
    [InlineData(1, 29, 0.0061, 0.1718)]
    public void With_equal_chances_the_interval_is_Wilsons(int with, int size, double low, double high)
    {
        var share = WeightedShare.Of([.. Enumerable.Range(0, size).Select(i => (i < with, 0.25))]);

        Assert.Equal(low, share.Low, 5e-5);
        Assert.Equal(high, share.High, 5e-5);
    }

    [Fact]
    public void Who_is_drawn_half_as_often_counts_twice()
    {
        var share = WeightedShare.Of([(true, 0.5), (false, 0.25), (false, 0.25)]);

        Assert.Equal(2.0 / 10, share.Value, 1e-12);
    }

    /// <summary>
    /// Five looks, two-sided 5 %: Proschan, Lan and Wittes, «Statistical Monitoring of Clinical Trials» (2006), and the R
    /// package ldbounds, <c>ldBounds(1:5/5, iuse = 1 and 2)</c>.
    /// </summary>
    [Theory]
    [InlineData("OBrienFlemingLike", new[] { 4.8769, 3.3569, 2.6803, 2.2898, 2.0310 })]
    [InlineData("PocockLike", new[] { 2.4380, 2.4268, 2.4101, 2.3966, 2.3859 })]
    public void Hurdles_of_five_looks_are_the_published_ones(string spending, double[] expected)
    {
        var bounds = GroupSequential.Bounds([0.2, 0.4, 0.6, 0.8, 1], Enum.Parse<Spending>(spending));

        foreach (var (bound, published) in bounds.Zip(expected)) Assert.Equal(published, bound, 2e-3);
    }

    [Fact]
    public void One_look_has_the_usual_hurdle() =>
        Assert.Equal(1.959964, GroupSequential.Bounds([1.0], Spending.PocockLike).Single(), 1e-4);

    /// <summary>Worlds without an effect, looked at four times: 5 of 100 raise a false alarm with the hurdles, far more without.</summary>
    [Fact]
    public void The_hurdles_keep_the_promise_over_all_looks_and_peeking_does_not()
    {
        double[] information = [0.082, 0.25, 0.5, 1];
        var bounds = GroupSequential.Bounds(information, Spending.PocockLike);
        var random = new SeededRandom(7);
        var (alarms, peeked, worlds) = (0, 0, 20_000);
        for (var world = 0; world < worlds; world++)
        {
            double score = 0, before = 0;
            var (alarm, peek) = (false, false);
            for (var look = 0; look < information.Length; look++)
            {
                score += random.NextNormal() * Math.Sqrt(information[look] - before);
                before = information[look];
                var z = Math.Abs(score) / Math.Sqrt(before);
                alarm |= z >= bounds[look];
                peek |= z >= 1.96;
            }

            alarms += alarm ? 1 : 0;
            peeked += peek ? 1 : 0;
        }

        Assert.InRange((double)alarms / worlds, 0.0455, 0.0545);   // three standard errors around 5 %
        Assert.True((double)peeked / worlds > 0.10, $"{peeked} of {worlds}");
    }
}
