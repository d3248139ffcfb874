using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using EdgeAssist.Contracts;
using EdgeAssist.Inference.Diagnostics;
using EdgeAssist.Inference.Escalation;
using EdgeAssist.Inference.Hosting;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Streaming;
using EdgeAssist.Testing;
using EdgeAssist.Testing.Audio;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAssist.InferenceBench;

/// <summary>
/// How late are the words of so many calls at once, and at which rung? Real speech of the two-party call and the samples,
/// each call at another place of it, in real time through voice activity, scheduler, recognition and scoring.
/// </summary>
internal static class LoadBench
{
    private const int Stretch = 20 * PcmFormat.SamplesPerMillisecond;

    public static int Run(string[] arguments)
    {
        var calls = int.Parse(arguments[0], CultureInfo.InvariantCulture);
        var (seconds, workers) = (Arguments.Whole(arguments, "--seconds", 40), Arguments.Whole(arguments, "--workers", Environment.ProcessorCount));
        using var models = LoadedModels.Load(new ModelStore(), new InferenceOptions());
        if (models is not { Speech: { } recognizer, Text: { } text }) throw new ModelException(models.Problem);
        using var meters = new Meters();
        var metrics = new InferenceMetrics(meters);
        var ladder = arguments.Contains("--finals-only") ? new LadderSettings { NoPartials = TimeSpan.Zero } : new LadderSettings();
        using var scheduler = new RecognitionScheduler(recognizer, workers, 256, ladder, TimeProvider.System, metrics, NullLogger.Instance);
        var engine = new AnalysisEngine
        {
            Voice = models.Voice, Scheduler = scheduler, Scorer = new EscalationScorer(text, models.Arousal, new EscalationOptions()), Settings = new AnalysisSettings { AgentPartials = !arguments.Contains("--customer-partials") }, Time = TimeProvider.System, Metrics = metrics,
        };
        var sink = new Delays();
        var service = new AnalysisService(engine, sink, NullLogger<AnalysisService>.Instance);

        var (begun, used) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        Play(service, sink, calls, seconds);
        var (wall, cpu) = (Stopwatch.GetElapsedTime(begun), Environment.CpuUsage.TotalTime - used);
        using var process = Process.GetCurrentProcess();
        Console.WriteLine($"{calls} calls, {workers} workers, {seconds} s: {cpu / wall:0.00} cores busy, {process.WorkingSet64 / 1048576.0:0} MiB");
        sink.Print(scheduler.Rung);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"share of the workers' time wanted at the end: full {scheduler.Load(AnalysisRung.Full):0.00}, no partials {scheduler.Load(AnalysisRung.NoPartials):0.00}, customer's finals {scheduler.Load(AnalysisRung.CustomerFinalsOnly):0.00}; partials {scheduler.Pace.Customer:0.0} times further apart than set, the agent's {scheduler.Pace.Agent:0.0}"));
        service.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return 0;
    }

    private static void Play(AnalysisService service, Delays sink, int calls, int seconds)
    {
        var audio = Recordings();
        var origin = Instant.Now(TimeProvider.System);
        var legs = new List<(short[] Samples, int From, AudioPipe Pipe)>();
        var open = new List<ICallAudio>();
        for (var i = 0; i < calls; i++)
        {
            var pair = audio[i % audio.Count];
            var call = new CallInfo
            {
                Id = new CallId($"load-{i}"), Origin = origin, StartedAt = DateTimeOffset.UnixEpoch, Source = "replay",
                Legs = [new LegInfo { Id = new LegId(0), Role = PartyRole.Customer }, new LegInfo { Id = new LegId(1), Role = PartyRole.Agent }],
            };
            sink.Origin = origin;
            var handle = service.Open(call);
            open.Add(handle);
            for (var leg = 0; leg < 2; leg++)
            {
                var pipe = new AudioPipe();
                handle.AddLeg(call.Legs[leg], pipe);
                legs.Add((pair[leg], (int)(i * 7919L * Stretch % pair[leg].Length), pipe));
            }
        }

        for (var at = 0L; at < seconds * 16_000L; at += Stretch)
        {
            var due = origin + PcmFormat.Duration(at + Stretch);
            while (Instant.Now(TimeProvider.System) is var now && now < due) Thread.Sleep(Math.Max(1, (int)(due - now).TotalMilliseconds));
            foreach (var (samples, from, pipe) in legs)
            {
                var place = (int)((from + at) % (samples.Length - Stretch));
                var arrived = Instant.Now(TimeProvider.System);
                pipe.Write(new PcmFrame(at, Stretch, PcmFrameKind.Received, arrived, arrived), samples.AsSpan(place, Stretch));
            }
        }

        foreach (var (_, _, pipe) in legs) pipe.Complete();
        var closing = Stopwatch.GetTimestamp();
        Task.WhenAll(open.Select(call => call.CloseAsync(CallEndReason.Hangup, CancellationToken.None).AsTask())).GetAwaiter().GetResult();
        Console.WriteLine($"last words of all calls {Stopwatch.GetElapsedTime(closing).TotalSeconds:0.00} s after the hang-up");
    }

    private static List<short[][]> Recordings()
    {
        var found = new List<short[][]>();
        if (SharedFolder.Find("data/two-party-calls/auto_repairs_40_agent.wav") is { } agent)
            found.Add([Wide(agent.Replace("agent", "caller", StringComparison.Ordinal)), Wide(agent)]);
        foreach (var name in new[] { "escalation", "calm", "recovered" })
            if (SharedFolder.InTree($"samples/{name}") is { } folder) found.Add([Wide(Path.Combine(folder, "customer.wav")), Wide(Path.Combine(folder, "agent.wav"))]);
        return found;
    }

    private static short[] Wide(string path)
    {
        var clip = Clip.ReadWav(path);
        return (clip.SampleRate == 8000 ? clip.Wide() : clip.OverTelephone()).Samples;
    }

    /// <summary>Keeps how long after its last word a final was told, and after its first sound the first partial.</summary>
    private sealed class Delays : ICallScoreSink
    {
        private readonly ConcurrentBag<double> _finals = [];
        private readonly ConcurrentBag<double> _partials = [];
        private readonly ConcurrentDictionary<(CallId, int, int), bool> _told = new();
        private readonly ConcurrentDictionary<AnalysisRung, int> _atRung = new();
        private readonly ConcurrentDictionary<string, int> _gaps = new();
        private readonly ConcurrentDictionary<CallId, int> _changes = new();

        public Instant Origin { get; set; }

        public ValueTask PublishAsync(CallEvent callEvent, CancellationToken cancellationToken)
        {
            switch (callEvent)
            {
                case TranscriptUpdated { Segment: var segment } update:
                    _atRung.AddOrUpdate(update.Rung, 1, (_, count) => count + 1);
                    if (segment.IsFinal) _finals.Add((update.At - (Origin + segment.End)).TotalSeconds);
                    else if (_told.TryAdd((update.Call, segment.Leg.Value, segment.Utterance), true)) _partials.Add((update.At - (Origin + segment.Start)).TotalSeconds);
                    break;
                case AnalysisGap gap: _gaps.AddOrUpdate(gap.Cause, 1, (_, count) => count + 1); break;
                case RungChanged change: _changes.AddOrUpdate(change.Call, 1, (_, count) => count + 1); break;
            }

            return ValueTask.CompletedTask;
        }

        public void Print(AnalysisRung rung)
        {
            Console.WriteLine($"finals, from the last word: {Line(_finals)}");
            Console.WriteLine($"first partials, from the first sound: {Line(_partials)}");
            Console.WriteLine($"transcripts by rung: {string.Join(", ", _atRung.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key} {pair.Value}"))}; rung changes told to a call, at most {_changes.Values.DefaultIfEmpty().Max()}; gaps told {string.Join(", ", _gaps.Select(pair => $"{pair.Key} {pair.Value}").DefaultIfEmpty("0"))}; at the end {rung}");
        }

        private static string Line(IEnumerable<double> delays)
        {
            var sorted = delays.Order().ToList();
            return sorted.Count == 0 ? "none" : string.Create(CultureInfo.InvariantCulture, $"{sorted.Count}, p50 {At(0.5):0.00} s, p95 {At(0.95):0.00} s, p99 {At(0.99):0.00} s, most {sorted[^1]:0.00} s");

            double At(double share) => sorted[(int)(share * (sorted.Count - 1))];
        }
    }

    private sealed class Meters : IMeterFactory
    {
        private readonly List<Meter> _made = [];

        public Meter Create(MeterOptions options)
        {
            _made.Add(new Meter(options.Name));
            return _made[^1];
        }

        public void Dispose() => _made.ForEach(meter => meter.Dispose());
    }
}
