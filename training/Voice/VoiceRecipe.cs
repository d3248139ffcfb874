using EdgeAssist.Inference.Escalation;
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

/// <summary>What a telephone line does with the level of a voice.</summary>
internal enum Line
{
    /// <summary>Lets it through.</summary>
    Open,

    /// <summary>Its automatic gain has taken the mood's level away, not that of everyday talk.</summary>
    Gained,

    /// <summary>Brings every recording to one peak, calm ones too.</summary>
    SamePeak,
}

/// <summary>
/// Trains the arousal model on generated data: calm read speech of many speakers (speechocean762, free for commercial use),
/// changed by sox into four moods, of which one is heated, each over three lines. No acted emotion is trained on: those sets may
/// not be shipped from. A quarter of the speakers is kept to measure on.
/// </summary>
internal static class VoiceRecipe
{
    private const int BaselineClips = 2;

    /// <summary>Two clips are too short for some speakers' baseline; heard again they leave its medians as they are.</summary>
    private const int BaselineRounds = 3;

    /// <summary>Share of calm frames judged raised (<see cref="VoiceOptions.Raised"/>): that of version 2 of the model.</summary>
    private const double CalmRaised = 0.05;

    public static MixtureArousal Run(string data, ulong seed, TextWriter output)
    {
        var clips = Clips(data, seed);
        var trained = clips.Where(c => !c.Kept).ToList();
        var model = MixtureArousal
            .Fit([.. trained.GroupBy(c => (c.Line, c.Mood)).Select(group => (group.Key.Mood == Mood.Heated, (IReadOnlyList<float[]>)[.. group.SelectMany(c => c.Changes)]))])
            .At(new VoiceOptions().Raised, CalmRaised, trained.Where(c => c.Mood == Mood.Calm).SelectMany(c => c.Changes));
        output.WriteLine($"{trained.Sum(c => c.Changes.Count)} frames");
        Held([.. clips.Where(c => c.Kept && c.Changes.Count > 0)], model, output);
        return model;
    }

    private static List<Clip> Clips(string data, ulong seed)
    {
        var made = new List<Clip>();
        var folder = Path.Combine(data, "speechocean762");
        foreach (var speaker in Csv.Read(Path.Combine(folder, "transcripts.csv")).GroupBy(row => row["speaker"], StringComparer.Ordinal))
        {
            var files = speaker.Select(row => Path.Combine(folder, "audio16k", Path.GetFileName(row["file"]))).ToList();
            var random = new Seeded(seed ^ StableHash.Of(speaker.Key));
            var kept = StableHash.Of(speaker.Key) % 4 == 0;
            var (open, samePeak) = (Calm(files, false), Calm(files, true));
            foreach (var file in files.Skip(BaselineClips))
            {
                foreach (var mood in Enum.GetValues<Mood>())
                {
                    var change = Change.Draw(mood, random);
                    foreach (var line in Enum.GetValues<Line>())
                        made.Add(new Clip((line == Line.SamePeak ? samePeak : open).Changes(change.Read(file, line)), line, mood, kept));
                }
            }
        }

        return made;
    }

    private static VoiceListener Calm(List<string> files, bool samePeak)
    {
        var listener = new VoiceListener(new LevelArousal());
        var calm = files.Take(BaselineClips).Select(file => Speech.Read(file, samePeak: samePeak)).ToList();
        for (var round = 0; round < BaselineRounds; round++) calm.ForEach(listener.Learn);
        return listener;
    }

    /// <summary>What may choose a model: the generated clips of speakers that were not trained on.</summary>
    private static void Held(IReadOnlyList<Clip> clips, MixtureArousal model, TextWriter output)
    {
        var scored = clips.Select(c => (Score: c.Changes.Average(x => model.LogOdds(x)), c.Line, c.Mood)).ToList();
        void Against(string what, IEnumerable<(double Score, Line Line, Mood Mood)> some)
        {
            var chosen = some.Select(s => (s.Score, s.Mood == Mood.Heated)).ToList();
            output.WriteLine($"generated, speakers kept out, heated against {what}: AUROC {Metrics.Auroc(chosen):0.000} ({chosen.Count} clips)");
        }

        Against("all", scored);
        foreach (var mood in Enum.GetValues<Mood>().Where(m => m != Mood.Heated)) Against($"{mood}", scored.Where(s => s.Mood == mood || s.Mood == Mood.Heated));
        foreach (var line in Enum.GetValues<Line>()) Against($"all, line {line}", scored.Where(s => s.Line == line));
        foreach (var mood in Enum.GetValues<Mood>())
            output.WriteLine($"generated, speakers kept out, {mood}: {clips.Where(c => c.Mood == mood).SelectMany(c => c.Changes).Average(x => model.Run(x) >= new VoiceOptions().Raised ? 100.0 : 0):0.0} % of the frames raised");
    }

    /// <summary>The changes heard in a generated clip, frame by frame.</summary>
    private sealed record Clip(List<float[]> Changes, Line Line, Mood Mood, bool Kept);

    /// <summary>How one clip is changed.</summary>
    /// <param name="LevelDb">That of the mood.</param>
    /// <param name="EverydayDb">Level that comes and goes in everyday talk.</param>
    private sealed record Change(double LevelDb, double EverydayDb, double Cents, double TrebleDb, double Tempo)
    {
        public static Change Draw(Mood mood, Seeded random)
        {
            var effort = 0.2 + 0.8 * random.NextDouble();
            var (level, semitones, treble, tempo) = mood switch
            {
                Mood.Heated => (13 * effort, 6 * effort, 9 * effort, 1 + 0.15 * effort),
                Mood.Excited => (9 * effort, 6.5 * effort, 5 * effort, 1 + 0.15 * effort),
                Mood.Subdued => (-5 * effort, -2 * effort, -4 * effort, 1 - 0.1 * effort),
                _ => (0, 0, 0, 1),
            };
            return new Change(level, 2.5 * random.NextNormal(), 100 * (semitones + 1.2 * random.NextNormal()), treble + 1.5 * random.NextNormal(), tempo + 0.07 * random.NextNormal());
        }

        public float[] Read(string file, Line line) =>
            Speech.Read(file, (line == Line.Open ? LevelDb : 0) + EverydayDb, Cents, TrebleDb, Tempo, line == Line.SamePeak);
    }
}
