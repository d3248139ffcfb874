namespace EdgeAssist.Inference.Sentiment;

/// <summary>
/// Scores an utterance by its words and letter runs. When a short utterance follows another, both are also read as one:
/// voice activity cuts «I want to speak to» from «your manager», and only together do they say what they say. The joined
/// reading counts where it shows more than either half alone, so that a «yes» does not repeat the turn before.
/// </summary>
internal sealed class NgramTextSentiment(FeatureVocabulary vocabulary, ITextModel model) : ITextSentiment
{
    /// <summary>Utterances up to this many words are also read together with the one before: a fragment is rarely longer.</summary>
    public const int FragmentWords = 6;

    /// <summary>How much more than either half the joined reading must show before it counts; below it is noise.</summary>
    public const float JoinedMargin = 0.25f;

    private const int Outputs = 6;

    public TextScores Score(string text, IReadOnlyList<string> before)
    {
        var words = UtteranceWords.Split(text);
        if (words.Count == 0) return default;

        Span<float> alone = stackalloc float[Outputs];
        model.Score(vocabulary.Rows(words), alone);
        if (before.Count == 0 || words.Count > FragmentWords) return Named(alone);

        var earlier = UtteranceWords.Split(before[^1]);
        if (earlier.Count is 0 or > 4 * FragmentWords) return Named(alone);

        Span<float> first = stackalloc float[Outputs];
        Span<float> joined = stackalloc float[Outputs];
        model.Score(vocabulary.Rows(earlier), first);
        model.Score(vocabulary.Rows([.. earlier, .. words]), joined);
        for (var i = 0; i < Outputs; i++)
        {
            if (joined[i] > Math.Max(alone[i], first[i]) + JoinedMargin) alone[i] = joined[i];
        }

        return Named(alone);
    }

    private static TextScores Named(ReadOnlySpan<float> p) => new(p[0], p[1], p[2], p[3], p[4], p[5]);
}
