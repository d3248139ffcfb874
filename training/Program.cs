using EdgeAssist.Training.Authored;
using EdgeAssist.Training.Data;
using EdgeAssist.Training.Text;

var root = args[1];
var tweets = args.Contains("tweets");
var authored = AuthoredUtterances.Generate(150, 1);
Console.WriteLine($"authored {authored.Count}");
foreach (var e in authored.Where((_, i) => i % 997 == 0)) Console.WriteLine($"  {string.Join(',', e.Labels)} {e.Text}");
List<Example> all = [.. Corpora.Trainable(root, tweets), .. authored];
var train = all.Where(e => !Corpora.IsHeldOut(e)).ToList();
var held = all.Where(Corpora.IsHeldOut).ToList();
float Weight(Example e) => e.Source switch { "goemotions" => 0.5f, "bitext" => 0.5f, "authored" => 1f, _ => 1f };
var watch = System.Diagnostics.Stopwatch.StartNew();
var vocabulary = FeatureSelection.Choose(train, Weight, 56000, 3);
Console.WriteLine($"vocabulary {vocabulary.Count} {watch.Elapsed}");
var options = new TextTrainerOptions();
foreach (var a in args)
{
    if (a.StartsWith("e=")) options = options with { Epochs = int.Parse(a[2..]) };
    if (a.StartsWith("r=")) options = options with { Rate = float.Parse(a[2..]) };
    if (a.StartsWith("d=")) options = options with { FeatureDropout = double.Parse(a[2..]) };
    if (a.StartsWith("l=")) options = options with { Decay = float.Parse(a[2..]) };
    if (a.StartsWith("q=")) options = options with { Roughened = double.Parse(a[2..]) };
}
var network = new TextTrainer(options, vocabulary, 1).Train(train, Weight, (e, l) => Console.WriteLine($"pass {e} loss {l:0.0000} {watch.Elapsed}"));
void Eval(string name, IEnumerable<Example> set, Label label, Label output)
{
    var probabilities = new float[6];
    var scored = new List<(double, bool)>();
    foreach (var e in set)
    {
        if (float.IsNaN(e[label])) continue;
        var words = EdgeAssist.Inference.Sentiment.UtteranceWords.Split(e.Text);
        if (words.Count == 0) { scored.Add((0, e[label] >= 0.5)); continue; }
        network.Score(vocabulary.Rows(words), probabilities);
        scored.Add((probabilities[(int)output], e[label] >= 0.5));
    }
    Console.WriteLine($"{name,-24} {label}/{output}: n {scored.Count} auroc {Metrics.Auroc(scored):0.000} ap {Metrics.AveragePrecision(scored):0.000} ece {Metrics.CalibrationError(scored):0.000}");
}
void Fa(string name, IEnumerable<Example> set)
{
    var probabilities = new float[6];
    var s = set.Select(e => UtteranceScore(e)).Order().ToArray();
    float UtteranceScore(Example e) { var w = EdgeAssist.Inference.Sentiment.UtteranceWords.Split(e.Text); if (w.Count == 0) return 0; network.Score(vocabulary.Rows(w), probabilities); return probabilities[0]; }
    Console.WriteLine($"{name} FA at .5: {s.Count(x => x >= 0.5) / (double)s.Length:P2}; thr for 2%: {s[(int)(s.Length * 0.98)]:0.000} 4%: {s[(int)(s.Length * 0.96)]:0.000}");
}
foreach (var l in Enum.GetValues<Label>()) foreach (var src in held.Select(e => e.Source).Distinct()) Eval("held " + src, held.Where(e => e.Source == src), l, l);
Eval("airline", Corpora.Airline(root), Label.Negative, Label.Negative);
Eval("airline", Corpora.Airline(root), Label.Negative, Label.Complaint);
Eval("complaints", Corpora.Complaints(root, false), Label.Complaint, Label.Complaint);
Eval("complaints", Corpora.Complaints(root, false), Label.Complaint, Label.Negative);
Eval("complaints brands", Corpora.Complaints(root, true), Label.Complaint, Label.Complaint);
Eval("complaints brands", Corpora.Complaints(root, true), Label.Complaint, Label.Negative);
Eval("meld", Corpora.Meld(root), Label.Anger, Label.Anger);
Eval("meld", Corpora.Meld(root), Label.Negative, Label.Negative);
Eval("uss", Corpora.Satisfaction(root), Label.Negative, Label.Negative);
Fa("banking held", held.Where(e => e.Source == "banking77"));
Fa("primock held", held.Where(e => e.Source == "primock57"));
return 0;
