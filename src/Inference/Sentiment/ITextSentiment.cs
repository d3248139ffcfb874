namespace EdgeAssist.Inference.Sentiment;

/// <summary>What one utterance says, each a probability of its own, 0 to 1.</summary>
public readonly record struct TextScores(
    float Negative, float Anger, float Complaint, float AsksForManager, float ThreatToLeave, float Abuse);

/// <summary>Scores what is said. One instance serves all calls from several threads.</summary>
public interface ITextSentiment
{
    /// <param name="text">The utterance, as recognised.</param>
    /// <param name="before">The speaker's utterances before it, oldest first; may be empty.</param>
    TextScores Score(string text, IReadOnlyList<string> before);
}
