using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace EdgeAssist.AlertRelay.Baseline;

/// <summary>The map as a page that needs nothing else, and as JSON. The same calls give the same octets.</summary>
internal static class ProcessMapPage
{
    private const double Width = 1480, Left = 10, BoxWidth = 168, Top = 46, Height = 640, Gap = 14, LeastBox = 30, LeastLabel = 12;

    private static readonly string[] Inks = ["#2f5d8a", "#5b7f3a", "#a5622a", "#7a4b8c", "#2d7f79", "#8a3b4a", "#5f6670"];

    public static string ToHtml(ProcessMap map, string period)
    {
        var html = new StringBuilder("""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>How upset calls go</title><style>
            body{font:15px/1.45 system-ui,sans-serif;margin:28px;color:#1c2126;max-width:1500px}
            h1{font-size:24px;margin:0 0 4px}h2{font-size:18px;margin:28px 0 6px}p{margin:4px 0 10px;max-width:900px}
            table{border-collapse:collapse}th,td{padding:3px 14px 3px 0;text-align:left;border-bottom:1px solid #d9dee3}td.n,th.n{text-align:right}
            svg{max-width:100%;height:auto}svg text{font:13px system-ui,sans-serif;fill:#1c2126}svg .h{font-weight:600;font-size:14px}
            svg .l{font-size:11.5px;paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}svg .c{font-size:11.5px;fill:#4a525a}
            @media print{body{margin:0}table{break-inside:avoid}}
            </style></head><body>
            """);
        html.Append(CultureInfo.InvariantCulture, $"\n<h1>How upset calls go today</h1>\n<p>Of {map.Calls} {Text(period)}, {map.Upset} went badly ({Percent(map.Upset, map.Calls - map.LeftOut)}); {map.LeftOut} were left out.</p>\n");
        if (map.Upset == 0)
        {
            html.Append("<p>No call went badly in that time: there is nothing to draw.</p>\n</body></html>\n");
            return html.ToString();
        }

        html.Append("<p>Read it from left to right. The height of a box and the width of a way are the number of calls; on a way stand its calls and the median time: from the queue the time from the beginning of the call to the moment it went badly, behind that the time from one box to the next. Ways too narrow for words have them under the pointer and in the table below. Boxes with a heavy dashed edge and a mark ⚖ are points where a person decides, and stay so.</p>\n");
        Draw(html, map);
        Judgements(html);
        Queues(html, map);
        Ways(html, map);
        Definitions(html);
        return html.Append("</body></html>\n").ToString();
    }

