using EdgeAssist.Inference.Escalation;
using EdgeAssist.Training.Text;

namespace EdgeAssist.Training.Escalation;

/// <summary>
/// Fits the cues' weights by logistic regression on the moments before the explicit escalation of generated train families and
/// on calm dialogue. Weights are pulled lightly towards those in force and may not change sign: a cue that the generator
/// happens to tie to an outcome must not turn into its opposite. The bias is free, so the result is calibrated on what it saw.
/// </summary>
internal sealed class FusionFit(EscalationOptions options)
{
    private const int SampleEvery = 8; // notes of the strengths: about two seconds
    private const int Steps = 1500;
    private const double Rate = 1.0;
    private const double Pull = 0.002;

    /// <summary>Returns the bias, then one weight a cue.</summary>
    /// <param name="calls">Played calls.</param>
    /// <param name="used">Cues that may count; null for all.</param>
    public double[] Run(IReadOnlyList<PlayedCall> calls, Func<Cue, bool>? used = null)
    {
        var moments = new List<(double[] Strengths, double Truth)>();
        foreach (var call in calls)
        {
            var truth = call.Escalates ? 1 : 0;
            var noted = 0;
            foreach (var score in call.Before)
            {
                if (score.Strengths is { } strengths && noted++ % SampleEvery == 0) moments.Add((strengths, truth));
            }
        }

        return Fit(moments, used ?? (_ => true));
    }

    private double[] Fit(List<(double[] Strengths, double Truth)> moments, Func<Cue, bool> used)
    {
        var prior = options.Cues.Select((cue, i) => used((Cue)i) ? cue.Weight : 0).Prepend(options.Bias).ToArray();
        var weights = prior.ToArray();
        // A plain gradient crawls along cues that are rarely present: each weight's step follows its own curvature.
        var curvature = new double[weights.Length];
        foreach (var (strengths, _) in moments)
        {
            curvature[0] += 0.25;
            for (var i = 0; i < strengths.Length; i++) curvature[i + 1] += 0.25 * strengths[i] * strengths[i];
        }

        for (var step = 0; step < Steps; step++)
        {
            var gradient = new double[weights.Length];
            foreach (var (strengths, truth) in moments)
            {
                var logit = weights[0];
                for (var i = 0; i < strengths.Length; i++) logit += weights[i + 1] * strengths[i];
                var error = Metrics.Sigmoid(logit) - truth;
                gradient[0] += error;
                for (var i = 0; i < strengths.Length; i++) gradient[i + 1] += error * strengths[i];
            }

            for (var i = 0; i < weights.Length; i++)
            {
                if (i > 0 && prior[i] == 0) continue;
                var pull = i == 0 ? 0 : Pull * (weights[i] - prior[i]);
                weights[i] -= Rate * 0.3 * (gradient[i] / moments.Count + pull) / (curvature[i] / moments.Count + 0.01);
                if (i > 0 && weights[i] * prior[i] < 0) weights[i] = 0;
            }
        }

        return weights;
    }
}
