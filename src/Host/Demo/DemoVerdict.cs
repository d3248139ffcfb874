using System.Globalization;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.V1;

namespace EdgeAssist.Host.Demo;

/// <summary>What the demo showed, in figures: curves, latency hop by hop, and whether both calls came out right.</summary>
internal static class DemoVerdict
{
    private const int CurveColumns = 64;

    /// <returns>The exit code: 0 when the bad call raised its alert before the demand, the calm call none, and nothing was lost.</returns>
    public static int Write(TextWriter output, IReadOnlyList<SampleCall> samples, IReadOnlyList<RecordingCallResult> placed, DemoStory story)
    {
        var views = story.Read((calls, _) => calls.ToArray());
        output.WriteLine();
        for (var i = 0; i < samples.Count; i++) WriteCurve(output, samples[i], views[i]);

        var alerts = views.Select(story.AlertsOf).ToArray();
        var opening = alerts.SelectMany(list => list).Select(pair => pair.Latency).FirstOrDefault(latency => latency is not null);
        WriteLatency(output, opening, [.. views.SelectMany(view => view.Latencies)]);

        var right = true;
        for (var i = 0; i < samples.Count; i++)
        {
            var (ok, sentence) = Judge(samples[i], placed[i], views[i], alerts[i]);
            right &= ok;
            output.WriteLine($"{(ok ? "PASS" : "FAIL")}  {samples[i].Name}: {sentence}");
        }

        return right ? 0 : 1;
    }

    private static (bool Ok, string Sentence) Judge(
        SampleCall sample, RecordingCallResult placed, CallView view, IReadOnlyList<(Alert Alert, Latency? Latency)> alerts)
    {
        if (!placed.Succeeded) return (false, placed.Sentence);
        if (!view.Ended) return (false, "the end of the call was not seen.");
        if (view.Gaps.Count > 0) return (false, $"audio is missing: {string.Join("; ", view.Gaps)}.");
        if (sample.EscalatesAt is not { } demand)
            return alerts.Count == 0 ? (true, "no alert, as it should be.") : (false, $"{alerts.Count} alert(s) on a calm call.");
        if (alerts.Count == 0) return (false, "no alert on a call that escalated.");

        var raised = alerts.Min(pair => pair.Alert.OpenedAt.ToDateTimeOffset()) - view.Call!.StartedAt.ToDateTimeOffset();
        var lead = demand - raised.TotalSeconds;
        var sentence = string.Create(CultureInfo.InvariantCulture,
            $"alert at {Clock.Format(raised)}, {Math.Abs(lead):0.0} s {(lead >= 0 ? "before" : "after")} the customer's demand at {Clock.Format(TimeSpan.FromSeconds(demand))}.");
        return (lead >= 0, sentence);
    }

    private static void WriteCurve(TextWriter output, SampleCall sample, CallView view)
    {
        var length = TimeSpan.FromSeconds(sample.Duration);
        var series = view.Scores.Select(score => (score.At.ToTimeSpan(), score.Risk)).ToArray();
        output.WriteLine($"{sample.Name,-10} {Clock.Curve(Clock.Sample(series, length, CurveColumns))}  0 to {Clock.Format(length)}");
        if (sample.EscalatesAt is { } demand)
            output.WriteLine($"{"",-10} {new string(' ', Math.Clamp((int)(demand / sample.Duration * CurveColumns), 0, CurveColumns - 1))}^ the customer's demand");
    }

    private static void WriteLatency(TextWriter output, Latency? alert, IReadOnlyList<Latency> scores)
    {
        output.WriteLine();
        output.WriteLine($"Time from the end of the words to the client, in ms ({scores.Count} scored utterances)");
        output.WriteLine($"  {"hop",-36}{"alert",10}{"p50",10}{"p95",10}{"budget",10}");
        foreach (var line in LatencyTable.Make(alert, scores))
            output.WriteLine($"  {line.Name,-36}{LatencyTable.Format(line.Alert),10}{LatencyTable.Format(line.P50),10}{LatencyTable.Format(line.P95),10}{line.Budget.ToString(CultureInfo.InvariantCulture),10}");
        output.WriteLine();
    }
}
