using EdgeAssist.Inference.Asr;
using EdgeAssist.Inference.Models;
using EdgeAssist.Testing.Audio;

namespace EdgeAssist.InferenceBench;

/// <summary>
/// Are one-word answers understood, with and without a lead-in? Each clip as an utterance is cut: the pre-roll and the tail of
/// quiet line around it. Lengths are those of the clips.
/// </summary>
internal static class WordsBench
{
    private const int PreRoll = 3584;   // samples; what the segmenter takes before and behind the words
    private const int Tail = 3072;
    private const float QuietLine = 0.001f;

    public static int Run(string[] arguments)
    {
        var every = Arguments.Whole(arguments, "--every", 1);
        var (from, to) = (Arguments.Number(arguments, "--from", 0), Arguments.Number(arguments, "--to", 1.3));
        var store = new ModelStore();
        using var plain = MoonshineRecognizer.Load(store, "moonshine-tiny-en", leadInBelow: 0);
        using var led = MoonshineRecognizer.Load(store, "moonshine-tiny-en", leadInBelow: int.MaxValue);
        foreach (var set in arguments.Where(SpeechSets.Names.Contains).DefaultIfEmpty("fsdd-digits"))
        {
            var clips = SpeechSets.Load(set).Where(clip => clip.Seconds >= from && clip.Seconds < to).Where((_, i) => i % every == 0).ToList();
            var audio = clips.Select((clip, i) => Utterance(clip.Load().OverTelephone().ToFloat(), i)).ToList();
            Console.WriteLine($"{set}: {clips.Count} clips of {from} to {to} s, {clips.Average(clip => WordErrorRate.Words(clip.Text).Count):0.0} words each");
            Score("without lead-in", clips, audio, plain, arguments.Contains("--show"));
            Score("with lead-in", clips, audio, led, arguments.Contains("--show"));
        }

        return 0;
    }

    private static void Score(string what, List<SpokenClip> clips, List<float[]> audio, MoonshineRecognizer recognizer, bool show)
    {
        var (errors, exact) = (new WordErrors(), 0);
        var begun = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < clips.Count; i++)
        {
            var heard = recognizer.Recognize(audio[i], SpeechContext.None, CancellationToken.None);
            var these = WordErrorRate.Compare(clips[i].Text, heard.Text);
            errors += these;
            if (these.Errors == 0) exact++;
            if (show) Console.WriteLine($"  {heard.Confidence:0.00} [{clips[i].Text}] [{heard.Text}]");
        }

        Console.WriteLine($"  {what}: {(double)exact / clips.Count:P1} without a fault, WER {errors.Rate:P1}, {(Environment.CpuUsage.TotalTime - begun).TotalMilliseconds / clips.Count:0} ms of CPU each");
    }

    private static float[] Utterance(float[] words, int seed)
    {
        var dice = new Random(seed);
        return [.. Line(PreRoll), .. words, .. Line(Tail)];

        IEnumerable<float> Line(int samples) => Enumerable.Range(0, samples).Select(_ => (float)((dice.NextDouble() * 2) - 1) * QuietLine);
    }
}
