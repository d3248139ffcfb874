using System.Collections.Immutable;
using EdgeAssist.Inference.Asr;
using EdgeAssist.Inference.Vad;

namespace EdgeAssist.Inference.Streaming;

/// <summary>What a call's pipeline works by.</summary>
internal sealed record AnalysisSettings
{
    public SegmenterSettings Segmenter { get; init; } = new();

    /// <summary>Whether personal numbers and addresses are taken out of transcripts before anything else sees them.</summary>
    public bool Redact { get; init; } = true;

    /// <summary>Whether spoken numbers leave as figures.</summary>
    public bool WriteNumbers { get; init; }

    /// <summary>Language and likely words of calls, by trunk; the trunk named "" is every other one.</summary>
    public ImmutableDictionary<string, SpeechContext> Contexts { get; init; } = ImmutableDictionary<string, SpeechContext>.Empty;

    public SpeechContext ContextOf(string trunk) => Contexts.GetValueOrDefault(trunk) ?? Contexts.GetValueOrDefault("") ?? SpeechContext.None;

    /// <summary>New speech between two partials of an utterance, in samples: 500 ms.</summary>
    public long PartialSamples { get; init; } = 8000;

    /// <summary>Speech before the first partial of an utterance, and between tries until one hears a word, in samples: 320 ms.</summary>
    public long FirstPartialSamples { get; init; } = 5120;

    /// <summary>Whether it is told when somebody who is not known to be the customer begins and ceases to speak.</summary>
    public bool TellSpeech { get; init; } = true;

    /// <summary>Silence behind an utterance that was cut, from which it counts as a pause, in samples: the hang-over, 320 ms.</summary>
    public long PauseSamples { get; init; } = 10 * VadFrame.Samples;

    /// <summary>Whether the agent's words come as partials too; unknown parties' always do.</summary>
    public bool AgentPartials { get; init; } = true;

    /// <summary>Mean square below which a frame is no speech, whatever the model says: −65 dB of full scale.</summary>
    public float PowerFloor { get; init; } = 3.2e-7f;

    /// <summary>Time for the result of a final, from the end of the utterance: the budget of queue and recognition.</summary>
    public TimeSpan FinalBudget { get; init; } = TimeSpan.FromMilliseconds(400);

    public TimeSpan PartialBudget { get; init; } = TimeSpan.FromMilliseconds(800);

    /// <summary>When nothing came for so long while somebody spoke, the utterance is closed: hold, or a peer that fell silent.</summary>
    public TimeSpan StallLimit { get; init; } = TimeSpan.FromMilliseconds(600);

    /// <summary>A run of lost audio this long is announced as a gap, in samples: 200 ms.</summary>
    public long LossToTell { get; init; } = 3200;
}
