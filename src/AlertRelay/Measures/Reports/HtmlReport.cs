using EdgeAssist.AlertRelay.Measures.Statistics;

namespace EdgeAssist.AlertRelay.Measures.Reports;

/// <summary>
/// A report as one page that needs nothing else: styles and plots inline, no script, a table beside every plot, light, dark and
/// paper. Without the time of printing, so that the same data give the same bytes.
/// </summary>
internal static class HtmlReport
{
    public static string Write(ReportModel report)
    {
        var html = new Html();
        html.Raw("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
            .Raw("<meta name=\"color-scheme\" content=\"light dark\"><title>").Text(Title(report)).Raw("</title>\n<style>").Raw(Style).Raw("</style></head>\n<body><main>\n");
        Head(html, report);
        Changes(html, report);
        Weeks(html, report);
        Curves(html, report);
        Levels(html, report);
        Quarters(html, report);
        Data(html, report);
        Definitions(html, report);
        Method(html, report);
        return html.Raw("</main></body></html>\n").ToString();
    }

    private static string Title(ReportModel report) => $"Did it help? {DayText.Of(report.From)} to {DayText.Of(report.To - 1)}";

    private static void Head(Html html, ReportModel report)
    {
        var teams = report.Teams.Count == 0 ? "no team" : string.Join(", ", report.Teams.Select(team => team.Length == 0 ? "(no team)" : team));
        html.Raw("<header><p class=\"kicker\">EdgeAssist · measures</p>").Element("h1", Title(report))
            .Element("p", $"Teams: {teams}. Days in {report.Zone}. {Formats.Count(long.Parse(report.Data[0].Count.Replace(",", "", StringComparison.Ordinal), System.Globalization.CultureInfo.InvariantCulture))} calls.", "class=\"meta\"").Raw("</header>\n");
        html.Raw("<section class=\"answer\" aria-label=\"Answer\">").Element("p", report.Answer, "class=\"lead\"");
        foreach (var sentence in report.Explanation) html.Element("p", sentence);
        html.Raw("</section>\n");
    }

    private static void Changes(Html html, ReportModel report)
    {
        var compared = report.Results.Where(result => result.Effect is not null).ToArray();
        if (compared.Length == 0) return;
        var withControl = report.Controls.Count > 0;
        html.Raw("<section>").Element("h2", "What changed").Element("p",
            "Before and after are plain means of the teams that changed. The change is adjusted for weekday and hour" + (withControl ? ", less what changed in the control teams" : "")
            + "; its 95 % interval comes from redrawing whole days. Findable: the smallest true change that data like these show in four of five cases.", "class=\"note\"");
        html.Raw("<div class=\"wide\"><table class=\"changes\">").Heading("Measure", "Before", "After", withControl ? "Change against control" : "Change", "", "Findable", "Units before, after", "Counted before, after").Raw("<tbody>");
        foreach (var result in compared) Change(html, result, withControl);
        html.Raw("</tbody></table></div>");
        if (withControl) Plain(html, compared);
        html.Raw("</section>\n");
    }

    private static void Change(Html html, MeasureResult result, bool withControl)
    {
        var (measure, effect) = (result.Measure, result.Effect!);
        var estimate = withControl ? effect.Difference : effect.Change;
        html.Raw(measure.Id == MeasureCatalog.Primary.Id ? "<tr class=\"primary\">" : "<tr>").Element("th", measure.Title, "scope=\"row\"")
            .Element("td", Formats.Value(measure, effect.Before.Mean), "class=\"n\"").Element("td", Formats.Value(measure, effect.After.Mean), "class=\"n\"");
        if (estimate.IsKnown)
        {
            html.Raw("<td class=\"n\"><b>").Text(Formats.Change(measure, estimate.Value)).Raw("</b><small>").Text(Formats.Interval(measure, estimate)).Raw("</small></td><td>");
            Plots.Interval(html, measure, estimate);
            html.Raw("</td>").Element("td", Formats.Change(measure, estimate.MinimumDetectable).TrimStart('+'), "class=\"n\"");
        }
        else html.Raw("<td colspan=\"3\" class=\"none\"><strong>Not enough data</strong>: ").Text(estimate.NotEnough!).Raw("</td>");

        html.Raw("<td class=\"n\">").Text(Formats.Count(effect.Before.Units)).Raw("<br>").Text(Formats.Count(effect.After.Units)).Raw("</td><td class=\"n\">")
            .Text(Formats.Percent(result.CoverageBefore)).Raw("<br>").Text(Formats.Percent(result.CoverageAfter)).Raw("</td></tr>\n");
    }

    private static void Plain(Html html, MeasureResult[] compared)
    {
        html.Raw("<details><summary>Without the control teams, and the control teams themselves</summary><div class=\"wide\"><table>")
            .Heading("Measure", "Change before to after", "95 % interval", "Control before", "Control after", "Units in control").Raw("<tbody>");
        foreach (var result in compared)
        {
            var (measure, effect) = (result.Measure, result.Effect!);
            html.Row(measure.Title,
                effect.Change.IsKnown ? Formats.Change(measure, effect.Change.Value) : "not enough data",
                effect.Change.IsKnown ? Formats.Interval(measure, effect.Change) : effect.Change.NotEnough!,
                Formats.Value(measure, effect.ControlBefore.Mean), Formats.Value(measure, effect.ControlAfter.Mean),
                $"{Formats.Count(effect.ControlBefore.Units)} / {Formats.Count(effect.ControlAfter.Units)}");
        }

        html.Raw("</tbody></table></div></details>");
    }

    private static void Weeks(Html html, ReportModel report)
    {
        if (report.Weeks.All(series => series.Points.Count == 0)) return;
        html.Raw("<section>").Element("h2", MeasureCatalog.Primary.Title + ", week by week");
        html.Raw("<figure>");
        Plots.Weeks(html, MeasureCatalog.Primary, report.Weeks, report.Treated);
        html.Raw("</figure><details><summary>The numbers</summary><div class=\"wide\"><table>").Heading(["Week from", .. report.Weeks.SelectMany(series => new[] { series.Name, "cycles" })]).Raw("<tbody>");
        foreach (var monday in report.Weeks.SelectMany(series => series.Points.Select(point => point.Monday)).Distinct().Order())
        {
            html.Row([DayText.Of(monday), .. report.Weeks.SelectMany(series => series.Points.Where(point => point.Monday == monday).Select(point => new[] { Formats.Value(MeasureCatalog.Primary, point.Mean), Formats.Count(point.Units) }).DefaultIfEmpty(["–", "0"]).First())]);
        }

        html.Raw("</tbody></table></div></details></section>\n");
    }

    private static void Curves(Html html, ReportModel report)
    {
        if (report.Curves.Count == 0) return;
        html.Raw("<section>").Element("h2", "How long until calm").Raw("<figure>");
        Plots.Curves(html, report.Curves);
        html.Raw("</figure><div class=\"wide\"><table>").Heading(["Not yet calm after", .. report.Curves.Select(curve => curve.Name)]).Raw("<tbody>");
        foreach (var minute in new[] { 1, 2, 3, 5, 10 })
            html.Row([FormattableString.Invariant($"{minute} min"), .. report.Curves.Select(curve => Formats.Number(100 * curve.NotYetCalm[minute * 60], 1) + " %")]);
        html.Row(["Median, the end of a call taken as a loss", .. report.Curves.Select(curve => curve.Median is { } median ? Formats.Value(MeasureCatalog.Primary, median) : "not reached")]);
        html.Row(["Mean to 10 min, the end of a call taken as a loss", .. report.Curves.Select(curve => Formats.Value(MeasureCatalog.Primary, curve.RestrictedMean))]);
        html.Row(["Cycles", .. report.Curves.Select(curve => Formats.Count(curve.Cycles))]);
        html.Raw("</tbody></table></div>").Element("p",
            "The curve and the answer above take a call that ended without calm as one that never calmed. Kaplan and Meier's estimator takes it as one that was lost from sight, as if it could have calmed like the others; both are given so that nobody has to choose the better-looking one.", "class=\"note\"")
            .Raw("</section>\n");
    }

    private static void Levels(Html html, ReportModel report)
    {
        html.Raw("<section>").Element("h2", "Levels by team").Element("p", "Over all days of the report, with 95 % intervals. Where alerts are not shown there is no help to time and nothing to judge.", "class=\"note\"");
        html.Raw("<div class=\"wide\"><table>").Heading(["Measure", "All", .. report.Teams.Select(team => team.Length == 0 ? "(no team)" : team), "Counted"]).Raw("<tbody>");
        foreach (var result in report.Results)
        {
            html.Raw("<tr>").Element("th", result.Measure.Title, "scope=\"row\"");
            foreach (var level in new[] { result.Level }.Concat(result.ByTeam.Select(team => team.Level))) Level(html, result.Measure, level);
            html.Element("td", Formats.Percent(result.Coverage), "class=\"n\"").Raw("</tr>\n");
        }

        html.Raw("</tbody></table></div></section>\n");
    }

    private static void Level(Html html, MeasureDefinition measure, Estimate level)
    {
        if (!level.IsKnown)
        {
            html.Raw("<td class=\"none\">not enough data<small>").Text(level.NotEnough!).Raw("</small></td>");
            return;
        }

        html.Raw("<td class=\"n\">").Text(Formats.Value(measure, level.Value)).Raw("<small>").Text(Formats.LevelInterval(measure, level)).Raw("</small><small>n = ").Text(Formats.Count(level.Units)).Raw("</small></td>");
    }

    private static void Quarters(Html html, ReportModel report)
    {
        if (report.Quarters.Count == 0) return;
        var measure = MeasureCatalog.Primary;
        html.Raw("<section>").Element("h2", "By quarter: " + measure.Title.ToLowerInvariant());
        html.Raw("<div class=\"wide\"><table>").Heading("Quarter", "Mean", "Cycles", "Days", "Change against before", "Against control").Raw("<tbody>");
        foreach (var quarter in report.Quarters)
        {
            html.Raw("<tr>").Element("th", quarter.Quarter, "scope=\"row\"").Element("td", Formats.Value(measure, quarter.Level.Mean), "class=\"n\"")
                .Element("td", Formats.Count(quarter.Level.Units), "class=\"n\"").Element("td", Formats.Count(quarter.Level.Days), "class=\"n\"");
            foreach (var estimate in new[] { quarter.Change, quarter.Difference })
            {
                if (estimate.IsKnown) html.Raw("<td class=\"n\"><b>").Text(Formats.Change(measure, estimate.Value)).Raw("</b><small>").Text(Formats.Interval(measure, estimate)).Raw("</small></td>");
                else html.Raw("<td class=\"none\">not enough data<small>").Text(estimate.NotEnough!).Raw("</small></td>");
            }

            html.Raw("</tr>\n");
        }

        html.Raw("</tbody></table></div></section>\n");
    }

    private static void Data(Html html, ReportModel report)
    {
        html.Raw("<section>").Element("h2", "What the numbers rest on").Raw("<table class=\"narrow\"><tbody>");
        foreach (var (what, count) in report.Data) html.Row(what, count);
        html.Raw("</tbody></table>").Element("h3", "Where this report is weak").Raw("<ul>");
        foreach (var sentence in report.Weaknesses) html.Element("li", sentence);
        html.Raw("</ul></section>\n");
    }

    private static void Definitions(Html html, ReportModel report)
    {
        html.Raw("<section>").Element("h2", "Definitions").Raw("<dl>");
        foreach (var measure in report.Results.Select(result => result.Measure))
        {
            html.Raw("<dt>").Text(measure.Title).Raw(" <span class=\"unit\">").Text(measure.Unit).Raw("</span></dt><dd>").Text(measure.Text)
                .Raw("<br><b>Of:</b> ").Text(measure.Population).Raw(" <b>Coverage:</b> ").Text(measure.Coverage).Raw("</dd>\n");
        }

        html.Raw("</dl></section>\n");
    }

    private static void Method(Html html, ReportModel report)
    {
        html.Raw("<section>").Element("h2", "How it was calculated").Raw("<ul>");
        html.Element("li", "Change: least squares with effects of weekday and hour of day for each team (and, for the control teams, of the team); the coefficient of «after». Against control: the difference of the two coefficients. Several changed teams are averaged by their units.");
        html.Element("li", "Interval: 400 redraws of whole days within before and after, the same days for all teams; enlarged for the effects of days that are estimated; Student's t. The generator's seed is fixed: the same data give the same page, byte for byte.");
        foreach (var rule in ReportBuilder.Rules(EnoughRule.Default)) html.Element("li", rule);
        html.Element("li", report.Treated.Count == 0
            ? "Verdicts are planned for 30 days after a team's change and for the ends of the four quarters behind that."
            : "Verdicts at planned looks only, with hurdles by Lan and DeMets (Pocock's form) so that all looks together keep the 5 %: " + string.Join("; ", LookPlan.Of(report.Treated[0].Changed).Select(look => FormattableString.Invariant($"{DayText.Of(look.Due)} at {look.Hurdle:0.00}"))) + ".");
        html.Element("li", "How many people use the product is not measured here: it says nothing about whether customers were helped. Nothing here is about single agents, and the store behind it knows none.");
        html.Raw("</ul></section>\n");
    }

    private const string Style = """
        :root{--ink:#1c2430;--soft:#5b6675;--line:#d9dee5;--paper:#fff;--box:#f3f6fa;--a:#0b63b5;--b:#8a6d1f;--good:#1a7f4b;--bad:#b3261e;--open:#5b6675}
        @media (prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#a2adbb;--line:#36404d;--paper:#12171d;--box:#1b222b;--a:#6db3f2;--b:#d9b85c;--good:#5ccf93;--bad:#ff8a80;--open:#a2adbb}}
        *{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,"Segoe UI","DejaVu Sans",sans-serif}
        main{max-width:1040px;margin:0 auto;padding:32px 24px 64px}h1{font-size:28px;line-height:1.2;margin:0 0 4px}h2{font-size:19px;margin:36px 0 8px;border-bottom:1px solid var(--line);padding-bottom:4px}h3{font-size:16px;margin:24px 0 4px}
        .kicker{margin:0 0 4px;color:var(--soft);font-size:13px}.meta,.note,.legend,small{color:var(--soft)}.meta,.note{font-size:13.5px;margin:4px 0 12px;max-width:80ch}
        .answer{background:var(--box);border-left:5px solid var(--a);padding:16px 20px;margin:20px 0;border-radius:0 6px 6px 0}.answer .lead{font-size:20px;line-height:1.4;font-weight:600;margin:0 0 10px}.answer p{margin:4px 0;max-width:90ch}
        table{border-collapse:collapse;width:100%;font-size:13.5px}.narrow{max-width:680px}th,td{padding:6px 8px;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}thead th{color:var(--soft);font-weight:600;font-size:12.5px;vertical-align:bottom;text-align:right}thead th:first-child,.narrow th{text-align:left}tbody th{min-width:150px}.changes tbody th{min-width:200px}td.none{max-width:260px}
        tbody th{font-weight:500}.primary th{font-weight:700}.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}.strong{font-weight:700}.none{color:var(--soft)}small{display:block;font-size:11.5px;white-space:nowrap}.none small{white-space:normal}.wide{overflow-x:auto}
        figure{margin:8px 0}.plot{width:100%;height:auto;display:block}.grid{stroke:var(--line)}.tick{fill:var(--soft);font:11px system-ui,"DejaVu Sans",sans-serif}.over{paint-order:stroke;stroke:var(--paper);stroke-width:4px}.mark{stroke:var(--ink);stroke-dasharray:4 4}
        polyline,path{fill:none;stroke-width:2}polyline.a,path.a{stroke:var(--a)}polyline.b,path.b{stroke:var(--b);stroke-dasharray:6 3}circle.a{fill:var(--a)}circle.b{fill:var(--b)}
        .legend{font-size:13px;margin:4px 0 8px 54px}.key{display:inline-block;width:20px;height:0;border-top:3px solid var(--a);vertical-align:middle;margin:0 6px 0 14px}.key.b{border-top:3px dashed var(--b)}
        .forest{width:150px;height:18px;display:block}.forest line{stroke-width:2}.zero{stroke:var(--line)}line.good{stroke:var(--good)}circle.good{fill:var(--good)}line.bad{stroke:var(--bad)}circle.bad{fill:var(--bad)}line.open{stroke:var(--open)}circle.open{fill:var(--paper);stroke:var(--open);stroke-width:2}
        details{margin:8px 0}summary{cursor:pointer;color:var(--soft);font-size:13.5px}dt{font-weight:600;margin-top:12px}dd{margin:2px 0 0;max-width:90ch}.unit{color:var(--soft);font-weight:400}li{margin:4px 0;max-width:90ch}
        @media print{:root{--ink:#000;--soft:#444;--line:#bbb;--paper:#fff;--box:#f3f3f3;--a:#0b63b5;--b:#7a5c10;--good:#126b3d;--bad:#9c1f18;--open:#444}@page{size:A4;margin:14mm}body{font-size:11.5px}main{max-width:none;padding:0}h1{font-size:22px}h2{font-size:15px;margin-top:20px;break-after:avoid}.answer .lead{font-size:15px}table{font-size:10px}th,td{padding:3px 4px}small{font-size:8.5px}thead th{font-size:9.5px}.forest{width:96px}section.answer,figure,tr{break-inside:avoid}.wide{overflow:visible}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
        """;
}
