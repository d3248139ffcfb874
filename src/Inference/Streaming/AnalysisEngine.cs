using EdgeAssist.Contracts;
using EdgeAssist.Inference.Diagnostics;
using EdgeAssist.Inference.Escalation;
using EdgeAssist.Inference.Vad;

namespace EdgeAssist.Inference.Streaming;

/// <summary>What all calls share: models, workers, scorer, clock.</summary>
internal sealed record AnalysisEngine
{
    public required IVoiceActivityModel Voice { get; init; }

    /// <summary>The workers; null when there is no recogniser, then calls get voice and dynamics only.</summary>
    public required RecognitionScheduler? Scheduler { get; init; }

    /// <summary>Why there is no recogniser, in a sentence for people; empty when there is.</summary>
    public string Problem { get; init; } = "";

    public required IEscalationScorer Scorer { get; init; }

    public required AnalysisSettings Settings { get; init; }

    /// <summary>Who knows the customers; null when nobody does.</summary>
    public ICustomerDirectory? Customers { get; init; }

    public required TimeProvider Time { get; init; }

    public required InferenceMetrics Metrics { get; init; }

    /// <summary>How much analysis a call gets now, and why.</summary>
    public (AnalysisRung Rung, string Why) Rung => Scheduler is { Rung: var rung }
        ? (rung, Reasons[(int)rung])
        : (AnalysisRung.VoiceOnly, Problem);

    private static readonly string[] Reasons =
    [
        "The machine keeps up again: partial and final words of both parties.",
        "The machine is behind: no partial words for now.",
        "The machine is well behind: only the customer's finished sentences are recognised.",
        "The machine is far behind: no words for now, only voice and the course of the talk.",
    ];
}
