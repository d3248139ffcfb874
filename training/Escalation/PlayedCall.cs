using EdgeAssist.Contracts;
using EdgeAssist.Inference.Escalation;
using EdgeAssist.Training.Text;

namespace EdgeAssist.Training.Escalation;

/// <summary>A call after it was played: its scores, and what can be asked of them.</summary>
internal sealed class PlayedCall(CallScript script, List<PlayedScore> scores)
{
    /// <summary>Frames between two notes of the cues' strengths: about a quarter of a second, as often as frames move the score.</summary>
    public const int Every = 8;

    public CallScript Script => script;

    public List<PlayedScore> Scores => scores;

    public bool Escalates => script.Outcome == CallOutcome.Escalates;

    /// <summary>The scores before the explicit moment; all of them where there is none.</summary>
    public IEnumerable<PlayedScore> Before => scores.Where(s => s.At < (script.Explicit ?? TimeSpan.MaxValue));

    public double HighestBefore { get; } = scores.Where(s => s.At < (script.Explicit ?? TimeSpan.MaxValue)).Max(s => s.Risk);

    public TimeSpan? FirstAlert { get; } = scores.FindIndex(s => s.Level >= EscalationLevel.Escalated) is >= 0 and var at ? scores[at].At : null;

    public int Episodes { get; } = scores.Where((s, i) => i > 0 && s.Level >= EscalationLevel.Escalated && scores[i - 1].Level < EscalationLevel.Escalated).Count();

    /// <summary>The highest risk before the explicit moment with other weights (bias first).</summary>
    public double HighestWith(double[] weights) => Before.Where(s => s.Strengths is not null).Max(s => Risk(s.Strengths!, weights));

    /// <summary>The first alert with other weights.</summary>
    public TimeSpan? FirstAlertWith(double[] weights, EscalationOptions options)
    {
        var level = new LevelTracker(options);
        foreach (var score in scores.Where(s => s.Strengths is not null))
        {
            level.Update(Risk(score.Strengths!, weights), score.At);
            if (level.Level >= EscalationLevel.Escalated) return score.At;
        }

        return null;
    }

    /// <summary>The risk that strengths and weights (bias first) give.</summary>
    public static double Risk(double[] strengths, double[] weights)
    {
        var logit = weights[0];
        for (var i = 0; i < strengths.Length; i++) logit += weights[i + 1] * strengths[i];
        return Metrics.Sigmoid(logit);
    }
}
