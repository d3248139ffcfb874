using EdgeAssist.Contracts;
using EdgeAssist.Inference.Asr;

namespace EdgeAssist.Inference.Streaming;

/// <summary>What became of a job.</summary>
internal enum JobOutcome
{
    /// <summary>It still waits or runs.</summary>
    Pending,

    /// <summary>There is a result.</summary>
    Recognised,

    /// <summary>It was no longer wanted.</summary>
    Cancelled,

    /// <summary>The queue was full, and this was the oldest in it.</summary>
    Shed,

    /// <summary>The recogniser failed; see <see cref="RecognitionJob.Failure"/>.</summary>
    Failed,
}

/// <summary>
/// One utterance, or what there is of it, on its way to a worker. Made by a call's loop, handed to the scheduler, and handed
/// back through <paramref name="done"/> when its outcome is set; between the two only the scheduler touches it.
/// </summary>
/// <param name="samples">Mono at 16 kHz in [-1, 1]; the job's own copy.</param>
/// <param name="final">False for a partial.</param>
/// <param name="submittedAt">When the utterance was closed, or the partial asked for.</param>
/// <param name="deadline">When the result should be there.</param>
/// <param name="done">Called once, on a worker's thread or inside the scheduler's methods; must return at once.</param>
internal sealed class RecognitionJob(ReadOnlyMemory<float> samples, bool final, Instant submittedAt, Instant deadline, Action<RecognitionJob> done) : IDisposable
{
    private readonly CancellationTokenSource _cancel = new();

    public ReadOnlyMemory<float> Samples => samples;

    public bool Final => final;

    /// <summary>True for the words of the agent, which give way before the customer's.</summary>
    public bool Agent { get; init; }

    /// <summary>How many times further apart than set partials came when this one was asked for.</summary>
    public double Pace { get; init; } = 1;

    public SpeechWork Work => WorkOf(final, Agent);

    public static SpeechWork WorkOf(bool final, bool agent) => (final, agent) switch
    {
        (true, false) => SpeechWork.CustomerFinal,
        (true, true) => SpeechWork.AgentFinal,
        (false, false) => SpeechWork.CustomerPartial,
        (false, true) => SpeechWork.AgentPartial,
    };

    /// <summary>Language and likely words of the call it belongs to.</summary>
    public SpeechContext Context { get; init; } = SpeechContext.None;

    public Instant SubmittedAt => submittedAt;

    public Instant Deadline => deadline;

    public CancellationToken Cancelled => _cancel.Token;

    public JobOutcome Outcome { get; private set; }

    public Recognition? Result { get; private set; }

    public Exception? Failure { get; private set; }

    /// <summary>When a worker took it; <see cref="Instant.Never"/> before.</summary>
    public Instant StartedAt { get; set; } = Instant.Never;

    public Instant FinishedAt { get; private set; } = Instant.Never;

    public TimeSpan Audio => PcmFormat.Duration(samples.Length);

    /// <summary>Asks a running recognition to stop at its next step.</summary>
    public void Cancel() => _cancel.Cancel();

    public void Finish(JobOutcome outcome, Recognition? result, Exception? failure, Instant at)
    {
        (Outcome, Result, Failure, FinishedAt) = (outcome, result, failure, at);
        done(this);
    }

    public void Dispose() => _cancel.Dispose();
}
