using EdgeAssist.Inference.Escalation;
using EdgeAssist.Training.Text;

namespace EdgeAssist.Training.Escalation;

/// <summary>
/// Fits the cues' weights by logistic regression on the moments before the explicit escalation of generated train families and
/// on calm dialogue. Weights are pulled lightly towards those set by hand and may not change sign: a cue that the generator
/// happens to tie to an outcome must not turn into its opposite. What history counts is not fitted: the generator's own shares
/// of open cases and contacts are assumptions. Platt's slope and offset, fitted on the same moments afterwards, undo what the pull
/// took from the calibration; they are multiplied into bias and weights, so that reasons stay log-odds that add up.
/// </summary>
internal static class FusionFit
{
    private const int SampleEvery = 8; // notes of the strengths: about two seconds
    private const int Steps = 1500;
    private const double Rate = 0.3;
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
        List<Moment> moments = [.. Moments(calls, 1), .. Moments(calm, CalmWeight)];
        var weights = Fit(moments, used ?? (_ => true));
        var (slope, offset) = Metrics.Platt([.. moments.Where(m => m.Counts == 1).Select(m => (Logit(m.Strengths, weights), m.Truth == 1))]);
        for (var i = 0; i < weights.Length; i++) weights[i] = slope * weights[i] + (i == 0 ? offset : 0);
        return (weights, slope, offset);
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

    private static double[] Fit(List<Moment> moments, Func<Cue, bool> used)
    {
        var prior = ByHand.Select((weight, i) => i == 0 || used((Cue)(i - 1)) ? weight : 0).ToArray();
        var weights = prior.ToArray();
        var total = moments.Sum(m => m.Counts);
        // A plain gradient crawls along cues that are rarely present: each weight's step follows its own curvature.
        var curvature = new double[weights.Length];
        foreach (var (strengths, _, counts) in moments)
        {
            curvature[0] += 0.25 * counts;
            for (var i = 0; i < strengths.Length; i++) curvature[i + 1] += 0.25 * counts * strengths[i] * strengths[i];
        }

        for (var step = 0; step < Steps; step++)
        {
            var gradient = new double[weights.Length];
            foreach (var (strengths, truth, counts) in moments)
            {
                var error = counts * (Metrics.Sigmoid(Logit(strengths, weights)) - truth);
                gradient[0] += error;
                for (var i = 0; i < strengths.Length; i++) gradient[i + 1] += error * strengths[i];
            }

            for (var i = 0; i < weights.Length; i++)
            {
                if (i > 0 && (prior[i] == 0 || (Cue)(i - 1) is Cue.OpenCases or Cue.RecentContacts or Cue.UnkeptPromises)) continue;
                var pull = i == 0 ? 0 : Pull * (weights[i] - prior[i]);
                weights[i] -= Rate * (gradient[i] / total + pull) / (curvature[i] / total + 0.01);
                if (i > 0 && weights[i] * prior[i] < 0) weights[i] = 0;
            }
        }

        return weights;
    }

    private readonly record struct Moment(double[] Strengths, double Truth, double Counts);
}
