namespace EdgeAssist.Inference.Asr;

/// <summary>An encoder-decoder model: audio in, then token after token. Several threads may call at once.</summary>
internal interface ISpeechModel : IDisposable
{
    /// <param name="samples">Mono at 16 kHz in [-1, 1].</param>
    /// <param name="bias">Makes tokens likelier or less likely; null for none.</param>
    ITokenDecoder Encode(ReadOnlyMemory<float> samples, ITokenBias? bias = null);
}

/// <summary>One utterance's decoding. One owner.</summary>
internal interface ITokenDecoder : IDisposable
{
    /// <summary>Feeds a token and gives the likeliest next one.</summary>
    ScoredToken Next(int token);
}

/// <summary>Makes some tokens likelier or less likely than the model has them. One utterance's; one owner.</summary>
internal interface ITokenBias
{
    /// <param name="token">The token that was fed.</param>
    /// <param name="logits">Of what follows it, by id; changed in place.</param>
    void Apply(int token, Span<float> logits);
}

/// <param name="Id">Place in the vocabulary.</param>
/// <param name="Probability">Of this token among all, as the model has it without bias; 0 to 1.</param>
internal readonly record struct ScoredToken(int Id, float Probability);
