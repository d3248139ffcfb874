using System.Diagnostics;
using System.Globalization;
using EdgeAssist.Contracts;
using EdgeAssist.Inference.Asr;
using EdgeAssist.Inference.Escalation;
using EdgeAssist.Inference.Hosting;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Onnx;
using EdgeAssist.Inference.Streaming;
using EdgeAssist.Inference.Vad;
using EdgeAssist.Testing;
using EdgeAssist.Testing.Audio;

namespace EdgeAssist.InferenceBench;

/// <summary>
/// Where does the time go? The customer's leg of a sample call through each stage on one thread: voice activity and scoring of
/// each frame, partials and finals of each utterance, words' scoring. Time on the wall, so on a busy machine an upper bound.
/// </summary>
internal static class StagesBench
{
    private const int WarmUps = 40;

    public static int Run(string[] arguments)
    {
        var folder = SharedFolder.InTree($"samples/{arguments.FirstOrDefault() ?? "escalation"}") ?? throw new InvalidOperationException("There is no such sample.");
        var clip = Clip.ReadWav(Path.Combine(folder, "customer.wav")).OverTelephone();
        using var models = LoadedModels.Load(new ModelStore(), new InferenceOptions());
        if (models is not { Speech: MoonshineRecognizer recognizer, Voice: SileroVad voice, Text: { } text }) throw new ModelException(models.Problem);
        for (var i = 0; i < WarmUps; i++) recognizer.Recognize(new float[16_000], SpeechContext.None, CancellationToken.None);

        var stages = new Stages();
        var scorer = new EscalationScorer(text, models.Arousal, new EscalationOptions());
        var leg = new LegInfo { Id = new LegId(0), Role = PartyRole.Customer };
        var call = scorer.Begin(new CallInfo { Id = new CallId("stages"), Origin = new Instant(0), StartedAt = DateTimeOffset.UnixEpoch, Source = "replay", Legs = [leg] });
        Frames(stages, clip.ToFloat(), voice, call, leg);
        Utterances(stages, clip, recognizer, voice, call, leg);
        stages.Print(clip.Seconds);
        return 0;
    }

    private static void Frames(Stages stages, float[] audio, SileroVad voice, ICallEscalation call, LegInfo leg)
    {
        using var activity = voice.Begin();
        for (var at = 0; at + VadFrame.Samples <= audio.Length; at += VadFrame.Samples)
        {
            var frame = audio.AsSpan(at, VadFrame.Samples);
            var begun = Stopwatch.GetTimestamp();
            var probability = activity.Next(frame);
            stages.Add("voice activity, a frame of 32 ms", begun);
            begun = Stopwatch.GetTimestamp();
            call.OnFrame(leg.Id, PcmFormat.Duration(at), frame, probability);
            stages.Add("voice and talk scoring, a frame", begun);
        }
    }

    private static void Utterances(Stages stages, Clip clip, MoonshineRecognizer recognizer, SileroVad voice, ICallEscalation call, LegInfo leg)
    {
        var settings = new AnalysisSettings();
        var number = 0;
        foreach (var (where, samples) in CallBench.Cut(clip, voice))
        {
            var context = SpeechContext.None;
            for (var at = (int)settings.FirstPartialSamples; at < samples.Length; at += (int)settings.PartialSamples)
            {
                var begun = Stopwatch.GetTimestamp();
                context = context with { Draft = recognizer.Recognize(samples.AsMemory(0, at), context, CancellationToken.None).Decoded };
                stages.Add("a partial", begun);
            }

            var started = Stopwatch.GetTimestamp();
            recognizer.FirstToken(samples);
            stages.Add("of a final: encoder and first step", started);
            started = Stopwatch.GetTimestamp();
            var heard = recognizer.Recognize(samples, context, CancellationToken.None);
            stages.Add("a final, with the last partial's draft", started);
            started = Stopwatch.GetTimestamp();
            recognizer.Recognize(samples, SpeechContext.None, CancellationToken.None);
            stages.Add("a final, from nothing", started);
            if (heard.Text.Length == 0) continue;

            started = Stopwatch.GetTimestamp();
            call.OnFinal(new TranscriptSegment
            {
                Leg = leg.Id, Role = PartyRole.Customer, Utterance = ++number, Text = heard.Text, IsFinal = true, Confidence = heard.Confidence,
                Start = PcmFormat.Duration(where.Start), End = PcmFormat.Duration(where.WordsEnd),
            });
            stages.Add("scoring of the words", started);
        }
    }

    private sealed class Stages
    {
        private readonly List<(string Name, List<double> Milliseconds)> _stages = [];

        public void Add(string name, long begun)
        {
            var spent = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
            if (_stages.FindIndex(stage => stage.Name == name) is var at && at < 0) _stages.Add((name, [spent]));
            else _stages[at].Milliseconds.Add(spent);
        }

        public void Print(double seconds)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seconds:0} s of one leg"));
            foreach (var (name, milliseconds) in _stages)
            {
                milliseconds.Sort();
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-40} {milliseconds.Count,6} times   median {milliseconds[milliseconds.Count / 2],8:0.000} ms   p95 {milliseconds[(int)(0.95 * (milliseconds.Count - 1))],8:0.000} ms   {milliseconds.Sum() / 10 / seconds:0.00} % of a core"));
            }
        }
    }
}
