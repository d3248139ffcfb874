using EdgeAssist.Contracts;
using EdgeAssist.Inference.Escalation;
using EdgeAssist.Inference.Features;
using EdgeAssist.Inference.Sentiment;
using EdgeAssist.Training.Data;
using EdgeAssist.Training.Text;

namespace EdgeAssist.Training.Escalation;

/// <summary>
/// Measures the call score: generated calls of families kept from every choice, and real calm dialogue. What is printed as
/// «alerts» is the level of the running code; ablations add the noticed cues up again with weights left out.
/// </summary>
internal sealed class EscalationEvaluation(ITextSentiment sentiment, IArousalModel arousal, EscalationOptions options, int callsAPart, TextWriter output)
{
    private const int Resamples = 200;

    private static readonly double[] Levels = [0.50, 0.55, 0.60, 0.65, 0.70, 0.75, 0.80, 0.85, 0.90];

    public void Run(string data, ulong seed)
    {
        var (train, test) = Parts(seed);
        var calm = Play(Consultation.Calls(data));
        output.WriteLine("| | train families | test families |");
        output.WriteLine("| --- | --- | --- |");
        foreach (var (name, value) in Figures(train).Zip(Figures(test), (a, b) => (a.Name, $"{a.Value} | {b.Value}"))) output.WriteLine($"| {name} | {value} |");
        Reliability(test);
        Calm("fitted on", calm.Where(c => Consultation.IsFitted(c.Script)).ToList());
        Calm("held out", calm.Where(c => !Consultation.IsFitted(c.Script)).ToList());
        Groups(train, test, calm.Where(c => Consultation.IsFitted(c.Script)).ToList());
        Ablation(test);
        OldFamilies(seed);
    }

    /// <summary>
    /// Fits the weights on the train families and calm dialogue, prints them, and what thresholds would give on train families
    /// alone: the calls fitted on, and half as many others. Test families take no part.
    /// </summary>
    public void Fit(string data, ulong seed)
    {
        var generator = new ScenarioGenerator();
        var fitted = Play(generator.Draw(test: false, callsAPart, seed));
        var calm = Play(Consultation.Calls(data).Where(Consultation.IsFitted));
        var (weights, slope, offset) = FusionFit.Run(fitted, calm);
        output.WriteLine($"calibration: slope {slope:0.000}, offset {offset:0.000}; it is in the weights below");
        output.WriteLine($"bias {weights[0]:0.00}");
        foreach (var cue in Enum.GetValues<Cue>()) output.WriteLine($"{cue.Word()} {weights[1 + (int)cue]:0.00}");
        Thresholds("train, fitted on", [.. fitted, .. calm], weights);
        var inForce = options.Cues.Select(c => c.Weight).Prepend(options.Bias).ToArray();
        Thresholds("train, fitted on, weights in force", [.. fitted, .. calm], inForce);
        var others = Play(generator.Draw(test: false, callsAPart / 2, seed + 1));
        Thresholds("train, other draws", others, weights);
        Thresholds("train, other draws, weights in force", others, inForce);
        var draws = fitted.Concat(others).GroupBy(call => call.Script.Family, StringComparer.Ordinal);
        foreach (var family in draws)
        {
            var kept = FusionFit.Run([.. fitted.Where(call => call.Script.Family != family.Key)], calm).Weights;
            Thresholds($"train, family {family.Key}, fitted without it", [.. family], kept, [0.80]);
            Thresholds($"train, family {family.Key}, weights in force (fitted with it)", [.. family], inForce, [0.80]);
        }
    }

