using EdgeAssist.Inference.Features;
using EdgeAssist.Training.Data;
using EdgeAssist.Training.Text;

namespace EdgeAssist.Training.Voice;

/// <summary>
/// How a clip of calm speech is changed. Which way each mood goes is that of Juslin and Laukka (2003, table 7); joy and fear lie
/// close to anger, as high and nearly as loud, as Banse and Scherer measured (1996, table 6). The ranges are our own.
/// </summary>
internal enum Mood
{
    /// <summary>The small changes of everyday talk.</summary>
    Calm,

    /// <summary>Anger: loud, higher, much energy at high frequencies, faster. All of it rises together, as vocal effort does.</summary>
    Heated,

    /// <summary>Joy, surprise, fear: as high, less loud and less sharp.</summary>
    Excited,

    /// <summary>Sadness, boredom: soft, low, dull, slow.</summary>
    Subdued,
}

/// <summary>
/// Trains the arousal model on generated data: calm read speech of many speakers (speechocean762, free for commercial use),
/// changed by sox into four moods, of which one is heated. On a third of the clips the line's automatic gain has taken the level
/// away. No acted emotion is trained on: those sets may not be shipped from. A quarter of the speakers is kept to measure on.
/// </summary>
internal static class VoiceRecipe
{
    private const int BaselineClips = 2;
    // As many frames are heated as are not.
    private const int HeatedEvery = 2;
    private const int OthersEvery = 6;
    private const double Levelled = 1.0 / 3;

    public static LogisticArousal Run(string data, ulong seed, TextWriter output)
    {
        var random = new Seeded(seed);
        var frames = new List<(float[], bool)>();
        var held = new List<(List<float[]> Changes, Mood Mood)>();
        var folder = Path.Combine(data, "speechocean762");
        foreach (var speaker in Csv.Read(Path.Combine(folder, "transcripts.csv")).GroupBy(row => row["speaker"], StringComparer.Ordinal))
        {
            var clips = speaker.Select(row => Path.Combine(folder, "audio16k", Path.GetFileName(row["file"]))).ToList();
            var listener = new VoiceListener(new LevelArousal());
            var kept = StableHash.Of(speaker.Key) % 4 == 0;
            foreach (var calm in clips.Take(BaselineClips)) listener.Learn(Speech.Read(calm));
            foreach (var clip in clips.Skip(BaselineClips))
            {
                foreach (var mood in Enum.GetValues<Mood>())
                {
                    var changes = listener.Changes(Change(clip, mood, random));
                    if (kept) held.Add((changes, mood));
                    else frames.AddRange(changes.Where((_, i) => i % (mood == Mood.Heated ? HeatedEvery : OthersEvery) == 0).Select(c => (c, mood == Mood.Heated)));
                }
            }
        }

        var model = LogisticArousal.Fit(frames);
        output.WriteLine($"{frames.Count} frames; bias {model.Bias:0.000}, level {model.Weights[0]:0.000} a dB, pitch {model.Weights[1]:0.000} a semitone, tilt {model.Weights[2]:0.000} a dB");
        Held(held, model, output);
        return model;
    }

    /// <summary>What may choose a remedy: the generated clips of speakers that were not trained on.</summary>
    private static void Held(List<(List<float[]> Changes, Mood Mood)> clips, LogisticArousal model, TextWriter output)
    {
        var scored = clips.Where(c => c.Changes.Count > 0).Select(c => (Score: c.Changes.Average(x => model.LogOdds(x)), c.Mood)).ToList();
        foreach (var mood in Enum.GetValues<Mood>().Where(m => m != Mood.Heated).Select(m => (Mood?)m).Prepend(null))
        {
            var some = scored.Where(s => mood is null || s.Mood == mood || s.Mood == Mood.Heated).Select(s => (s.Score, s.Mood == Mood.Heated)).ToList();
            output.WriteLine($"generated, speakers kept out, heated against {mood?.ToString() ?? "all"}: AUROC {Metrics.Auroc(some):0.000} ({some.Count} clips)");
        }
    }

    private static float[] Change(string clip, Mood mood, Seeded random)
    {
        var effort = 0.2 + 0.8 * random.NextDouble();
        var (level, semitones, treble, tempo) = mood switch
        {
            Mood.Heated => (13 * effort, 6 * effort, 9 * effort, 1 + 0.15 * effort),
            Mood.Excited => (9 * effort, 6.5 * effort, 5 * effort, 1 + 0.15 * effort),
            Mood.Subdued => (-5 * effort, -2 * effort, -4 * effort, 1 - 0.1 * effort),
            _ => (0, 0, 0, 1),
        };
        if (random.Chance(Levelled)) level = 0;
        return Speech.Read(clip,
            gainDb: level + 2.5 * random.NextNormal(), cents: 100 * (semitones + 1.2 * random.NextNormal()),
            trebleDb: treble + 1.5 * random.NextNormal(), tempo: tempo + 0.07 * random.NextNormal());
    }
}
