using EdgeAssist.Inference.Escalation;
using EdgeAssist.Inference.Sentiment;
using EdgeAssist.Training.Text;

namespace EdgeAssist.Training.Escalation;

/// <summary>
/// Fits the cues' weights by logistic regression on the moments before the explicit escalation of generated train families and
/// on calm dialogue. Weights are pulled towards those set by hand and may not change sign: a cue that the generator happens
/// to tie to an outcome must not turn into its opposite.
/// </summary>
internal sealed class FusionFit(ITextSentiment sentiment, EscalationOptions options)
{
    private const int SampleEvery = 60; // frames: about two seconds
    private const int Steps = 3000;
    private const double Rate = 0.5;
    private const double Pull = 0.004;

    /// <summary>Returns the bias, then one weight a cue.</summary>
    public double[] Run(IEnumerable<CallScript> calls)
    {
        var player = new CallPlayer(sentiment, options);
        var moments = new List<(double[] Strengths, double Truth)>();
        foreach (var call in calls)
        {
            var truth = call.Outcome == CallOutcome.Escalates ? 1 : 0;
            foreach (var score in player.Play(call, frames: true, SampleEvery))
            {
                if (score.Strengths is { } strengths && score.At < (call.Explicit ?? TimeSpan.MaxValue)) moments.Add((strengths, truth));
            }
        }

        return Fit(moments);
    }

    private double[] Fit(List<(double[] Strengths, double Truth)> moments)
    {
        var prior = options.Cues.Select(cue => cue.Weight).Prepend(options.Bias).ToArray();
        var weights = prior.ToArray();
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
                var pull = i == 0 ? 0 : Pull * (weights[i] - prior[i]);
                weights[i] -= Rate * (gradient[i] / moments.Count + pull);
                if (i > 0 && weights[i] * prior[i] < 0) weights[i] = 0;
            }
        }

        return weights;
    }
}
