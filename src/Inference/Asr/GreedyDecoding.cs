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
    /// <param name="begin">Fed first, one after the other: the begin token, and words that are known already.</param>
    /// <param name="end">Ends the decoding; not kept.</param>
    /// <param name="limit">Tokens at most.</param>
    /// <param name="cancellationToken">Looked at before each step.</param>
    public static DecodedTokens Run(ITokenDecoder decoder, ReadOnlySpan<int> begin, int end, int limit, CancellationToken cancellationToken)
    {
        var tokens = new List<int>(limit);
        var probabilities = new List<float>(limit);
        var (ended, excess) = (false, 0);
        foreach (var known in begin[..^1]) decoder.Next(known);
        for (var token = begin[^1]; tokens.Count < limit && excess == 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            (token, var probability) = decoder.Next(token);
            if (ended = token == end) break;

            tokens.Add(token);
            probabilities.Add(probability);
            excess = RepetitionGuard.Excess(tokens);
        }

        tokens.RemoveRange(tokens.Count - excess, excess);
        probabilities.RemoveRange(probabilities.Count - excess, excess);
        return new DecodedTokens(tokens, probabilities, ended);
    }
}
