using EdgeAssist.AlertRelay.Measures.Statistics;

namespace EdgeAssist.AlertRelay.Measures.Reports;

/// <summary>Inline SVG plots: no script, colours by class so that light, dark and paper choose their own.</summary>
internal static class Plots
{
    private const double Width = 760, Height = 250, Left = 54, Right = 16, Top = 16, Bottom = 34;

    /// <summary>The weekly course of a measure, with the day of the change.</summary>
    public static void Weeks(Html html, MeasureDefinition measure, IReadOnlyList<WeekSeries> series, IReadOnlyList<TreatedTeam> treated)
    {
        var points = series.SelectMany(each => each.Points).ToArray();
        if (points.Length == 0) return;
        var (first, last) = (points.Min(point => point.Monday), points.Max(point => point.Monday) + 6);
        var (_, high, step) = Axis(0, points.Max(point => point.Mean));
        double X(double day) => Left + (day - first) / Math.Max(1, last - first) * (Width - Left - Right);
        double Y(double value) => Top + (1 - value / high) * (Height - Top - Bottom);

        Begin(html, $"{measure.Title} by week", "Mean of each week; the table below has the numbers.");
        Grid(html, 0, high, step, Y);
        foreach (var day in points.Select(point => point.Monday).Distinct().Order().Where((_, index) => index % Math.Max(1, (last - first) / 7 / 8 + 1) == 0))
            html.Raw($"<text class=\"tick\" x=\"{Html.At(X(day))}\" y=\"{Html.At(Height - Bottom + 18)}\" text-anchor=\"middle\">{DayText.Of(day)[5..]}</text>");
        foreach (var each in series)
        {
            var line = string.Join(' ', each.Points.Select(point => $"{Html.At(X(point.Monday + 3))},{Html.At(Y(point.Mean))}"));
            html.Raw($"<polyline class=\"{(each.IsTreated ? "a" : "b")}\" points=\"{line}\"/>");
            foreach (var point in each.Points)
                html.Raw($"<circle class=\"{(each.IsTreated ? "a" : "b")}\" cx=\"{Html.At(X(point.Monday + 3))}\" cy=\"{Html.At(Y(point.Mean))}\" r=\"3\"/>");
        }

        foreach (var changed in treated.Select(team => team.Changed).Distinct().Order().Where(day => day >= first && day <= last))
        {
            html.Raw($"<line class=\"mark\" x1=\"{Html.At(X(changed))}\" x2=\"{Html.At(X(changed))}\" y1=\"{Html.At(Top)}\" y2=\"{Html.At(Height - Bottom)}\"/>");
            html.Raw($"<text class=\"tick over\" x=\"{Html.At(X(changed) + 5)}\" y=\"{Html.At(Top + 10)}\">assisted from {DayText.Of(changed)}</text>");
        }

        html.Raw("</svg>\n");
        Legend(html, series.Select(each => (each.IsTreated ? "a" : "b", each.Name)));
    }

    /// <summary>Share not yet calm over the time since the alert.</summary>
    public static void Curves(Html html, IReadOnlyList<CalmCurve> curves)
    {
        if (curves.Count == 0) return;
        var last = curves[0].NotYetCalm.Count - 1;
        double X(double second) => Left + second / last * (Width - Left - Right);
        double Y(double share) => Top + (1 - share) * (Height - Top - Bottom);

        Begin(html, "Share of cycles not yet calm", "Over the time since the alert; what is left at the end never calmed within ten minutes.");
        Grid(html, 0, 1, 0.25, Y, share => Formats.Number(100 * share, 0) + " %");
        for (var second = 0; second <= last; second += 60)
            html.Raw($"<text class=\"tick\" x=\"{Html.At(X(second))}\" y=\"{Html.At(Height - Bottom + 18)}\" text-anchor=\"{(second == last ? "end" : "middle")}\">{second / 60} min</text>");
        foreach (var curve in curves)
        {
            // A step a change: the line holds its height until the next one.
            var path = new System.Text.StringBuilder($"M{Html.At(X(0))} {Html.At(Y(curve.NotYetCalm[0]))}");
            for (var second = 1; second <= last; second++)
            {
                if (curve.NotYetCalm[second] != curve.NotYetCalm[second - 1] || second == last)
                    path.Append(System.Globalization.CultureInfo.InvariantCulture, $"H{Html.At(X(second))}V{Html.At(Y(curve.NotYetCalm[second]))}");
            }

            html.Raw($"<path class=\"{Class(curve)}\" d=\"{path}\"/>");
        }

        html.Raw("</svg>\n");
        Legend(html, curves.Select(curve => (Class(curve), curve.Name)));
    }

