namespace EdgeAssist.Inference.Sentiment;

/// <summary>
/// The classifier behind <see cref="NgramTextSentiment"/>: feature rows in, probabilities out. One instance serves all calls
/// from several threads.
/// </summary>
internal interface ITextModel
{
    /// <param name="ids">Rows of the embedding table, from <see cref="FeatureVocabulary.Rows"/>; never empty.</param>
    /// <param name="scores">Receives one probability an output, in the order of <see cref="TextScores"/>; length 6.</param>
    void Run(ReadOnlyMemory<long> ids, Span<float> scores);
}
