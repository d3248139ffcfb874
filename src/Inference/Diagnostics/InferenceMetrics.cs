using System.Diagnostics.Metrics;
using EdgeAssist.Contracts;
using EdgeAssist.Inference.Streaming;

namespace EdgeAssist.Inference.Diagnostics;

/// <summary>The numbers of this part. No tag names a call.</summary>
internal sealed class InferenceMetrics
{
    public const string MeterName = "EdgeAssist.Inference";

    private readonly UpDownCounter<int> _calls;
    private readonly Counter<long> _failedCalls;
    private readonly Counter<long> _utterances;
    private readonly Counter<long> _droppedPartials;
    private readonly Counter<long> _gaps;
    private readonly Counter<long> _lostEvents;
    private readonly Counter<long> _refusedEvents;
    private readonly Histogram<double> _recognition;
    private readonly Histogram<double> _wait;
    private readonly Histogram<double> _realTimeFactor;

    public InferenceMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _calls = meter.CreateUpDownCounter<int>("edgeassist.inference.calls", "{call}", "Calls under analysis");
        _failedCalls = meter.CreateCounter<long>("edgeassist.inference.calls.failed", "{call}", "Calls whose analysis ended by a failure");
        _utterances = meter.CreateCounter<long>("edgeassist.inference.utterances", "{utterance}", "Recognitions by kind and outcome");
        _droppedPartials = meter.CreateCounter<long>("edgeassist.inference.partials.dropped", "{partial}", "Partials given up because a newer one or the final came");
        _gaps = meter.CreateCounter<long>("edgeassist.inference.gaps", "{gap}", "Gaps announced, by cause");
        _lostEvents = meter.CreateCounter<long>("edgeassist.inference.events.lost", "{event}", "Events the relay never took");
        _refusedEvents = meter.CreateCounter<long>("edgeassist.inference.events.refused", "{event}", "Tries to hand an event on that failed");
        _recognition = meter.CreateHistogram<double>("edgeassist.inference.recognition.duration", "s", "Time in the recogniser, by kind");
        _wait = meter.CreateHistogram<double>("edgeassist.inference.queue.wait", "s", "Time waiting for a worker, by kind");
        _realTimeFactor = meter.CreateHistogram<double>("edgeassist.inference.real_time_factor", "1", "Time in the recogniser over the length of the audio");
        meter.CreateObservableGauge("edgeassist.inference.queue.age", () => QueueAge().TotalSeconds, "s", "How long the oldest final has waited");
        meter.CreateObservableGauge("edgeassist.inference.partials.pace", () => Pace(), "1", "How many times further apart than set the customer's partials come, for the load");
    }

    /// <summary>Asked when the gauge is read; set by the scheduler, as is <see cref="QueueAge"/>.</summary>
    public Func<double> Pace { get; set; } = () => 1;

    /// <summary>Asked when the gauge is read.</summary>
    public Func<TimeSpan> QueueAge { get; set; } = () => TimeSpan.Zero;

    public void CallStarted() => _calls.Add(1);

    public void CallEnded() => _calls.Add(-1);

    public void CallFailed() => _failedCalls.Add(1);

    public void PartialDropped() => _droppedPartials.Add(1);

    public void Gap(string cause) => _gaps.Add(1, new KeyValuePair<string, object?>("cause", cause));

    public void EventLost() => _lostEvents.Add(1);

    public void EventRefused() => _refusedEvents.Add(1);

    public void Ran(RecognitionJob job, JobOutcome outcome, Instant finished)
    {
        var kind = new KeyValuePair<string, object?>("kind", job.Final ? "final" : "partial");
        _utterances.Add(1, kind, new KeyValuePair<string, object?>("outcome", OutcomeTag(outcome)));
        _wait.Record((job.StartedAt - job.SubmittedAt).TotalSeconds, kind);
        if (outcome != JobOutcome.Recognised) return;

        var seconds = (finished - job.StartedAt).TotalSeconds;
        _recognition.Record(seconds, kind);
        if (job.Audio > TimeSpan.Zero) _realTimeFactor.Record(seconds / job.Audio.TotalSeconds, kind);
    }

    private static string OutcomeTag(JobOutcome outcome) => outcome switch
    {
        JobOutcome.Recognised => "recognised",
        JobOutcome.Cancelled => "cancelled",
        JobOutcome.Shed => "shed",
        _ => "failed",
    };
}
