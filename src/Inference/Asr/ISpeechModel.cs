namespace EdgeAssist.Inference.Asr;

/// <summary>An encoder-decoder model: audio in, then token after token. Several threads may call at once.</summary>
internal interface ISpeechModel : IDisposable
{
    /// <param name="samples">Mono at 16 kHz in [-1, 1].</param>
    ITokenDecoder Encode(ReadOnlyMemory<float> samples);
}

/// <summary>One utterance's decoding. One owner.</summary>
internal interface ITokenDecoder : IDisposable
{
    /// <summary>Feeds a token and gives the likeliest next one.</summary>
    ScoredToken Next(int token);
}

/// <param name="Id">Place in the vocabulary.</param>
/// <param name="Probability">Of this token among all, 0 to 1.</param>
internal readonly record struct ScoredToken(int Id, float Probability);
