using System.Collections.Immutable;

namespace EdgeAssist.Inference.Asr;

/// <summary>What is known about an utterance before it is heard.</summary>
/// <param name="Language">ISO 639-1 code, <c>auto</c>, or empty for the engine's own; engines of one language do not look at it.</param>
/// <param name="Vocabulary">Words that are likelier here than elsewhere: product names, places, people.</param>
public sealed record SpeechContext(string Language, ImmutableArray<string> Vocabulary)
{
    public static SpeechContext None { get; } = new("", []);
}
