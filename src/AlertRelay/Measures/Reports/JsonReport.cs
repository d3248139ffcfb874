using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using EdgeAssist.AlertRelay.Measures.Statistics;

namespace EdgeAssist.AlertRelay.Measures.Reports;

/// <summary>A report as JSON: everything the page says, numbers with ten digits, null where there is none.</summary>
internal static class JsonReport
{
    public static string Write(ReportModel report)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("from", DayText.Of(report.From));
            json.WriteString("to", DayText.Of(report.To));
            json.WriteString("zone", report.Zone);
            Strings(json, "teams", report.Teams);
            json.WriteString("answer", report.Answer);
            Strings(json, "explanation", report.Explanation);
            Treated(json, report);
            Strings(json, "controls", report.Controls);
            Look(json, report.Look);
            Array(json, "measures", report.Results, result => Result(json, result));
            Array(json, "quarters", report.Quarters, quarter =>
            {
                json.WriteString("quarter", quarter.Quarter);
                Arm(json, "level", quarter.Level);
                Estimate(json, "change", quarter.Change);
                Estimate(json, "difference", quarter.Difference);
            });
            Array(json, "weeks", report.Weeks, series =>
            {
                json.WriteString("name", series.Name);
                Array(json, "points", series.Points, point =>
                {
                    json.WriteString("monday", DayText.Of(point.Monday));
                    Number(json, "mean", point.Mean);
                    json.WriteNumber("units", point.Units);
                });
            });
            Array(json, "curves", report.Curves, curve => Curve(json, curve));
            Array(json, "data", report.Data, row =>
            {
                json.WriteString("what", row.What);
                json.WriteString("count", row.Count);
            });
            Strings(json, "weaknesses", report.Weaknesses);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray()) + "\n";
    }

    private static void Treated(Utf8JsonWriter json, ReportModel report) => Array(json, "changed_teams", report.Treated, team =>
    {
        json.WriteString("team", team.Team);
        json.WriteString("changed", DayText.Of(team.Changed));
        json.WriteNumber("days_before", team.DaysBefore);
        json.WriteNumber("days_after", team.DaysAfter);
        json.WriteNumber("days_mixed", team.DaysMixed);
    });

    private static void Look(Utf8JsonWriter json, PlannedLook? look)
    {
        if (look is null)
        {
            json.WriteNull("planned_look");
            return;
        }

        json.WriteStartObject("planned_look");
        json.WriteNumber("number", look.Number);
        json.WriteNumber("of", look.Of);
        Number(json, "hurdle", look.Hurdle);
        json.WriteEndObject();
    }

    private static void Result(Utf8JsonWriter json, MeasureResult result)
    {
        var measure = result.Measure;
        json.WriteString("name", measure.Name);
        json.WriteString("title", measure.Title);
        json.WriteString("unit", measure.Unit);
        json.WriteString("definition", measure.Text);
        json.WriteString("population", measure.Population);
        json.WriteString("coverage_note", measure.Coverage);
        if (result.Effect is { } effect)
        {
            json.WriteStartObject("effect");
            Arm(json, "before", effect.Before);
            Arm(json, "after", effect.After);
            Arm(json, "control_before", effect.ControlBefore);
            Arm(json, "control_after", effect.ControlAfter);
            Estimate(json, "change", effect.Change);
            Estimate(json, "difference", effect.Difference);
            Number(json, "coverage_before", result.CoverageBefore);
            Number(json, "coverage_after", result.CoverageAfter);
            json.WriteEndObject();
        }

        Estimate(json, "level", result.Level);
        Array(json, "by_team", result.ByTeam, team =>
        {
            json.WriteString("team", team.Team);
            Estimate(json, "level", team.Level);
        });
        Number(json, "coverage", result.Coverage);
        json.WriteStartObject("left_out");
        foreach (var (reason, count) in result.Missing) json.WriteNumber(reason, count);
        json.WriteEndObject();
    }

    private static void Curve(Utf8JsonWriter json, CalmCurve curve)
    {
        json.WriteString("name", curve.Name);
        json.WriteNumber("cycles", curve.Cycles);
        if (curve.Median is { } median) Number(json, "median_end_as_loss_s", median);
        else json.WriteNull("median_end_as_loss_s");
        Number(json, "mean_to_10_min_end_as_loss_s", curve.RestrictedMean);
        json.WriteStartArray("not_yet_calm_every_10_s");
        for (var second = 0; second < curve.NotYetCalm.Count; second += 10) json.WriteRawValue(Text(curve.NotYetCalm[second]));
        json.WriteEndArray();
    }

    private static void Estimate(Utf8JsonWriter json, string name, Estimate estimate)
    {
        json.WriteStartObject(name);
        Number(json, "value", estimate.Value);
        Number(json, "low_95", estimate.Low);
        Number(json, "high_95", estimate.High);
        Number(json, "standard_error", estimate.StandardError);
        json.WriteNumber("units", estimate.Units);
        if (estimate.IsKnown)
        {
            Number(json, "minimum_detectable", estimate.MinimumDetectable);
            Number(json, "p_value", estimate.PValue);
        }
        else json.WriteString("not_enough_data", estimate.NotEnough);

        json.WriteEndObject();
    }

    private static void Arm(Utf8JsonWriter json, string name, ArmLevel arm)
    {
        json.WriteStartObject(name);
        Number(json, "mean", arm.Mean);
        json.WriteNumber("units", arm.Units);
        json.WriteNumber("days", arm.Days);
        json.WriteEndObject();
    }

    private static void Array<T>(Utf8JsonWriter json, string name, IEnumerable<T> items, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            json.WriteStartObject();
            write(item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Strings(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static void Number(Utf8JsonWriter json, string name, double value)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(Text(value));
    }

    private static string Text(double value) => double.IsFinite(value) ? value.ToString("G10", System.Globalization.CultureInfo.InvariantCulture) : "null";
}
