using System.Collections.Immutable;

namespace EdgeAssist.Inference.Asr;

/// <summary>What is known about an utterance before it is heard.</summary>
/// <param name="Language">ISO 639-1 code, <c>auto</c>, or empty for the engine's own; engines of one language do not look at it.</param>
/// <param name="Vocabulary">Words that are likelier here than elsewhere: product names, places, people.</param>
public sealed record SpeechContext(string Language, ImmutableArray<string> Vocabulary)
{
    /// <summary>
    /// <see cref="Recognition.Decoded"/> of an earlier recognition of this utterance's beginning. It is checked in one step
    /// and not believed, so that recognition is faster and decides as it would have without, but for near ties: the 8-bit
    /// multiplications of several tokens at once round differently (<c>InferenceBench drafts</c>). Engines need not look at it.
    /// </summary>
    public ImmutableArray<int> Draft { get; init; } = [];

    public static SpeechContext None { get; } = new("", []);
}