    /// <summary>A change with its interval against 0, small enough for a table's cell. The axis is the interval's own.</summary>
    public static void Interval(Html html, MeasureDefinition measure, Estimate estimate)
    {
        if (!estimate.IsKnown) return;
        const double Wide = 150, High = 18;
        var reach = 1.15 * Math.Max(Math.Abs(estimate.Low), Math.Abs(estimate.High));
        if (reach == 0) return;
        double X(double value) => Wide / 2 + value / reach * (Wide / 2 - 4);
        var side = estimate.Low > 0 ? 1 : estimate.High < 0 ? -1 : 0;
        var tone = side == 0 || measure.Better == 0 ? "open" : side == measure.Better ? "good" : "bad";
        html.Raw($"<svg class=\"forest\" viewBox=\"0 0 {Html.At(Wide)} {Html.At(High)}\" role=\"img\" aria-label=\"").Text(Formats.Interval(measure, estimate)).Raw("\">")
            .Raw($"<line class=\"zero\" x1=\"{Html.At(Wide / 2)}\" x2=\"{Html.At(Wide / 2)}\" y1=\"0\" y2=\"{Html.At(High)}\"/>")
            .Raw($"<line class=\"{tone}\" x1=\"{Html.At(X(estimate.Low))}\" x2=\"{Html.At(X(estimate.High))}\" y1=\"{Html.At(High / 2)}\" y2=\"{Html.At(High / 2)}\"/>")
            .Raw($"<circle class=\"{tone}\" cx=\"{Html.At(X(estimate.Value))}\" cy=\"{Html.At(High / 2)}\" r=\"4\"/></svg>");
    }

    private static string Class(CalmCurve curve) => curve.Name == "after" ? "a" : "b";

    private static void Begin(Html html, string title, string description) => html
        .Raw($"<svg class=\"plot\" viewBox=\"0 0 {Html.At(Width)} {Html.At(Height)}\" role=\"img\"><title>").Text(title).Raw("</title><desc>").Text(description).Raw("</desc>");

    private static void Grid(Html html, double low, double high, double step, Func<double, double> y, Func<double, string>? label = null)
    {
        for (var i = 0; low + i * step <= high + step / 1000; i++)
        {
            var value = low + i * step;
            html.Raw($"<line class=\"grid\" x1=\"{Html.At(Left)}\" x2=\"{Html.At(Width - Right)}\" y1=\"{Html.At(y(value))}\" y2=\"{Html.At(y(value))}\"/>")
                .Raw($"<text class=\"tick\" x=\"{Html.At(Left - 8)}\" y=\"{Html.At(y(value) + 4)}\" text-anchor=\"end\">").Text(label?.Invoke(value) ?? Formats.Number(value, step < 1 ? 2 : 0)).Raw("</text>");
        }
    }

    private static void Legend(Html html, IEnumerable<(string Class, string Name)> entries)
    {
        html.Raw("<p class=\"legend\">");
        foreach (var (name, text) in entries) html.Raw($"<span class=\"key {name}\"></span>").Text(text).Raw(" ");
        html.Raw("</p>\n");
    }

    // About five steps of 1, 2 or 5 times a power of ten.
    private static (double Low, double High, double Step) Axis(double low, double high)
    {
        var rough = Math.Max(1e-9, high - low) / 5;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = power * (rough / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
        return (low, Math.Ceiling(high / step) * step, step);
    }
}
