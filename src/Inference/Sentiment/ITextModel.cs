namespace EdgeAssist.Inference.Sentiment;

/// <summary>
/// The classifier behind <see cref="NgramTextSentiment"/>: feature rows in, probabilities out. One instance serves all calls
/// from several threads.
/// </summary>
public interface ITextModel
{
    /// <param name="rows">Rows of the embedding table, from <see cref="TextFeaturizer"/>; never empty.</param>
    /// <param name="probabilities">Receives one probability an output, in the order of <see cref="TextScores"/>; length 6.</param>
    void Score(ReadOnlySpan<long> rows, Span<float> probabilities);
}
