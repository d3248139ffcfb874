using System.Diagnostics;
using EdgeAssist.Inference.Asr;
using EdgeAssist.Inference.Models;
using EdgeAssist.Testing.Audio;

namespace EdgeAssist.InferenceBench;

/// <summary>How many words are wrong on whole sets, through G.711 µ-law at 8 kHz and back up to 16 kHz?</summary>
internal static class WerBench
{
    private static readonly string[] Sets = ["asterisk-prompts", "native-misc", "speechocean762", "fsdd-digits"];

    public static int Run(string[] arguments)
    {
        var sets = arguments.Where(Sets.Contains).DefaultIfEmpty("asterisk-prompts");
        var shortest = Option(arguments, "--min", 0);
        var pad = (int)(16 * Option(arguments, "--pad", 0));
        using var recognizer = MoonshineRecognizer.Load(new ModelStore(), arguments.Contains("--packaged") ? "moonshine-tiny-en-packaged" : "moonshine-tiny-en");
        foreach (var set in sets) Measure(recognizer, set, shortest, pad, arguments.Contains("--show"));
        return 0;
    }

    private static void Measure(MoonshineRecognizer recognizer, string set, double shortest, int pad, bool show)
    {
        var clips = SpeechSet.Load(set) ?? throw new InvalidOperationException($"../shared/data/{set} is not here.");
        var errors = new WordErrors();
        var (count, audio, spent) = (0, 0.0, TimeSpan.Zero);
        foreach (var clip in clips.Where(clip => clip.Seconds >= shortest && clip.Seconds <= 32))
        {
            var samples = clip.Load().OverTelephone().ToFloat();
            float[] padded = [.. new float[pad], .. samples, .. new float[pad]];
            var begun = Stopwatch.GetTimestamp();
            var heard = recognizer.Recognize(padded, SpeechContext.None, CancellationToken.None);
            spent += Stopwatch.GetElapsedTime(begun);
            var these = WordErrorRate.Compare(clip.Text, heard.Text);
            errors += these;
            audio += clip.Seconds;
            count++;
            if (show && these.Errors > 0) Console.WriteLine($"{these.Errors}/{these.Words} {heard.Confidence:0.00} [{clip.Text}] [{heard.Text}]");
        }

        Console.WriteLine($"{set}: {count} clips of at least {shortest} s, {audio / 60:0.0} min, {errors.Words} words, WER {errors.Rate:P1}, real-time factor {spent.TotalSeconds / audio:0.000}");
    }

    private static double Option(string[] arguments, string name, double otherwise) =>
        Array.IndexOf(arguments, name) is var at and >= 0 && at + 1 < arguments.Length
            ? double.Parse(arguments[at + 1], System.Globalization.CultureInfo.InvariantCulture)
            : otherwise;
}
