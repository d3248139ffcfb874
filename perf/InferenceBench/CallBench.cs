using System.Text.Json;
using EdgeAssist.Contracts;
using EdgeAssist.Inference.Asr;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Onnx;
using EdgeAssist.Inference.Streaming;
using EdgeAssist.Inference.Vad;
using EdgeAssist.Testing.Audio;

namespace EdgeAssist.InferenceBench;

/// <summary>What does a two-party call become: utterances with their places and words, and how many are wrong?</summary>
internal static class CallBench
{
    public static int Run(string[] arguments)
    {
        var store = new ModelStore();
        using var recognizer = MoonshineRecognizer.Load(store, "moonshine-tiny-en");
        using var voice = SileroVad.Load(store, "silero-vad-v6");
        foreach (var folder in arguments.Where(Directory.Exists))
        {
            var lines = Directory.GetFiles(folder, "*.wav").Order(StringComparer.Ordinal).SelectMany(file => Utterances(file, recognizer, voice)).OrderBy(line => line.Start).ToList();
            foreach (var line in lines) Console.WriteLine($"{line.Start,7:0.00} {line.End,7:0.00} {line.Party,-10} {line.Confidence:0.00} {line.Text}");
            if (File.Exists(Path.Combine(folder, "call.json"))) Errors(folder, lines);
        }

        return 0;
    }

    private static IEnumerable<Line> Utterances(string file, MoonshineRecognizer recognizer, SileroVad voice)
    {
        var clip = Clip.ReadWav(file);
        return Utterances(clip.SampleRate == 8000 ? clip.OverTelephone() : clip, Path.GetFileNameWithoutExtension(file).Split('_')[^1], recognizer, voice);
    }

    internal static IEnumerable<Line> Utterances(Clip clip, string party, MoonshineRecognizer recognizer, SileroVad voice)
    {
        foreach (var (where, samples) in Cut(clip, voice))
        {
            var heard = recognizer.Recognize(samples, SpeechContext.None, CancellationToken.None);
            yield return new Line(PcmFormat.Duration(where.Start).TotalSeconds, PcmFormat.Duration(where.WordsEnd).TotalSeconds, party, heard.Confidence, heard.Text);
        }
    }

    /// <summary>A leg's utterances as voice activity cuts them.</summary>
    internal static List<(SegmenterEvent Where, float[] Samples)> Cut(Clip clip, SileroVad voice)
    {
        var collector = new Collector();
        using var leg = new SpeechLeg(new LegInfo { Id = new LegId(0) }, Pipe(clip.Samples, out var rest), voice.Begin(), new AnalysisSettings());
        foreach (var _ in rest)
            while (leg.TryAdvance(default, collector))
            {
            }

        leg.Finish(collector);
        return collector.Found;
    }

    // Written piece by piece while it is read: a pipe holds seconds, not a call.
    private static AudioPipe Pipe(short[] samples, out IEnumerable<int> pieces)
    {
        var pipe = new AudioPipe();
        pieces = Write();
        return pipe;

        IEnumerable<int> Write()
        {
            for (var at = 0; at + 320 <= samples.Length; at += 320)
            {
                pipe.Write(new PcmFrame(at, 320, PcmFrameKind.Received, default, default), samples.AsSpan(at, 320));
                yield return at;
            }
        }
    }

    private static void Errors(string folder, List<Line> lines)
    {
        using var call = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "call.json")));
        foreach (var role in new[] { "customer", "agent" })
        {
            var said = string.Join(' ', call.RootElement.GetProperty("turns").EnumerateArray()
                .Where(turn => turn.GetProperty("role").GetString() == role).Select(turn => turn.GetProperty("text").GetString()));
            var errors = WordErrorRate.Compare(said, string.Join(' ', lines.Where(line => line.Party == role).Select(line => line.Text)));
            Console.WriteLine($"{Path.GetFileName(folder)} {role}: {errors.Errors} of {errors.Words} words wrong, {errors.Rate:P1}");
        }
    }

    internal sealed record Line(double Start, double End, string Party, float Confidence, string Text);

    private sealed class Collector : ISpeechLegListener
    {
        public List<(SegmenterEvent Where, float[] Samples)> Found { get; } = [];

        public void OnFrame(SpeechLeg leg, in AssembledFrame frame, ReadOnlySpan<float> samples, float probability)
        {
        }

        public void OnUtterance(SpeechLeg leg, in SegmenterEvent happened)
        {
            if (happened.Kind == SegmenterEventKind.Ended) Found.Add((happened, leg.Buffer.Copy(happened.AudioFrom, happened.AudioTo)));
        }

        public void OnGap(SpeechLeg leg, long from, long to, string cause)
        {
        }
    }
}