    public static string ToJson(ProcessMap map, string period)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("period", period);
            json.WriteNumber("calls", map.Calls);
            json.WriteNumber("upset_calls", map.Upset);
            json.WriteNumber("left_out", map.LeftOut);
            json.WriteStartArray("steps");
            foreach (var step in map.Steps)
            {
                json.WriteStartObject();
                json.WriteString("id", step.Id);
                json.WriteString("title", step.Title);
                json.WriteString("column", ProcessMap.Columns[step.Column]);
                json.WriteNumber("calls", step.Calls);
                json.WriteBoolean("judgement", step.Judgement);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("edges");
            foreach (var edge in map.Edges)
            {
                json.WriteStartObject();
                json.WriteString("from", edge.From);
                json.WriteString("to", edge.To);
                json.WriteNumber("calls", edge.Calls);
                Seconds(json, "median_s", edge.Median);
                Seconds(json, "p90_s", edge.P90);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("queues");
            foreach (var team in map.Teams)
            {
                json.WriteStartObject();
                json.WriteString("team", team.Team);
                json.WriteNumber("calls", team.Calls);
                json.WriteNumber("upset", team.Upset);
                Seconds(json, "starts_after_median_s", team.Start);
                json.WriteNumber("helped", team.Helped);
                Seconds(json, "help_after_median_s", team.Help);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray()) + "\n";
    }

    private static void Draw(StringBuilder html, ProcessMap map)
    {
        var most = map.Steps.GroupBy(step => step.Column).Max(column => column.Count());
        var scale = (Height - Gap * (most - 1) - LeastBox * 2) / map.Upset;
        var boxes = Place(map, scale, out var bottom);
        var step = (Width - 2 * Left - BoxWidth) / (ProcessMap.Columns.Length - 1);
        html.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {F(Width)} {F(bottom + 16)}\" width=\"{F(Width)}\" role=\"img\" aria-label=\"Process map\">\n");
        for (var column = 0; column < ProcessMap.Columns.Length; column++)
            html.Append(CultureInfo.InvariantCulture, $"<text class=\"h\" x=\"{F(X(column))}\" y=\"22\">{ProcessMap.Columns[column]}</text>\n");

        var labels = new StringBuilder();
        var (left, right) = (boxes.ToDictionary(box => box.Key, _ => 0.0), boxes.ToDictionary(box => box.Key, _ => 0.0));
        foreach (var edge in map.Edges.OrderBy(edge => boxes[edge.From].Step.Column).ThenBy(edge => boxes[edge.From].Y).ThenBy(edge => boxes[edge.To].Y))
        {
            var (from, to) = (boxes[edge.From], boxes[edge.To]);
            var width = Math.Max(1.5, edge.Calls * scale);
            var (x1, x2) = (X(from.Step.Column) + BoxWidth, X(to.Step.Column));
            var (y1, y2) = (from.Y + Inset(from) + right[edge.From] + width / 2, to.Y + Inset(to) + left[edge.To] + width / 2);
            right[edge.From] += edge.Calls * scale;
            left[edge.To] += edge.Calls * scale;
            var bend = (x2 - x1) / 2;
            html.Append(CultureInfo.InvariantCulture,
                $"<path d=\"M{F(x1)} {F(y1)}C{F(x1 + bend)} {F(y1)} {F(x2 - bend)} {F(y2)} {F(x2)} {F(y2)}\" fill=\"none\" stroke=\"{from.Ink}\" stroke-opacity=\".28\" stroke-width=\"{F(width)}\"><title>{Text(from.Step.Title)} → {Text(to.Step.Title)}: {edge.Calls} calls{Times(edge)}</title></path>\n");

            // On the way out of the box, where ways do not cross yet; what has no room is in the table and under the pointer.
            if (width >= LeastLabel) labels.Append(CultureInfo.InvariantCulture, $"<text class=\"l\" x=\"{F(x1 + 7)}\" y=\"{F(y1 + 4)}\">{edge.Calls}{(edge.Median is { } median ? " · " + Clock(median) : "")}</text>\n");
        }

        foreach (var (_, box) in boxes.OrderBy(box => box.Value.Step.Column).ThenBy(box => box.Value.Y))
        {
            var x = X(box.Step.Column);
            var edge = box.Step.Judgement ? "stroke=\"#1c2126\" stroke-width=\"2.5\" stroke-dasharray=\"6 4\"" : $"stroke=\"{box.Ink}\" stroke-width=\"1\"";
            html.Append(CultureInfo.InvariantCulture, $"<rect x=\"{F(x)}\" y=\"{F(box.Y)}\" width=\"{F(BoxWidth)}\" height=\"{F(box.Height)}\" rx=\"4\" fill=\"#fff\" {edge}/><rect x=\"{F(x)}\" y=\"{F(box.Y)}\" width=\"5\" height=\"{F(box.Height)}\" rx=\"2\" fill=\"{box.Ink}\"/>\n");
            var middle = box.Y + box.Height / 2;
            html.Append(CultureInfo.InvariantCulture, $"<text x=\"{F(x + 12)}\" y=\"{F(middle - 2)}\">{(box.Step.Judgement ? "⚖ " : "")}{Text(Short(box.Step.Title))}</text><text class=\"c\" x=\"{F(x + 12)}\" y=\"{F(middle + 12)}\">{box.Step.Calls} calls, {Percent(box.Step.Calls, map.Upset)}</text>\n");
        }

        html.Append(labels).Append("</svg>\n");

        double X(int column) => Left + column * step;

        // A box may be higher than its ways because of its words: the ways leave from its middle.
        double Inset(Box box) => Math.Max(0, (box.Height - box.Step.Calls * scale) / 2);
    }

    private static Dictionary<string, Box> Place(ProcessMap map, double scale, out double bottom)
    {
        var boxes = new Dictionary<string, Box>(StringComparer.Ordinal);
        bottom = 0;
        foreach (var column in map.Steps.GroupBy(step => step.Column))
        {
            var (y, place) = (Top, 0);
            foreach (var step in column)
            {
                var height = Math.Max(LeastBox, step.Calls * scale);
                boxes[step.Id] = new Box(step, y, height, Inks[place++ % Inks.Length]);
                y += height + Gap;
            }

            bottom = Math.Max(bottom, y);
        }

        return boxes;
    }