    private void Thresholds(string name, List<PlayedCall> calls, double[] weights, double[]? only = null)
    {
        var moments = calls.SelectMany(c => c.Before.Where(s => s.Strengths is not null).Where((_, i) => i % 8 == 0).Select(s => (PlayedCall.Risk(s.Strengths!, weights), c.Escalates))).ToList();
        output.WriteLine($"{name}: AUROC {Metrics.Auroc(calls.ConvertAll(c => (c.HighestWith(weights), c.Escalates))):0.000}, ECE {Metrics.CalibrationError(moments):0.000}");
        var hours = calls.Where(c => c.Script.Outcome == CallOutcome.Calm).Sum(c => c.Script.End.TotalHours);
        foreach (var up in only ?? Levels)
        {
            var trial = options with { Escalated = new LevelThresholds(up, up - 0.2), Critical = new LevelThresholds(Math.Max(up, 0.92), 0.8) };
            var alerts = calls.ConvertAll(c => (Call: c, At: c.FirstAlertWith(weights, trial))).Where(a => a.At is not null).ToList();
            var leads = alerts.Where(a => a.Call.Escalates && a.At < a.Call.Script.Explicit).Select(a => (a.Call.Script.Explicit!.Value - a.At!.Value).TotalSeconds).Order().ToList();
            var alarms = alerts.Count(a => a.Call.Script.Outcome == CallOutcome.Calm);
            output.WriteLine($"  at {up:0.00}: precision {alerts.Count(a => a.Call.Escalates) / (double)Math.Max(1, alerts.Count):0.00}, alerted before {leads.Count / (double)calls.Count(c => c.Escalates):0.00}, median lead {(leads.Count > 0 ? leads[leads.Count / 2] : 0):0} s, calm calls alerted {alarms} ({10 * alarms / hours:0.00} in 10 h)");
        }
    }

    /// <summary>The generated calls of both sides, played.</summary>
    public (List<PlayedCall> Train, List<PlayedCall> Test) Parts(ulong seed)
    {
        var generator = new ScenarioGenerator();
        return (Play(generator.Draw(test: false, callsAPart, seed)), Play(generator.Draw(test: true, callsAPart, seed)));
    }

    /// <summary>Calls know nothing of each other: they are played side by side, in any order, with the same outcome.</summary>
    private List<PlayedCall> Play(IEnumerable<CallScript> calls) => [.. calls.AsParallel().AsOrdered().Select(Play)];

    private PlayedCall Play(CallScript call) => new(call, new CallPlayer(sentiment, arousal, options).Play(call, frames: true, PlayedCall.Every));

    private static IEnumerable<(string Name, string Value)> Figures(List<PlayedCall> calls)
    {
        var alerts = calls.Where(c => c.FirstAlert is not null).ToList();
        var right = alerts.Where(a => a.Escalates).ToList();
        var escalating = calls.Where(c => c.Escalates).ToList();
        var leads = right.Where(a => a.FirstAlert < a.Script.Explicit).Select(a => (a.Script.Explicit!.Value - a.FirstAlert!.Value).TotalSeconds).Order().ToList();
        var scores = calls.ConvertAll(c => (c.HighestBefore, c.Escalates));
        var quiet = calls.Where(c => c.Script.Outcome == CallOutcome.Calm).ToList();
        var hours = quiet.Sum(c => c.Script.End.TotalHours);
        var false_ = quiet.Sum(c => c.Episodes);
        yield return ("calls (escalate, recover), hours", $"{calls.Count} ({escalating.Count}, {calls.Count(c => c.Script.Outcome == CallOutcome.Recovers)}), {calls.Sum(c => c.Script.End.TotalHours):0.0}");
        yield return ("AUROC, highest risk before the explicit moment", $"{Metrics.Auroc(scores):0.000}");
        yield return ("average precision", $"{Metrics.AveragePrecision(scores):0.000}");
        yield return ("macro-F1 of the alert", $"{Metrics.MacroF1(calls.ConvertAll(c => (c.FirstAlert is null ? 0.0 : 1.0, c.Escalates)), 0.5):0.000}");
        yield return ("alerts: precision, recall", $"{alerts.Count}: {right.Count / (double)Math.Max(1, alerts.Count):0.000}, {right.Count / (double)Math.Max(1, escalating.Count):0.000}");
        yield return ("alert before the explicit moment", $"{leads.Count / (double)Math.Max(1, escalating.Count):P0}");
        yield return ("lead of those: median (quartiles)", leads.Count == 0 ? "none" : $"{leads[leads.Count / 2]:0.0} s ({leads[leads.Count / 4]:0.0}, {leads[leads.Count * 3 / 4]:0.0})");
        var (low, high) = CalibrationSpread(calls);
        yield return ("ECE over the moments before (90 % of draws of so many calls)", $"{Metrics.CalibrationError(Moments(calls)):0.000} ({low:0.000} to {high:0.000})");
        yield return ("alerts on calm calls, hours of them", $"{false_}, {hours:0.0} h ({10 * false_ / hours:0.00} in 10 h)");
        yield return ("alerts on calls that recover", $"{alerts.Count(a => a.Script.Outcome == CallOutcome.Recovers)}");
        yield return ("most episodes in a call", $"{calls.Max(c => c.Episodes)}");
    }

