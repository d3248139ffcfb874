using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using EdgeAssist.Contracts;
using EdgeAssist.Inference.Diagnostics;
using EdgeAssist.Inference.Escalation;
using EdgeAssist.Inference.Hosting;
using EdgeAssist.Inference.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAssist.Inference.Streaming;

/// <summary>One stretch of a leg's audio as the receiver gives it.</summary>
/// <param name="Leg">Whose.</param>
/// <param name="Head">Its place on the call's timeline.</param>
/// <param name="Samples">As many as the head says.</param>
public sealed record ReplayedAudio(LegInfo Leg, PcmFrame Head, short[] Samples);

/// <summary>
/// Analysis of recorded calls as live ones get it, on a clock of the recording's own: time passes with the audio and stands
/// still while a sentence is recognised. The same recording gives the same events. One call at a time.
/// </summary>
public sealed class CallReplay : IDisposable
{
    private readonly ReplayClock _clock = new();
    private readonly ReplayMeters _meters = new();
    private readonly LoadedModels _models;
    private readonly RecognitionScheduler? _scheduler;
    private readonly AnalysisEngine _engine;

    private CallReplay(LoadedModels models, InferenceOptions options)
    {
        var metrics = new InferenceMetrics(_meters);
        _models = models;
        _scheduler = models.Speech is null ? null
            : new RecognitionScheduler(models.Speech, workers: 1, options.QueueLimit, new LadderSettings(), _clock, metrics, NullLogger.Instance);
        _engine = new AnalysisEngine
        {
            Voice = models.Voice,
            Scheduler = _scheduler,
            Problem = models.Problem,
            Scorer = new EscalationScorer(models.Text ?? new NoTextSentiment(), models.Arousal, InferenceRuntime.Escalation(options)),

            // Partial words change nothing about the score; which of them come in time is what differs from run to run.
            Settings = InferenceRuntime.Settings(options) with { PartialSamples = long.MaxValue / 2, FirstPartialSamples = long.MaxValue / 2, TellSpeech = false },
            Time = _clock,
            Metrics = metrics,
        };
    }

    /// <summary>Which models are missing, and what to do about it; empty when all are there.</summary>
    public string Problem => _models.Problem;

    /// <exception cref="Rules.RuleException">The rule file of the options cannot be used.</exception>
    public static CallReplay Load(ModelStore store, InferenceOptions options)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(options);
        return new CallReplay(LoadedModels.Load(store, options), options);
    }

    /// <summary>Plays a call through, and gives what analysis says of it, in order.</summary>
    /// <param name="call">Its origin is where the replay's clock begins.</param>
    /// <param name="audio">Both legs' stretches in the order they were received.</param>
    /// <param name="cancellationToken">Stops between two stretches.</param>
    public async Task<IReadOnlyList<CallEvent>> RunAsync(CallInfo call, IEnumerable<ReplayedAudio> audio, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(audio);

        var sink = new KeptEvents();
        var outbox = new EventOutbox(sink, _clock, _engine.Metrics, NullLogger.Instance);
        var publishing = outbox.RunAsync(CancellationToken.None);
        using var done = new BlockingCollection<(SpeechLeg Leg, RecognitionJob Job)>();
        using var analysis = new CallAnalysis(call, _engine, outbox, (leg, job) => done.Add((leg, job), CancellationToken.None));
        var pipes = new Dictionary<LegId, (AudioPipe Pipe, SpeechLeg Leg)>();
        _clock.Set(call.Origin);
        outbox.Post(new CallStarted(call, call.Origin));
        foreach (var (leg, head, samples) in audio)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!pipes.TryGetValue(leg.Id, out var way))
            {
                var pipe = new AudioPipe();
                analysis.AddLeg(leg, pipe);
                pipes.Add(leg.Id, way = (pipe, analysis.Legs[^1]));
            }

            _clock.Set(head.ForkedAt);
            way.Pipe.Write(head, samples);
            while (way.Leg.TryAdvance(head.ForkedAt, analysis)) await SettleAsync(analysis, done, outbox, cancellationToken).ConfigureAwait(false);
            analysis.Observe();
        }

        foreach (var (_, leg) in pipes.Values) leg.Finish(analysis);
        await SettleAsync(analysis, done, outbox, cancellationToken).ConfigureAwait(false);
        outbox.Post(new CallEnded(call.Id, Instant.Now(_clock), CallEndReason.Hangup));
        outbox.Complete();
        await publishing.ConfigureAwait(false);
        return sink.Events;
    }

    public void Dispose()
    {
        _scheduler?.Dispose();
        _models.Dispose();
        _meters.Dispose();
    }

    // The recording waits for its words, so that they come at the moment the sentence ended.
    private static async Task SettleAsync(CallAnalysis analysis, BlockingCollection<(SpeechLeg Leg, RecognitionJob Job)> done, EventOutbox outbox, CancellationToken cancellationToken)
    {
        while (!analysis.Settled)
        {
            var (leg, job) = done.Take(cancellationToken);
            analysis.OnJobDone(leg, job);
        }

        while (outbox.Waiting > EventOutbox.Capacity / 2) await Task.Yield();
    }

    private sealed class KeptEvents : ICallScoreSink
    {
        public List<CallEvent> Events { get; } = [];

        public ValueTask PublishAsync(CallEvent callEvent, CancellationToken cancellationToken)
        {
            Events.Add(callEvent);
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>Stands where it is set.</summary>
    private sealed class ReplayClock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        // The next call begins again where its own recording does.
        public void Set(Instant now) => Interlocked.Exchange(ref _ticks, now.Ticks);

        public override long GetTimestamp() => Interlocked.Read(ref _ticks);

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + TimeSpan.FromTicks(GetTimestamp());
    }

    private sealed class ReplayMeters : IMeterFactory
    {
        private readonly List<Meter> _meters = [];

        public Meter Create(MeterOptions options)
        {
            var meter = new Meter(options);
            _meters.Add(meter);
            return meter;
        }

        public void Dispose()
        {
            foreach (var meter in _meters) meter.Dispose();
        }
    }
}
