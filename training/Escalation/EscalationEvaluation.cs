using EdgeAssist.Contracts;
using EdgeAssist.Inference.Escalation;
using EdgeAssist.Inference.Sentiment;
using EdgeAssist.Training.Text;

namespace EdgeAssist.Training.Escalation;

/// <summary>Measures the call score: generated calls of families kept from the choice of the weights, and real calm dialogue.</summary>
internal sealed class EscalationEvaluation(ITextSentiment sentiment, EscalationOptions options, TextWriter output)
{
    private const int CallsAPart = 500;

    public void Run(string data, ulong seed)
    {
        var families = new CallFamilies();
        Generated("train families", families.Draw(test: false, CallsAPart, seed));
        var test = families.Draw(test: true, CallsAPart, seed);
        Generated("test families", test);
        Calm(data);
        Ablation(test);
    }

    private void Generated(string name, List<CallScript> calls)
    {
        var player = new CallPlayer(sentiment, options);
        var played = calls.ConvertAll(call => (Call: call, Scores: player.Play(call, frames: true)));
        var alerts = played.Select(p => (p.Call, At: FirstAlert(p.Scores))).Where(a => a.At is not null).ToList();
        var right = alerts.Where(a => a.Call.Outcome == CallOutcome.Escalates).ToList();
        var leads = right.Where(a => a.At < a.Call.Explicit).Select(a => (a.Call.Explicit!.Value - a.At!.Value).TotalSeconds).Order().ToList();
        var escalating = calls.Count(c => c.Outcome == CallOutcome.Escalates);

        output.WriteLine($"{name}: {calls.Count} calls, {escalating} escalate, {calls.Count(c => c.Outcome == CallOutcome.Recovers)} recover");
        output.WriteLine($"  AUROC, highest risk before the explicit moment or the end: {Metrics.Auroc(CallScores(played)):0.000}");
        output.WriteLine($"  alerts {alerts.Count}: precision {right.Count / (double)Math.Max(1, alerts.Count):0.000}, recall {right.Count / (double)Math.Max(1, escalating):0.000}; on recovering calls {alerts.Count(a => a.Call.Outcome == CallOutcome.Recovers)}, on calm ones {alerts.Count(a => a.Call.Outcome == CallOutcome.Calm)}");
        output.WriteLine($"  before the explicit moment: {leads.Count / (double)Math.Max(1, escalating):P1} of the escalating calls; median lead {Median(leads):0.0} s");
        output.WriteLine($"  ECE over the moments before it: {Metrics.CalibrationError(Moments(played)):0.000}");
        output.WriteLine($"  highest number of episodes in a call: {played.Max(p => Episodes(p.Scores))}");
    }

    private void Ablation(List<CallScript> calls)
    {
        output.WriteLine("left out: AUROC on the test families, median lead");
        foreach (var cue in Enum.GetValues<Cue>())
        {
            var without = options with { Cues = options.Cues.SetItem((int)cue, options.Cues[(int)cue] with { Weight = 0 }) };
            var player = new CallPlayer(sentiment, without);
            var played = calls.ConvertAll(call => (Call: call, Scores: player.Play(call, frames: true)));
            var leads = played.Where(p => p.Call.Explicit is not null).Select(p => (p.Call, At: FirstAlert(p.Scores)))
                .Where(a => a.At < a.Call.Explicit).Select(a => (a.Call.Explicit!.Value - a.At!.Value).TotalSeconds).Order().ToList();
            output.WriteLine($"  {cue.Word(),-20} {Metrics.Auroc(CallScores(played)):0.000}  {Median(leads):0.0} s, {leads.Count} calls");
        }
    }

    /// <summary>Consultations turn by turn with their own times, the patient as the customer: every alert is a false one.</summary>
    private void Calm(string data)
    {
        var player = new CallPlayer(sentiment, options);
        var (hours, watches, alerts, highest) = (0.0, 0, 0, 0.0);
        foreach (var call in Consultation.Calls(data))
        {
            var played = player.Play(call, frames: true);
            hours += call.End.TotalHours;
            alerts += Episodes(played);
            watches += played.Any(s => s.Level >= EscalationLevel.Watch) ? 1 : 0;
            var top = played.Max(s => s.Risk);
            if (top > highest) highest = top;
            if (played.Any(s => s.Level >= EscalationLevel.Watch)) output.WriteLine($"  {call.Family}: risk up to {top:0.00}");
        }

        output.WriteLine($"primock57 dev: {hours:0.0} hours, false alerts {alerts} ({alerts / hours:0.00} an hour), calls that reached watch {watches}, highest risk {highest:0.00}");
    }

    private static List<(double Score, bool Truth)> CallScores(List<(CallScript Call, List<PlayedScore> Scores)> played) =>
        played.ConvertAll(p => (p.Scores.Where(s => s.At < (p.Call.Explicit ?? TimeSpan.MaxValue)).Max(s => s.Risk), p.Call.Outcome == CallOutcome.Escalates));

    private static List<(double Score, bool Truth)> Moments(List<(CallScript Call, List<PlayedScore> Scores)> played) =>
        [.. played.SelectMany(p => p.Scores.Where((s, i) => i % 60 == 0 && s.At < (p.Call.Explicit ?? TimeSpan.MaxValue))
            .Select(s => (s.Risk, p.Call.Outcome == CallOutcome.Escalates)))];

    private static TimeSpan? FirstAlert(List<PlayedScore> scores)
    {
        var at = scores.FindIndex(s => s.Level >= EscalationLevel.Escalated);
        return at < 0 ? null : scores[at].At;
    }

    private static int Episodes(List<PlayedScore> scores) =>
        scores.Where((s, i) => i > 0 && s.Level >= EscalationLevel.Escalated && scores[i - 1].Level < EscalationLevel.Escalated).Count();

    private static double Median(List<double> sorted) => sorted.Count == 0 ? double.NaN : sorted[sorted.Count / 2];
}