    /// <summary>How far the error wanders when the calls are drawn again from themselves: moments of a call go together.</summary>
    private static (double Low, double High) CalibrationSpread(List<PlayedCall> calls)
    {
        var (random, moments) = (new Seeded(1), calls.ConvertAll(call => Moments([call])));
        var errors = Enumerable.Range(0, Resamples)
            .Select(_ => Metrics.CalibrationError([.. moments.SelectMany(_ => moments[random.Next(moments.Count)])])).Order().ToList();
        return (errors[Resamples / 20], errors[Resamples * 19 / 20]);
    }

    private void Reliability(List<PlayedCall> calls)
    {
        output.WriteLine("reliability on the test families: mean risk, share that escalates, moments");
        foreach (var bin in Moments(calls).GroupBy(m => Math.Min(9, (int)(m.Score * 10))).OrderBy(b => b.Key))
            output.WriteLine($"  {bin.Average(m => m.Score):0.00}  {bin.Average(m => m.Truth ? 1.0 : 0):0.00}  {bin.Count()}");
    }

    private void Calm(string part, List<PlayedCall> consultations)
    {
        var hours = consultations.Sum(c => c.Script.End.TotalHours);
        output.WriteLine($"primock57 dev, {part}: {consultations.Count} consultations, {hours:0.0} hours, alerts {consultations.Sum(c => c.Episodes)}, calls that reached watch {consultations.Count(c => c.Scores.Any(s => s.Level >= EscalationLevel.Watch))}, highest risk {consultations.Max(c => c.Scores.Max(s => s.Risk)):0.00}");
    }

    /// <summary>Each kind of evidence alone, its weights fitted anew on the train families; and all but it.</summary>
    private void Groups(List<PlayedCall> train, List<PlayedCall> test, List<PlayedCall> calm)
    {
        output.WriteLine("kind of evidence, refitted: AUROC and AP alone; AUROC and AP without it");
        foreach (var line in CueGroups.All.AsParallel().AsOrdered().Select(Line)) output.WriteLine(line);

        string Line((string Name, Cue[] Cues) group)
        {
            var alone = Refit(group.Cues.Contains);
            var without = Refit(cue => !group.Cues.Contains(cue));
            return $"  {group.Name,-10} {alone}   {without}";
        }

        string Refit(Func<Cue, bool> used)
        {
            var weights = FusionFit.Run(train, calm, used).Weights;
            var scores = test.ConvertAll(c => (c.HighestWith(weights), c.Escalates));
            return $"{Metrics.Auroc(scores):0.000} {Metrics.AveragePrecision(scores):0.000}";
        }
    }

    private void Ablation(List<PlayedCall> calls)
    {
        output.WriteLine("left out, nothing refitted: AUROC on the test families, median lead, precision");
        var all = options.Cues.Select(c => c.Weight).Prepend(options.Bias).ToArray();
        foreach (var cue in Enum.GetValues<Cue>().Select(c => (Cue?)c).Prepend(null))
        {
            var weights = all.ToArray();
            if (cue is { } left) weights[1 + (int)left] = 0;
            var alerts = calls.ConvertAll(c => (Call: c, At: c.FirstAlertWith(weights, options))).Where(a => a.At is not null).ToList();
            var leads = alerts.Where(a => a.Call.Escalates && a.At < a.Call.Script.Explicit).Select(a => (a.Call.Script.Explicit!.Value - a.At!.Value).TotalSeconds).Order().ToList();
            var median = leads.Count == 0 ? double.NaN : leads[leads.Count / 2];
            output.WriteLine($"  {cue?.Word() ?? "(nothing)",-20} {Metrics.Auroc(calls.ConvertAll(c => (c.HighestWith(weights), c.Escalates))):0.000}  {median:0.0} s, {leads.Count} calls, {alerts.Count(a => a.Call.Escalates) / (double)Math.Max(1, alerts.Count):0.000}");
        }
    }

    /// <summary>The short calls of calls.txt, one minute each, more than a third of which escalate.</summary>
    private void OldFamilies(ulong seed)
    {
        var played = Play(new CallFamilies().Draw(test: true, 200, seed));
        output.WriteLine("short calls (calls.txt), test families:");
        foreach (var (name, value) in Figures(played)) output.WriteLine($"  {name}: {value}");
    }

    private static List<(double Score, bool Truth)> Moments(List<PlayedCall> calls) =>
        [.. calls.SelectMany(c => c.Before.Where((_, i) => i % 60 == 0).Select(s => (s.Risk, c.Escalates)))];
}
