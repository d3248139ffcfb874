using System.Collections.Immutable;

namespace EdgeAssist.Contracts;

/// <summary>One recognised word.</summary>
/// <param name="Text">As recognised, with its case and punctuation.</param>
/// <param name="Start">Start on the call's timeline.</param>
/// <param name="End">End on the call's timeline.</param>
/// <param name="Confidence">0 to 1.</param>
public readonly record struct TranscriptWord(string Text, TimeSpan Start, TimeSpan End, float Confidence);

/// <summary>What one party said between two pauses. Grows while it is partial; the final replaces every partial of the same number.</summary>
public sealed record TranscriptSegment
{
    public required LegId Leg { get; init; }

    public required PartyRole Role { get; init; }

    /// <summary>Counts the utterances of a leg from 1; the same for a partial and the final that replaces it.</summary>
    public required int Utterance { get; init; }

    public required string Text { get; init; }

    public required bool IsFinal { get; init; }

    /// <summary>Start of speech on the call's timeline.</summary>
    public required TimeSpan Start { get; init; }

    /// <summary>End of speech so far on the call's timeline.</summary>
    public required TimeSpan End { get; init; }

    /// <summary>Mean probability of the recognised tokens, 0 to 1.</summary>
    public float Confidence { get; init; }

    /// <summary>Share of the audio that was lost or concealed on the way, 0 to 1.</summary>
    public float LostShare { get; init; }

    /// <summary>Words at the start of the text that no later partial changes; the final may. In a final all of them.</summary>
    public int StableWords { get; init; }

    /// <summary>Words with times where the recogniser gives them, else empty.</summary>
    public ImmutableArray<TranscriptWord> Words { get; init; } = [];
}