    private static void Judgements(StringBuilder html) => html.Append("""
        <h2>Points that stay with people</h2>
        <ul>
        <li>⚖ <b>Whether somebody joins the call.</b> The product tells a supervisor and ranks; it never joins, mutes or ends a call by itself.</li>
        <li>⚖ <b>Whether to hand the call on or to put it on hold.</b> The agent decides; the map only counts.</li>
        <li>⚖ <b>What the customer is offered.</b> Prompts are sentences that people wrote and reviewed; accepting one is the agent's choice.</li>
        <li>⚖ <b>Whether an alert was right.</b> Supervisors' verdicts and blind labels decide, and thresholds follow them.</li>
        </ul>

        """);

    private static void Queues(StringBuilder html, ProcessMap map)
    {
        html.Append("<h2>By queue</h2>\n<table><tr><th>Queue</th><th class=\"n\">Calls</th><th class=\"n\">Went badly</th><th class=\"n\">Starts after (median)</th><th class=\"n\">Somebody came</th><th class=\"n\">Time until then (median)</th></tr>\n");
        foreach (var team in map.Teams)
            html.Append(CultureInfo.InvariantCulture, $"<tr><td>{(team.Team.Length > 0 ? Text(team.Team) : "(no queue)")}</td><td class=\"n\">{team.Calls}</td><td class=\"n\">{team.Upset} ({Percent(team.Upset, team.Calls)})</td><td class=\"n\">{ClockOrNone(team.Start)}</td><td class=\"n\">{team.Helped} of {team.Upset}</td><td class=\"n\">{ClockOrNone(team.Help)}</td></tr>\n");
        html.Append("</table>\n");
    }

    private static void Ways(StringBuilder html, ProcessMap map)
    {
        var titles = map.Steps.ToDictionary(step => step.Id, StringComparer.Ordinal);
        html.Append("<h2>Every way</h2>\n<table><tr><th>From</th><th>To</th><th class=\"n\">Calls</th><th class=\"n\">Time, median</th><th class=\"n\">Time, 90 %</th></tr>\n");
        foreach (var edge in map.Edges.OrderBy(edge => titles[edge.From].Column).ThenByDescending(edge => edge.Calls).ThenBy(edge => edge.From, StringComparer.Ordinal).ThenBy(edge => edge.To, StringComparer.Ordinal))
            html.Append(CultureInfo.InvariantCulture, $"<tr><td>{Text(titles[edge.From].Title)}</td><td>{Text(titles[edge.To].Title)}</td><td class=\"n\">{edge.Calls}</td><td class=\"n\">{ClockOrNone(edge.Median)}</td><td class=\"n\">{ClockOrNone(edge.P90)}</td></tr>\n");
        html.Append("</table>\n");
    }

    private static void Definitions(StringBuilder html) => html.Append("""
        <h2>Definitions</h2>
        <p><b>Went badly</b>: the call's risk opened an alert, or would have opened one while its team was observed. A call counts once, by its first one.
        <b>When it starts</b>: the moment of that alert from the call's start; «after a hold» or «after a transfer» when one of them came within the minute before.
        <b>What sets it off</b>: the strongest reason of that alert.
        <b>What happened then</b>: the first of a supervisor's hand on the alert and a transfer; else a hold; else the agent alone. Times are from the alert.
        <b>How it ended</b>: «calm again» when 30 s of calm followed before the end; times are from what happened (or from the alert) to the beginning of that calm, or to the end of the call.
        <b>Somebody came</b>: a supervisor's hand or a transfer. Help that signalling and clicks do not tell is not seen.
        <b>Left out</b>: calls whose team was switched to observe while they lived, and calls whose analysis was lost.</p>

        """);

    private static string Times(MapEdge edge) => edge.Median is null ? "" : $", median {Clock(edge.Median.Value)}, 90 % within {Clock(edge.P90!.Value)}";

    private static string ClockOrNone(TimeSpan? time) => time is { } known ? Clock(known) : "–";

    private static string Clock(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes}:{time.Seconds:00}");

    private static string Percent(int some, int all) => all == 0 ? "–" : ((double)some / all).ToString(some * 10 < all ? "0.0 %" : "0 %", CultureInfo.InvariantCulture);

    private static string Short(string title) => title.Length <= 23 ? title : title[..22] + "…";

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private static string F(double number) => Math.Round(number, 1).ToString(CultureInfo.InvariantCulture);

    private static void Seconds(Utf8JsonWriter json, string name, TimeSpan? time)
    {
        if (time is { } known) json.WriteNumber(name, Math.Round(known.TotalSeconds, 1));
        else json.WriteNull(name);
    }

    private sealed record Box(MapStep Step, double Y, double Height, string Ink);
}
