using EdgeAssist.Inference.Features;
using EdgeAssist.Training.Data;
using EdgeAssist.Training.Text;

namespace EdgeAssist.Training.Voice;

/// <summary>
/// Measures an arousal model on acted emotions it was not trained on: for each speaker the first half of the calm clips is the
/// baseline, every other clip is scored against it, and scores of all speakers are ranked together.
/// </summary>
internal sealed class VoiceEvaluation(string data, IArousalModel model, TextWriter output)
{
    public void Run()
    {
        output.WriteLine("| set | speakers | clips (anger) | AUROC anger against all | against calm | AP | level alone: AUROC |");
        output.WriteLine("| --- | --- | --- | --- | --- | --- | --- |");
        Set("emodb", "emotion", "anger", "neutral");
        Set("ravdess", "emotion", "angry", "neutral", "calm");
        Set("emotale", "emotion", "anger", "neutral");
    }

    private void Set(string set, string column, string anger, params string[] calm)
    {
        var folder = Path.Combine(data, set);
        var scored = new List<(double Score, double Level, bool Angry, bool Calm)>();
        var speakers = 0;
        foreach (var speaker in Csv.Read(Path.Combine(folder, "labels.csv")).GroupBy(row => row["speaker"], StringComparer.Ordinal))
        {
            var rows = speaker.ToList();
            var quiet = rows.Where(row => calm.Contains(row[column])).ToList();
            var baseline = quiet.Take((quiet.Count + 1) / 2).ToHashSet();
            if (baseline.Count == 0) continue;

            speakers++;
            var (whole, level) = (new VoiceListener(model), new VoiceListener(new LevelArousal()));
            foreach (var samples in baseline.Select(row => Speech.Read(PathOf(folder, row))))
            {
                whole.Learn(samples);
                level.Learn(samples);
            }

            foreach (var row in rows.Where(row => !baseline.Contains(row)))
            {
                var samples = Speech.Read(PathOf(folder, row));
                scored.Add((whole.Score(samples), level.Score(samples), row[column] == anger, calm.Contains(row[column])));
            }
        }

        scored.RemoveAll(s => double.IsNaN(s.Score));
        var all = scored.ConvertAll(s => (s.Score, s.Angry));
        output.WriteLine($"| {set} | {speakers} | {scored.Count} ({scored.Count(s => s.Angry)}) | {Metrics.Auroc(all):0.000} | {Metrics.Auroc([.. scored.Where(s => s.Angry || s.Calm).Select(s => (s.Score, s.Angry))]):0.000} | {Metrics.AveragePrecision(all):0.000} | {Metrics.Auroc(scored.ConvertAll(s => (s.Level, s.Angry))):0.000} |");
    }

    private static string PathOf(string folder, Dictionary<string, string> row) => Path.Combine(folder, "audio", Path.GetFileName(row["file"]));
}
