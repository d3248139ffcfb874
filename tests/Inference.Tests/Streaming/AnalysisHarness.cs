using EdgeAssist.Contracts;
using EdgeAssist.Inference.Asr;
using EdgeAssist.Inference.Diagnostics;
using EdgeAssist.Inference.Streaming;
using EdgeAssist.Inference.Vad;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace EdgeAssist.Inference.Tests.Streaming;

/// <summary>Analysis with fakes (or the real models) in place, and calls made of loud and quiet stretches.</summary>
internal sealed class AnalysisHarness : IAsyncDisposable
{
    private readonly TestMeters _meters = new();
    private readonly RecognitionScheduler? _scheduler;
    private readonly TimeProvider _time;

    public AnalysisHarness(ISpeechRecognizer? recognizer, IVoiceActivityModel? voice = null, int workers = 1, LadderSettings? ladder = null, TimeProvider? time = null, int limit = 64, ICallScoreSink? sink = null, AnalysisSettings? settings = null)
    {
        _time = time ?? TimeProvider.System;
        var metrics = new InferenceMetrics(_meters);
        _scheduler = recognizer is null ? null
            : new RecognitionScheduler(recognizer, workers, limit, ladder ?? Patient, _time, metrics, NullLogger.Instance);
        var engine = new AnalysisEngine
        {
            Voice = voice ?? new LoudnessVoice(),
            Scheduler = _scheduler,
            Problem = "No recogniser was given.",
            Scorer = Scorer,
            Settings = settings ?? new AnalysisSettings(),
            Time = _time,
            Metrics = metrics,
        };
        Service = new AnalysisService(engine, sink ?? Sink, NullLogger<AnalysisService>.Instance);
    }

    /// <summary>Never leaves the first rung: for tests that are not about overload.</summary>
    public static LadderSettings Patient { get; } = new()
    {
        NoPartials = TimeSpan.FromHours(1), CustomerOnly = TimeSpan.FromHours(2), VoiceOnly = TimeSpan.FromHours(3), Stale = TimeSpan.FromHours(1), Overload = double.PositiveInfinity,
    };

    public RecordingSink Sink { get; } = new();

    public CountingScorer Scorer { get; } = new();

    public AnalysisService Service { get; }

    public static CallInfo Call(string id = "call-1", Instant origin = default) => new()
    {
        Id = new CallId(id),
        Origin = origin,
        StartedAt = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero),
        Source = "replay",
        Legs =
        [
            new LegInfo { Id = new LegId(0), Role = PartyRole.Customer },
            new LegInfo { Id = new LegId(1), Role = PartyRole.Agent },
        ],
    };

    /// <summary>Opens a call with its customer's leg and, when asked for, its agent's.</summary>
    public static (ICallAudio Audio, LegFeed[] Legs) Open(ICallAudioSink sink, CallInfo call, int legs = 1)
    {
        var audio = sink.Open(call);
        LegFeed[] feeds = [.. Enumerable.Range(0, legs).Select(_ => new LegFeed(call.Origin))];
        for (var i = 0; i < legs; i++) audio.AddLeg(call.Legs[i], feeds[i].Pipe);
        return (audio, feeds);
    }

    public (ICallAudio Audio, LegFeed[] Legs) Open(int legs = 1) => Open(Service, Call(origin: Instant.Now(_time)), legs);

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        _scheduler?.Dispose();
        _meters.Dispose();
    }

    public static async Task CloseAsync(ICallAudio call, params LegFeed[] legs)
    {
        foreach (var leg in legs) leg.Pipe.Complete();
        await call.CloseAsync(CallEndReason.Hangup, TestContext.Current.CancellationToken);
    }
}

/// <summary>Writes stretches of 20 ms into a leg's pipe, in media time from the call's origin.</summary>
internal sealed class LegFeed(Instant origin)
{
    private const int Stretch = 20 * PcmFormat.SamplesPerMillisecond;
    private readonly short[] _samples = new short[Stretch];
    private long _position;

    public AudioPipe Pipe { get; } = new(TimeSpan.FromSeconds(60));

    public void Loud(int milliseconds) => Write(milliseconds, 12_000, PcmFrameKind.Received);

    public void Quiet(int milliseconds) => Write(milliseconds, 4, PcmFrameKind.Received);

    public void Lost(int milliseconds) => Write(milliseconds, 0, PcmFrameKind.Lost);

    /// <summary>Leaves a hole: positions jump.</summary>
    public void Skip(int milliseconds) => _position += milliseconds * PcmFormat.SamplesPerMillisecond;

    public void Play(ReadOnlySpan<short> samples)
    {
        for (var at = 0; at + Stretch <= samples.Length; at += Stretch) Write(samples.Slice(at, Stretch), PcmFrameKind.Received);
    }

    private void Write(int milliseconds, short level, PcmFrameKind kind)
    {
        for (var i = 0; i < Stretch; i++) _samples[i] = i % 2 == 0 ? level : (short)-level;
        for (var done = 0; done < milliseconds; done += 20) Write(_samples, kind);
    }

    private void Write(ReadOnlySpan<short> samples, PcmFrameKind kind)
    {
        // Arrival trails the end of the stretch by 5 ms, the fork by 65 ms: a jitter buffer of 60 ms.
        var end = origin + PcmFormat.Duration(_position + samples.Length);
        Pipe.Write(new PcmFrame(_position, samples.Length, kind, end + TimeSpan.FromMilliseconds(5), end + TimeSpan.FromMilliseconds(65)), samples);
        _position += samples.Length;
    }
}
