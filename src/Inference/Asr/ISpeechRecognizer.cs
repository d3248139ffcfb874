using System.Collections.Immutable;

namespace EdgeAssist.Inference.Asr;

/// <summary>One recognised token's word and place.</summary>
/// <param name="Text">The word, with its case and punctuation.</param>
/// <param name="Start">From the start of the utterance.</param>
/// <param name="End">From the start of the utterance.</param>
/// <param name="Confidence">0 to 1.</param>
public readonly record struct RecognizedWord(string Text, TimeSpan Start, TimeSpan End, float Confidence);

/// <summary>What was recognised in one utterance.</summary>
/// <param name="Text">The words; empty when nothing was said.</param>
/// <param name="Confidence">Mean probability of the tokens, 0 to 1.</param>
/// <param name="Tokens">Tokens decoded.</param>
/// <param name="Truncated">True when the repetition guard or the token limit ended the decoding.</param>
/// <param name="Words">Words with times where the engine gives them, else empty.</param>
public sealed record Recognition(string Text, float Confidence, int Tokens, bool Truncated, ImmutableArray<RecognizedWord> Words)
{
    /// <summary>What was decoded, in the engine's own numbers: a <see cref="SpeechContext.Draft"/> for more of the same utterance. Empty where an engine takes none.</summary>
    public ImmutableArray<int> Decoded { get; init; } = [];

    /// <summary>Nothing was said.</summary>
    public static Recognition Nothing { get; } = new("", 0, 0, Truncated: false, []);
}

/// <summary>Turns an utterance into words. One instance serves all calls; several threads may call at once.</summary>
public interface ISpeechRecognizer : IDisposable
{
    /// <summary>Engine and model, for logs: <c>moonshine-tiny-en</c>.</summary>
    string Name { get; }

    /// <param name="samples">Mono at 16 kHz in [-1, 1]; 0.1 to 30 s.</param>
    /// <param name="context">Language and likely words of the call.</param>
    /// <param name="cancellationToken">Looked at between decoding steps.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    Recognition Recognize(ReadOnlyMemory<float> samples, SpeechContext context, CancellationToken cancellationToken);
}
