using System.Globalization;
using System.Text;
using EdgeAssist.AlertRelay.Measures.Statistics;

namespace EdgeAssist.AlertRelay.Measures.Reports;

/// <summary>A report as CSV (RFC 4180, UTF-8, LF): one row a number, empty where there is none, with the rule that kept it back.</summary>
internal static class CsvReport
{
    public static string Write(ReportModel report)
    {
        var text = new StringBuilder("measure,unit,kind,group,value,low_95,high_95,standard_error,units,coverage,minimum_detectable,not_enough\n");
        foreach (var result in report.Results)
        {
            if (result.Effect is { } effect)
            {
                Arm(text, result, "before", "changed", effect.Before, result.CoverageBefore);
                Arm(text, result, "after", "changed", effect.After, result.CoverageAfter);
                if (report.Controls.Count > 0)
                {
                    Arm(text, result, "before", "control", effect.ControlBefore, double.NaN);
                    Arm(text, result, "after", "control", effect.ControlAfter, double.NaN);
                }

                Estimate(text, result, "change", "changed", effect.Change, true);
                Estimate(text, result, "difference_in_differences", "changed less control", effect.Difference, true);
            }

            Estimate(text, result, "level", "all", result.Level, false);
            foreach (var (team, level) in result.ByTeam) Estimate(text, result, "level", team, level, false);
        }

        foreach (var quarter in report.Quarters)
        {
            var primary = report.Results[(int)MeasureCatalog.Primary.Id];
            Arm(text, primary, "quarter", quarter.Quarter, quarter.Level, double.NaN);
            Estimate(text, primary, "quarter_change", quarter.Quarter, quarter.Change, true);
            Estimate(text, primary, "quarter_difference_in_differences", quarter.Quarter, quarter.Difference, true);
        }

        return text.ToString();
    }

    private static void Arm(StringBuilder text, MeasureResult result, string kind, string group, ArmLevel arm, double coverage) =>
        Row(text, result.Measure.Name, result.Measure.Unit, kind, group, Number(arm.Mean), "", "", "", Whole(arm.Units), Number(coverage), "", "");

    private static void Estimate(StringBuilder text, MeasureResult result, string kind, string group, Estimate estimate, bool isChange) =>
        Row(text, result.Measure.Name, result.Measure.Unit, kind, group, Number(estimate.Value), Number(estimate.Low), Number(estimate.High), Number(estimate.StandardError),
            Whole(estimate.Units), Number(result.Coverage), isChange && estimate.IsKnown ? Number(estimate.MinimumDetectable) : "", estimate.NotEnough ?? "");

    private static void Row(StringBuilder text, params ReadOnlySpan<string> fields)
    {
        for (var i = 0; i < fields.Length; i++) text.Append(i == 0 ? "" : ",").Append(Field(fields[i]));
        text.Append('\n');
    }

    // A leading =, +, - or @ is a formula to a spreadsheet: a team's name must not be one.
    private static string Field(string field)
    {
        if (field.Length > 0 && field[0] is '=' or '+' or '@' or '\t') field = "'" + field;
        else if (field.Length > 0 && field[0] == '-' && !double.TryParse(field, CultureInfo.InvariantCulture, out _)) field = "'" + field;
        return field.AsSpan().ContainsAny(",\"\r\n") ? "\"" + field.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"" : field;
    }

    private static string Number(double value) => double.IsFinite(value) ? value.ToString("G10", CultureInfo.InvariantCulture) : "";

    private static string Whole(long value) => value.ToString(CultureInfo.InvariantCulture);
}
