using EdgeAssist.Inference.Features;
using EdgeAssist.Training.Data;

namespace EdgeAssist.Training.Voice;

/// <summary>
/// Trains the arousal model on generated data: calm read speech of many speakers (speechocean762, free for commercial use),
/// left calm with the small changes of everyday talk, or made heated: louder, higher, sharper, faster. No acted emotion is
/// trained on: those sets may not be shipped from.
/// </summary>
internal static class VoiceRecipe
{
    private const int BaselineClips = 2;
    private const int FramesBetween = 6;

    public static LogisticArousal Run(string data, ulong seed, TextWriter output)
    {
        var random = new Seeded(seed);
        var frames = new List<(float[], bool)>();
        var folder = Path.Combine(data, "speechocean762");
        foreach (var speaker in Csv.Read(Path.Combine(folder, "transcripts.csv")).GroupBy(row => row["speaker"], StringComparer.Ordinal))
        {
            var clips = speaker.Select(row => Path.Combine(folder, "audio16k", Path.GetFileName(row["file"]))).ToList();
            var listener = new VoiceListener(new LevelArousal());
            foreach (var calm in clips.Take(BaselineClips)) listener.Learn(Speech.Read(calm));
            foreach (var clip in clips.Skip(BaselineClips))
            {
                Add(frames, listener.Changes(Calm(clip, random)), heated: false);
                Add(frames, listener.Changes(Heated(clip, random)), heated: true);
            }
        }

        var model = LogisticArousal.Fit(frames);
        output.WriteLine($"{frames.Count} frames; bias {model.Bias:0.000}, level {model.Weights[0]:0.000} a dB, pitch {model.Weights[1]:0.000} a semitone, tilt {model.Weights[2]:0.000} a dB");
        return model;
    }

    private static void Add(List<(float[], bool)> frames, List<float[]> changes, bool heated) =>
        frames.AddRange(changes.Where((_, i) => i % FramesBetween == 0).Select(c => (c, heated)));

    private static float[] Calm(string clip, Seeded random) => Speech.Read(clip,
        gainDb: 2.5 * random.NextNormal(), cents: 120 * random.NextNormal(), trebleDb: 1.5 * random.NextNormal(), tempo: 1 + 0.07 * random.NextNormal());

    private static float[] Heated(string clip, Seeded random) => Speech.Read(clip,
        gainDb: 2 + 10 * random.NextDouble(), cents: 600 * random.NextDouble(), trebleDb: 6 * random.NextDouble(), tempo: 1 + 0.2 * random.NextDouble());
}
