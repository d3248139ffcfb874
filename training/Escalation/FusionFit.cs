using EdgeAssist.Inference.Escalation;
using EdgeAssist.Training.Text;

namespace EdgeAssist.Training.Escalation;

/// <summary>
/// Fits the cues' weights by logistic regression on the moments before the explicit escalation of generated train families and
/// on calm dialogue. Weights are pulled lightly towards those set by hand and may not change sign: a cue that the generator
/// happens to tie to an outcome must not turn into its opposite. What history counts is not fitted: the generator's own shares
/// of open cases and contacts are assumptions. Platt's slope and offset are fitted on the moments of each family as the fit on all
/// others sees them; they are multiplied into bias and weights, so that reasons stay log-odds that add up.
/// </summary>
internal static class FusionFit
{
    private const int SampleEvery = 8; // notes of the strengths: about two seconds
    private const int Steps = 60;
    private const double Enough = 1e-7;
    private const double Pull = 0.01;

    /// <summary>What a moment of a real calm consultation counts: they are long, and no service calls.</summary>
    private const double CalmWeight = 0.25;

    /// <summary>Log-odds set by hand before anything was fitted: bias, then one a cue, in the order of <see cref="Cue"/>.</summary>
    private static readonly double[] ByHand =
        [-2.6, 0.5, 1.1, 0.9, 2.4, 2.4, 2.2, 1.9, 1.4, 1.2, 1.0, 0.4, 1.0, 0.2, 0.3, 0.3, 0.15, -1.4, -0.5, -1.0, 0.2, 0.6, 0.8, 0.8];

    /// <summary>Returns the bias, then one weight a cue, calibrated; and the slope and offset that are in them.</summary>
    /// <param name="calls">Played calls.</param>
    /// <param name="calm">Played calm dialogue.</param>
    /// <param name="used">Cues that may count; null for all.</param>
    public static (double[] Weights, double Slope, double Offset) Run(IReadOnlyList<PlayedCall> calls, IReadOnlyList<PlayedCall> calm, Func<Cue, bool>? used = null)
    {
        used ??= _ => true;
        List<Moment> quiet = [.. Moments(calm, CalmWeight)];
        var families = calls.GroupBy(call => call.Script.Family, StringComparer.Ordinal).Select(family => Moments([.. family], 1).ToList()).ToList();
        var (slope, offset) = Metrics.Platt([.. families.AsParallel().AsOrdered().SelectMany(KeptOut)]);
        var weights = Fit([.. families.SelectMany(family => family), .. quiet], used);
        for (var i = 0; i < weights.Length; i++) weights[i] = slope * weights[i] + (i == 0 ? offset : 0);
        return (weights, slope, offset);

        // What calls of a kind nobody has seen would be told: fitted on all families but one, asked about that one.
        IEnumerable<(double Logit, bool Truth)> KeptOut(List<Moment> family)
        {
            var others = Fit([.. families.Where(other => other != family).SelectMany(other => other), .. quiet], used);
            return family.Select(m => (Logit(m.Strengths, others), m.Truth == 1));
        }
    }

    private static IEnumerable<Moment> Moments(IReadOnlyList<PlayedCall> calls, double counts) =>
        calls.SelectMany(call => call.Before.Where(s => s.Strengths is not null).Where((_, i) => i % SampleEvery == 0)
            .Select(s => new Moment(s.Strengths!, call.Escalates ? 1 : 0, counts)));

    private static double Logit(double[] strengths, double[] weights)
    {
        var logit = weights[0];
        for (var i = 0; i < strengths.Length; i++) logit += weights[i + 1] * strengths[i];
        return logit;
    }

    /// <summary>Newton's method; a weight that would change its sign is held at 0 from there on.</summary>
    private static double[] Fit(List<Moment> moments, Func<Cue, bool> used)
    {
        var prior = ByHand.Select((weight, i) => i == 0 || used((Cue)(i - 1)) ? weight : 0).ToArray();
        var weights = prior.ToArray();
        var free = Enumerable.Range(0, weights.Length)
            .Where(i => i == 0 || (prior[i] != 0 && (Cue)(i - 1) is not (Cue.OpenCases or Cue.RecentContacts or Cue.UnkeptPromises))).ToList();
        var total = moments.Sum(m => m.Counts);
        for (var step = 0; step < Steps; step++)
        {
            var moved = Newton(moments, weights, prior, free, total);
            var turned = free.FindAll(i => i > 0 && weights[i] * prior[i] < 0);
            foreach (var i in turned) weights[i] = 0;
            free.RemoveAll(turned.Contains);
            if (moved < Enough && turned.Count == 0) break;
        }

        return weights;
    }

    /// <summary>One step for the free weights; returns how far the one that moved most has moved.</summary>
    private static double Newton(List<Moment> moments, double[] weights, double[] prior, List<int> free, double total)
    {
        var n = free.Count;
        var (gradient, curvature, x) = (new double[n], new double[n, n], new double[n]);
        foreach (var (strengths, truth, counts) in moments)
        {
            var p = Metrics.Sigmoid(Logit(strengths, weights));
            for (var a = 0; a < n; a++) x[a] = free[a] == 0 ? 1 : strengths[free[a] - 1];
            for (var a = 0; a < n; a++)
            {
                if (x[a] == 0) continue;
                gradient[a] += counts * (p - truth) * x[a];
                for (var b = 0; b <= a; b++) curvature[a, b] += counts * p * (1 - p) * x[a] * x[b];
            }
        }

        for (var a = 0; a < n; a++)
        {
            var pull = free[a] == 0 ? 0 : Pull * total;
            gradient[a] += pull * (weights[free[a]] - prior[free[a]]);
            curvature[a, a] += pull + 1e-9 * total;
        }

        var change = Solve(curvature, gradient);
        for (var a = 0; a < n; a++) weights[free[a]] -= Math.Clamp(change[a], -1, 1);
        return change.Max(Math.Abs);
    }

    /// <summary>Cholesky's method for a symmetric matrix of which the lower half is given; it is overwritten.</summary>
    private static double[] Solve(double[,] matrix, double[] right)
    {
        var n = right.Length;
        var solution = right.ToArray();
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = matrix[i, j];
                for (var k = 0; k < j; k++) sum -= matrix[i, k] * matrix[j, k];
                matrix[i, j] = i == j ? Math.Sqrt(sum) : sum / matrix[j, j];
            }
        }

        for (var i = 0; i < n; i++)
        {
            for (var k = 0; k < i; k++) solution[i] -= matrix[i, k] * solution[k];
            solution[i] /= matrix[i, i];
        }

        for (var i = n - 1; i >= 0; i--)
        {
            for (var k = i + 1; k < n; k++) solution[i] -= matrix[k, i] * solution[k];
            solution[i] /= matrix[i, i];
        }

        return solution;
    }

    private readonly record struct Moment(double[] Strengths, double Truth, double Counts);
}
