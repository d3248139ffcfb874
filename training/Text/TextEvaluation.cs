using System.Diagnostics;
using EdgeAssist.Inference.Sentiment;
using EdgeAssist.Training.Data;

namespace EdgeAssist.Training.Text;

/// <summary>Measures a text model on every set: held-out parts of those it learnt from, and sets it never saw.</summary>
internal sealed class TextEvaluation(ITextSentiment sentiment, TextWriter output, int most = int.MaxValue)
{
    /// <summary>From this probability on, an utterance counts as dissatisfied: the threshold of the false-alarm figures.</summary>
    public const float OperatingPoint = 0.6f;

    private const int Timed = 500;

    private readonly ITextSentiment _remembering = sentiment is RememberingSentiment ? sentiment : new RememberingSentiment(sentiment);

    public void Run(string data, ulong seed)
    {
        output.WriteLine("| set | output | rows | AUROC | AP | macro-F1 at 0.6 | ECE |");
        output.WriteLine("| --- | --- | --- | --- | --- | --- | --- |");
        Unseen(data);
        Held([.. TextRecipe.Examples(data, seed).Where(Corpora.IsHeldOut)]);
        Heard();
        output.WriteLine();
        Alarms(data);
    }

    private void Unseen(string data)
    {
        Row("airline-tweets, negative", [.. Corpora.Airline(data)], Label.Negative, Label.Negative);
        Row("complaints-tweets, all", [.. Corpora.Complaints(data, brands: false)], Label.Complaint, Label.Complaint);
        Row("complaints-tweets, to brands", [.. Corpora.Complaints(data, brands: true)], Label.Complaint, Label.Complaint);
        Row("complaints-tweets, to brands", [.. Corpora.Complaints(data, brands: true)], Label.Complaint, Label.Negative);
        Row("meld, anger", [.. Corpora.Meld(data)], Label.Anger, Label.Anger);
        Row("meld, negative", [.. Corpora.Meld(data)], Label.Negative, Label.Negative);
        Row("uss, dissatisfied turns", [.. Corpora.Satisfaction(data)], Label.Negative, Label.Negative);
    }

    private void Held(List<Example> held)
    {
        foreach (var source in held.Select(e => e.Source).Distinct(StringComparer.Ordinal))
        {
            foreach (var label in Enum.GetValues<Label>())
                Row($"{source}, held-out tenth", [.. held.Where(e => e.Source == source)], label, label);
        }
    }

    /// <summary>What recognition costs: sentences of held-out families, spoken by a synthesiser, through G.711 and the recogniser.</summary>
    private void Heard()
    {
        var lines = HeardUtterances.HeldOut();
        foreach (var label in new[] { Label.Negative, Label.Complaint, Label.AsksForManager, Label.ThreatToLeave })
        {
            Row("authored, a few of a family, as said", lines.ConvertAll(l => l.Said), label, label);
            Row("authored, the same, as heard over a telephone", lines.ConvertAll(l => l.Heard), label, label);
        }
    }

    private void Row(string set, List<Example> examples, Label truth, Label predicted)
    {
        var scored = Some(examples.Where(e => !float.IsNaN(e[truth]))).Select(e => ((double)Scores(e.Text)[(int)predicted], e[truth] >= 0.5f)).ToList();
        var auroc = Metrics.Auroc(scored);
        if (double.IsNaN(auroc)) return;

        output.WriteLine($"| {set} | {predicted} | {scored.Count} | {auroc:0.000} | {Metrics.AveragePrecision(scored):0.000} | {Metrics.MacroF1(scored, OperatingPoint):0.000} | {Metrics.CalibrationError(scored):0.000} |");
    }

    private void Alarms(string data)
    {
        output.WriteLine($"| calm set | rows | Negative at {OperatingPoint:0.00} | Complaint at {OperatingPoint:0.00} | any other cue at {OperatingPoint:0.00} |");
        output.WriteLine("| --- | --- | --- | --- | --- |");
        Alarm("banking77, held-out tenth", [.. Corpora.Banking(data).Where(Corpora.IsHeldOut)]);
        Alarm("banking77, all", [.. Corpora.Banking(data)]);
        Alarm("primock57 turns, held-out calls", [.. Corpora.Consultations(data).Where(Corpora.IsHeldOut)]);
        Alarm("primock57 turns, all", [.. Corpora.Consultations(data)]);
        var airline = Corpora.Airline(data).Where(e => e[Label.Negative] == 1).ToList();
        output.WriteLine();
        var some = Some(airline);
        var found = some.Count(e => Scores(e.Text)[0] >= OperatingPoint);
        output.WriteLine($"airline negatives found at the same threshold: {found / (double)some.Count:P1}");
        var timed = sentiment is RememberingSentiment remembering ? remembering.Inner : sentiment;
        var clock = Stopwatch.StartNew();
        foreach (var example in airline.Take(Timed)) timed.Score(example.Text, []);
        output.WriteLine($"time an utterance, features and model, mean of {Timed}: {clock.Elapsed.TotalMilliseconds / Timed:0.000} ms");
    }

    private void Alarm(string set, List<Example> examples)
    {
        var all = Some(examples).ConvertAll(e => Scores(e.Text));
        double Share(Func<float[], bool> alarm) => all.Count(alarm) / (double)all.Count;
        output.WriteLine($"| {set} | {all.Count} | {Share(s => s[0] >= OperatingPoint):P2} | {Share(s => s[2] >= OperatingPoint):P2} | {Share(s => s[1] >= OperatingPoint || s[3] >= OperatingPoint || s[4] >= OperatingPoint || s[5] >= OperatingPoint):P2} |");
    }

    /// <summary>At most so many, evenly taken.</summary>
    private List<Example> Some(IEnumerable<Example> examples)
    {
        var all = examples.ToList();
        return all.Count <= most ? all : [.. Enumerable.Range(0, most).Select(i => all[(int)((long)i * all.Count / most)])];
    }

    private float[] Scores(string text)
    {
        var s = _remembering.Score(text, []);
        return [s.Negative, s.Anger, s.Complaint, s.AsksForManager, s.ThreatToLeave, s.Abuse];
    }
}
