using EdgeAssist.Contracts;

namespace EdgeAssist.Inference.Escalation;

/// <summary>Makes the running score of each call. One instance serves all calls.</summary>
public interface IEscalationScorer
{
    ICallEscalation Begin(CallInfo call);
}

/// <summary>
/// The running score of one call: a core with one owner, driven by media time alone, so that the same input gives the same
/// scores. Every method returns a score when it changed enough to be told (level changed, or risk moved by a step), else null.
/// </summary>
public interface ICallEscalation
{
    /// <summary>Roles or participants changed.</summary>
    void Update(CallInfo call);

    /// <summary>One voice-activity frame of one leg: 512 samples at 16 kHz in [-1, 1], 32 ms. Energy, overlap, silence and pace come from here.</summary>
    EscalationScore? OnFrame(LegId leg, TimeSpan at, ReadOnlySpan<float> frame, float speechProbability);

    /// <summary>A finished utterance.</summary>
    EscalationScore? OnFinal(TranscriptSegment segment);

    /// <summary>The newest score, whether it was told or not.</summary>
    EscalationScore Current { get; }
}
