namespace EdgeAssist.Inference.Sentiment;

/// <summary>
/// Reads a short utterance together with the one before it: voice activity cuts «I want to speak to» from «your manager», and
/// only together do they say what they say. The joined reading counts where it shows more than either half alone, so that a
/// «yes» does not repeat the turn before.
/// </summary>
internal static class FragmentReading
{
    /// <summary>Utterances up to this many words are also read together with the one before: a fragment is rarely longer.</summary>
    public const int FragmentWords = 6;

    /// <summary>How much more than either half the joined reading must show before it counts; below it is noise.</summary>
    public const float JoinedMargin = 0.25f;

    /// <summary>Whether utterances of so many words are read together.</summary>
    public static bool Joins(int words, int earlierWords) => words <= FragmentWords && earlierWords is > 0 and <= 4 * FragmentWords;

    /// <summary>Takes into <paramref name="alone"/> what only the joined reading shows.</summary>
    public static void Merge(Span<float> alone, ReadOnlySpan<float> earlier, ReadOnlySpan<float> joined)
    {
        for (var i = 0; i < alone.Length; i++)
        {
            if (joined[i] > Math.Max(alone[i], earlier[i]) + JoinedMargin) alone[i] = joined[i];
        }
    }
}
