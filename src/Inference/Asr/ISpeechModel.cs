using System.Collections.Immutable;

namespace EdgeAssist.Inference.Asr;

/// <summary>An encoder-decoder model: audio in, then token after token. Several threads may call at once.</summary>
internal interface ISpeechModel : IDisposable
{
    /// <param name="samples">Mono at 16 kHz in [-1, 1].</param>
    /// <param name="biases">Make tokens likelier or less likely.</param>
    ITokenDecoder Encode(ReadOnlyMemory<float> samples, params ImmutableArray<ITokenBias> biases);
}

/// <summary>One utterance's decoding. One owner.</summary>
internal interface ITokenDecoder : IDisposable
{
    /// <summary>Feeds a token and gives the likeliest next one.</summary>
    ScoredToken Next(int token);
}

/// <summary>A decoder that takes several tokens in one step, for less than one after the other. One owner.</summary>
internal interface IParallelDecoder : ITokenDecoder
{
    /// <summary>Feeds the first tokens, before any other is fed.</summary>
    /// <param name="tokens">The begin token and what follows it, at least one.</param>
    /// <param name="after">Receives the likeliest token behind each of them; as long as <paramref name="tokens"/>.</param>
    void Begin(ReadOnlySpan<int> tokens, Span<ScoredToken> after);

    /// <summary>Forgets what was fed behind the first tokens.</summary>
    /// <param name="tokens">How many stay, at least one and at most as many as were fed.</param>
    void Keep(int tokens);
}

/// <summary>Makes some tokens likelier or less likely than the model has them. Several threads may call at once.</summary>
internal interface ITokenBias
{
    /// <param name="fed">The tokens that were fed, the begin token first.</param>
    /// <param name="logits">Of what follows them, by id; changed in place.</param>
    void Apply(ReadOnlySpan<int> fed, Span<float> logits);
}

/// <param name="Id">Place in the vocabulary.</param>
/// <param name="Probability">Of this token among all, as the model has it without bias; 0 to 1.</param>
internal readonly record struct ScoredToken(int Id, float Probability);
