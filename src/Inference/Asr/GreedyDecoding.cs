namespace EdgeAssist.Inference.Asr;

/// <summary>The tokens of one utterance.</summary>
/// <param name="Tokens">Without the begin and end tokens.</param>
/// <param name="Probabilities">Of each token.</param>
/// <param name="Ended">True when the model itself said that nothing follows.</param>
internal sealed record DecodedTokens(List<int> Tokens, List<float> Probabilities, bool Ended)
{
    /// <summary>0 for no token.</summary>
    public float MeanProbability => Probabilities.Count == 0 ? 0 : Probabilities.Average();

    /// <summary>Natural logarithm; 0 for no token.</summary>
    public double MeanLogProbability => Probabilities.Count == 0 ? 0 : Probabilities.Average(p => Math.Log(Math.Max(p, 1e-9f)));
}

/// <summary>The likeliest token, one after the other, until the end token, a limit or a loop.</summary>
internal static class GreedyDecoding
{
    // Fast English is about 4 words a second, 1.3 tokens each; the slack is for very short utterances.
    private const double TokensPerSecond = 6;
    private const int TokenSlack = 8;

    /// <summary>The most tokens believed of so much audio.</summary>
    public static int Limit(TimeSpan audio) => (int)(TokensPerSecond * audio.TotalSeconds) + TokenSlack;

    /// <param name="decoder">Gives the tokens.</param>
    /// <param name="begin">Fed first: the begin token, and words that are known already.</param>
    /// <param name="draft">What is expected to follow; a decoder that takes several tokens at once checks them in one step, any other is not asked.</param>
    /// <param name="end">Ends the decoding; not kept.</param>
    /// <param name="limit">Tokens at most.</param>
    /// <param name="cancellationToken">Looked at before each step.</param>
    public static DecodedTokens Run(ITokenDecoder decoder, ReadOnlySpan<int> begin, ReadOnlySpan<int> draft, int end, int limit, CancellationToken cancellationToken)
    {
        var tokens = new List<int>(limit);
        var probabilities = new List<float>(limit);
        if (decoder is not IParallelDecoder) draft = [];
        var checkedTokens = Begin(decoder, begin, draft);
        var (right, ended, excess) = (0, false, 0);   // right: tokens of the draft that were what the model says
        for (var next = checkedTokens[0]; ;)
        {
            if (ended = next.Id == end) break;
            tokens.Add(next.Id);
            probabilities.Add(next.Probability);
            excess = RepetitionGuard.Excess(tokens);
            if (excess > 0 || tokens.Count == limit) break;

            cancellationToken.ThrowIfCancellationRequested();
            if (right < draft.Length && draft[right] == next.Id)
            {
                next = checkedTokens[++right];
                continue;
            }

            if (right < draft.Length) ((IParallelDecoder)decoder).Keep(begin.Length + right);
            draft = [];
            next = decoder.Next(next.Id);
        }

        tokens.RemoveRange(tokens.Count - excess, excess);
        probabilities.RemoveRange(probabilities.Count - excess, excess);
        return new DecodedTokens(tokens, probabilities, ended);
    }

    // What follows the beginning, and what follows it and each token of the draft more.
    private static ScoredToken[] Begin(ITokenDecoder decoder, ReadOnlySpan<int> begin, ReadOnlySpan<int> draft)
    {
        if (decoder is not IParallelDecoder parallel || begin.Length + draft.Length == 1)
        {
            foreach (var known in begin[..^1]) decoder.Next(known);
            return [decoder.Next(begin[^1])];
        }

        var after = new ScoredToken[begin.Length + draft.Length];
        parallel.Begin([.. begin, .. draft], after);
        return after[(begin.Length - 1)..];
    }
}
