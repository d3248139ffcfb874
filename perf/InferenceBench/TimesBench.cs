using EdgeAssist.Inference.Asr;
using EdgeAssist.Inference.Models;
using EdgeAssist.Testing.Audio;

namespace EdgeAssist.InferenceBench;

/// <summary>
/// How far off are the places of words? Recordings of one word each are joined with known gaps, so each word's beginning and
/// end are known; only joins of which every word was understood are counted.
/// </summary>
internal static class TimesBench
{
    private const int Words = 6;
    private const double Loud = 0.02;   // of full scale: where a recording's word begins and ends

    public static int Run(string[] arguments)
    {
        var joins = Arguments.Whole(arguments, "--joins", 100);
        using var recognizer = MoonshineRecognizer.Load(new ModelStore(), "moonshine-tiny-en");
        Measure("prompts of one word", [[.. Single("asterisk-prompts")]], joins, recognizer);
        Measure("digits of one speaker", [.. Single("fsdd-digits").GroupBy(clip => Path.GetFileNameWithoutExtension(clip.Path).Split('_')[1]).Select(speaker => speaker.ToList())], joins, recognizer);
        return 0;
    }

    private static IEnumerable<SpokenClip> Single(string set) => SpeechSets.Load(set).Where(clip => WordErrorRate.Words(clip.Text).Count == 1 && clip.Text.Length > 2 && clip.Seconds < 1.5);

    private static void Measure(string what, List<List<SpokenClip>> voices, int joins, MoonshineRecognizer recognizer)
    {
        var dice = new Random(1);
        var (starts, ends, understood) = (new List<double>(), new List<double>(), 0);
        for (var i = 0; i < joins; i++)
        {
            var voice = voices[i % voices.Count];
            var (samples, said) = Join([.. Enumerable.Range(0, Words).Select(_ => voice[dice.Next(voice.Count)])], dice);
            var heard = recognizer.Recognize(samples, SpeechContext.None, CancellationToken.None).Words;
            if (heard.Length != said.Count || heard.Zip(said).Any(pair => WordErrorRate.Compare(pair.Second.Text, pair.First.Text).Errors > 0)) continue;
            understood++;
            starts.AddRange(heard.Zip(said, (a, b) => a.Start.TotalSeconds - b.From));
            ends.AddRange(heard.Zip(said, (a, b) => a.End.TotalSeconds - b.To));
        }

        Console.WriteLine($"{what}: {understood} of {joins} joins of {Words} words understood; beginnings {Line(starts)}; ends {Line(ends)}");
    }

    private static (float[] Samples, List<(string Text, double From, double To)> Said) Join(List<SpokenClip> clips, Random dice)
    {
        var (samples, said) = (new List<float>(), new List<(string, double, double)>());
        Quiet(0.2);
        foreach (var clip in clips)
        {
            var audio = clip.Load().OverTelephone().ToFloat();
            var (first, last) = (Array.FindIndex(audio, sample => Math.Abs(sample) > Loud), Array.FindLastIndex(audio, sample => Math.Abs(sample) > Loud));
            said.Add((clip.Text, (samples.Count + first) / 16_000.0, (samples.Count + last + 1) / 16_000.0));
            samples.AddRange(audio);
            Quiet(0.05 + (0.25 * dice.NextDouble()));
        }

        Quiet(0.2);
        return ([.. samples], said);

        void Quiet(double seconds)
        {
            for (var n = (int)(seconds * 16_000); n > 0; n--) samples.Add((float)((dice.NextDouble() * 2) - 1) * 0.001f);
        }
    }

    private static string Line(List<double> errors)
    {
        if (errors.Count == 0) return "none";
        var sorted = errors.Select(Math.Abs).Order().ToList();
        return $"off by {sorted[sorted.Count / 2] * 1000:0} ms in the middle, p90 {sorted[(int)(0.9 * (sorted.Count - 1))] * 1000:0} ms, most {sorted[^1] * 1000:0} ms, {errors.Average() * 1000:+0;-0} ms on average";
    }
}
