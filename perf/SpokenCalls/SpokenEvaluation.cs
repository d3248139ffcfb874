using EdgeAssist.Inference.Asr;
using EdgeAssist.Inference.Escalation;
using EdgeAssist.Inference.Features;
using EdgeAssist.Inference.Sentiment;
using EdgeAssist.Inference.Streaming;
using EdgeAssist.Training.Escalation;
using EdgeAssist.Training.Text;
using EdgeAssist.Training.Voice;

namespace EdgeAssist.SpokenCalls;

/// <summary>
/// Generated calls of the test families, spoken and heard over the whole path, beside the same calls with the script's words and a
/// buzz for a voice: what recognition, voice activity and a (synthetic) voice make of the figures.
/// </summary>
internal sealed class SpokenEvaluation(CallReplay replay, ITextSentiment sentiment, IArousalModel arousal, TextWriter output)
{
    /// <summary>So many of each, the first of the draw: escalating calls are over-represented, precision is not that of an ordinary day.</summary>
    public static IEnumerable<CallScript> Choose(int escalating, int recovering, int calm, ulong seed)
    {
        var drawn = new ScenarioGenerator().Draw(test: true, 40 * (escalating + recovering + calm), seed);
        return new[] { (CallOutcome.Escalates, escalating), (CallOutcome.Recovers, recovering), (CallOutcome.Calm, calm) }
            .SelectMany(part => drawn.Where(call => call.Outcome == part.Item1).Take(part.Item2));
    }

    public async Task RunAsync(IEnumerable<CallScript> calls, SpeechEngine engine, ulong seed, CancellationToken cancellationToken)
    {
        var (heard, read) = (new List<Row>(), new List<Row>());
        foreach (var script in calls)
        {
            var spoken = SpokenCall.Render(script, engine, seed + (ulong)heard.Count);
            var call = await HeardCall.HearAsync(replay, spoken, cancellationToken).ConfigureAwait(false);
            heard.Add(new Row(spoken.Script, call.HighestBefore, call.FirstAlert, call.Alerts, call.Customer, call.Agent));
            var played = new PlayedCall(spoken.Script, new CallPlayer(sentiment, arousal, new EscalationOptions()).Play(spoken.Script, frames: true));
            read.Add(new Row(spoken.Script, played.HighestBefore, played.FirstAlert, played.Episodes, default, default));
            output.WriteLine($"{script.Family}, {script.Outcome}, {spoken.Script.End:m\\:ss}: explicit {Time(spoken.Script.Explicit)}, alert heard {Time(call.FirstAlert)}, with the script's words {Time(played.FirstAlert)}; word errors customer {call.Customer.Rate:P0}, agent {call.Agent.Rate:P0}");
        }

        output.WriteLine("| | heard from RTP | script's words, buzz |");
        output.WriteLine("| --- | --- | --- |");
        foreach (var (name, value) in Figures(heard).Zip(Figures(read), (a, b) => (a.Name, $"{a.Value} | {b.Value}"))) output.WriteLine($"| {name} | {value} |");
        var (customer, agent) = (heard.Aggregate(default(WordErrors), (sum, row) => sum + row.Customer), heard.Aggregate(default(WordErrors), (sum, row) => sum + row.Agent));
        output.WriteLine($"word errors: customers {customer.Rate:P1} of {customer.Words}, agents {agent.Rate:P1} of {agent.Words}");
    }

    private static IEnumerable<(string Name, string Value)> Figures(List<Row> rows)
    {
        var escalating = rows.Where(row => row.Script.Outcome == CallOutcome.Escalates).ToList();
        var calm = rows.Where(row => row.Script.Outcome == CallOutcome.Calm).ToList();
        var leads = escalating.Where(row => row.Alert < row.Script.Explicit).Select(row => (row.Script.Explicit!.Value - row.Alert!.Value).TotalSeconds).Order().ToList();
        yield return ("calls (escalate, calm), hours", $"{rows.Count} ({escalating.Count}, {calm.Count}), {rows.Sum(row => row.Script.End.TotalHours):0.00}");
        yield return ("AUROC, highest risk before the explicit moment", $"{Metrics.Auroc(rows.ConvertAll(row => (row.Highest, row.Script.Outcome == CallOutcome.Escalates))):0.000}");
        yield return ("escalating calls alerted, before the explicit moment", $"{escalating.Count(row => row.Alert is not null)}, {leads.Count}");
        yield return ("lead of those: median (quartiles)", leads.Count == 0 ? "none" : $"{leads[leads.Count / 2]:0.0} s ({leads[leads.Count / 4]:0.0}, {leads[leads.Count * 3 / 4]:0.0})");
        yield return ("alerts on calm calls, hours of them", $"{calm.Sum(row => row.Alerts)}, {calm.Sum(row => row.Script.End.TotalHours):0.00}");
        yield return ("calls that recover alerted", $"{rows.Count(row => row.Script.Outcome == CallOutcome.Recovers && row.Alert is not null)} of {rows.Count(row => row.Script.Outcome == CallOutcome.Recovers)}");
    }

    private static string Time(TimeSpan? at) => at is { } time ? time.ToString("m\\:ss", System.Globalization.CultureInfo.InvariantCulture) : "never";

    private sealed record Row(CallScript Script, double Highest, TimeSpan? Alert, int Alerts, WordErrors Customer, WordErrors Agent);
}
