using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using EdgeAssist.Contracts;
using EdgeAssist.Inference.Asr;
using EdgeAssist.Inference.Escalation;
using EdgeAssist.Inference.Vad;

namespace EdgeAssist.Inference.Tests.Streaming;

/// <summary>Keeps every event; can wait for one, and can be told to refuse.</summary>
internal sealed class RecordingSink : ICallScoreSink
{
    private readonly Lock _gate = new();
    private readonly List<CallEvent> _events = [];
    private readonly List<(Func<CallEvent, bool> Match, TaskCompletionSource<CallEvent> Found)> _waiting = [];

    /// <summary>Called before an event is taken; may throw.</summary>
    public Action<CallEvent>? Before { get; set; }

    public IReadOnlyList<CallEvent> Events
    {
        get
        {
            lock (_gate) return [.. _events];
        }
    }

    public IEnumerable<TranscriptSegment> Finals => Events.OfType<TranscriptUpdated>().Select(e => e.Segment).Where(s => s.IsFinal);

    public IEnumerable<TranscriptSegment> Partials => Events.OfType<TranscriptUpdated>().Select(e => e.Segment).Where(s => !s.IsFinal);

    public ValueTask PublishAsync(CallEvent callEvent, CancellationToken cancellationToken)
    {
        Before?.Invoke(callEvent);
        lock (_gate)
        {
            _events.Add(callEvent);
            foreach (var (match, found) in _waiting)
                if (match(callEvent)) found.TrySetResult(callEvent);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>The first event that matches, now or later; fails after a minute.</summary>
    public Task<CallEvent> WaitForAsync(Func<CallEvent, bool> match)
    {
        lock (_gate)
        {
            if (_events.Find(e => match(e)) is { } already) return Task.FromResult(already);
            var found = new TaskCompletionSource<CallEvent>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((match, found));
            return found.Task.WaitAsync(TimeSpan.FromMinutes(1));
        }
    }
}

/// <summary>A frame is speech when it is louder than a tenth of full scale.</summary>
internal sealed class LoudnessVoice : IVoiceActivityModel
{
    public IVoiceActivity Begin() => new Leg();

    public void Dispose()
    {
    }

    private sealed class Leg : IVoiceActivity
    {
        public float Next(ReadOnlySpan<float> frame)
        {
            var peak = 0f;
            foreach (var sample in frame) peak = Math.Max(peak, Math.Abs(sample));
            return peak > 0.1f ? 0.95f : 0.02f;
        }

        public void Reset()
        {
        }

        public void Dispose()
        {
        }
    }
}

/// <summary>«Hears» how many milliseconds it was given; can be held up, and can fail.</summary>
internal sealed class MeasuringRecognizer : ISpeechRecognizer
{
    public string Name => "measuring";

    /// <summary>Called on the worker's thread with the utterance's milliseconds.</summary>
    public Action<int, CancellationToken>? During { get; set; }

    /// <summary>What is «heard» instead, by the context of the call.</summary>
    public Func<SpeechContext, Recognition>? Say { get; init; }

    public ConcurrentQueue<int> Heard { get; } = new();

    /// <summary>Waits until so many were heard; fails after a minute.</summary>
    public async Task WaitForAsync(int count)
    {
        for (var begun = Stopwatch.GetTimestamp(); Heard.Count < count; await Task.Yield())
            if (Stopwatch.GetElapsedTime(begun) > TimeSpan.FromMinutes(1)) throw new TimeoutException($"{Heard.Count} of {count} were heard.");
    }

    public Recognition Recognize(ReadOnlyMemory<float> samples, SpeechContext context, CancellationToken cancellationToken)
    {
        var milliseconds = samples.Length / PcmFormat.SamplesPerMillisecond;
        Heard.Enqueue(milliseconds);
        During?.Invoke(milliseconds, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        if (Say is not null) return Say(context);
        return new Recognition(milliseconds.ToString(CultureInfo.InvariantCulture) + " ms", 0.9f, 2, Truncated: false, []);
    }

    public void Dispose()
    {
    }
}

/// <summary>Tells a score for every final, and one for the first loud frame of the call.</summary>
internal sealed class CountingScorer : IEscalationScorer
{
    public bool Fails { get; set; }

    /// <summary>The text of every final it was shown.</summary>
    public ConcurrentQueue<string> Seen { get; } = new();

    public ICallEscalation Begin(CallInfo call) => new Call(this);

    private sealed class Call(CountingScorer scorer) : ICallEscalation
    {
        private bool _heard;

        public EscalationScore Current { get; private set; } = new() { Risk = 0, Level = EscalationLevel.Calm, At = TimeSpan.Zero };

        public void Update(CallInfo call)
        {
        }

        public EscalationScore? OnFrame(LegId leg, TimeSpan at, ReadOnlySpan<float> frame, float speechProbability)
        {
            if (_heard || speechProbability < 0.5f) return null;
            _heard = true;
            return Current = new EscalationScore { Risk = 0.1, Level = EscalationLevel.Calm, At = at };
        }

        public EscalationScore? OnFinal(TranscriptSegment segment)
        {
            scorer.Seen.Enqueue(segment.Text);
            if (scorer.Fails) throw new InvalidOperationException("The scorer was told to fail.");
            return Current = new EscalationScore { Risk = 0.5, Level = EscalationLevel.Watch, At = segment.End };
        }
    }
}

internal sealed class TestMeters : IMeterFactory
{
    private readonly List<Meter> _meters = [];

    public Meter Create(MeterOptions options)
    {
        var meter = new Meter(options.Name, options.Version);
        _meters.Add(meter);
        return meter;
    }

    public void Dispose() => _meters.ForEach(meter => meter.Dispose());
}
