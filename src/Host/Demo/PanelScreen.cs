using System.Globalization;
using EdgeAssist.V1;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace EdgeAssist.Host.Demo;

/// <summary>The story as live panels: a call on each side, the second process below.</summary>
internal sealed class PanelScreen(IAnsiConsole console, TimeProvider time) : IDemoScreen
{
    private const int TranscriptRows = 12;
    private const int CurveColumns = 48;
    private const int LinePrefix = 17;       // time and role in front of the words

    public async Task ShowAsync(DemoStory story, CancellationToken cancellationToken) =>
        await console.Live(Render(story)).StartAsync(async live =>
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200), time);
            try
            {
                while (await timer.WaitForNextTickAsync(cancellationToken)) live.UpdateTarget(Render(story));
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                live.UpdateTarget(Render(story));
            }
        });

    private Rows Render(DemoStory story)
    {
        var prompts = story.PromptLines();
        return story.Read((calls, heard) => Render(calls, heard, story.SecondProcess, prompts));
    }

    private Rows Render(IReadOnlyList<CallView> calls, IReadOnlyList<string> heard, string secondProcess, IReadOnlyList<string> prompts)
    {
        var grid = new Grid { Expand = true };
        foreach (var _ in calls) grid.AddColumn(new GridColumn { NoWrap = false });
        if (calls.Count > 0) grid.AddRow([.. calls.Select(RenderCall)]);

        var lines = heard.TakeLast(6).Select(line => (IRenderable)new Text(line));
        var second = new Panel(new Rows(lines.DefaultIfEmpty(new Text("listening …", new Style(Color.Grey)))))
        {
            Header = new PanelHeader($" {secondProcess.EscapeMarkup()} "),
            Expand = true,
        };
        if (prompts.Count == 0) return new Rows(grid, second);
        var desktop = new Panel(new Rows(prompts.TakeLast(8).Select(line => (IRenderable)new Text(line)))) { Header = new PanelHeader(" the agent's desktop "), Expand = true };
        return new Rows(grid, second, desktop);
    }

    private Panel RenderCall(CallView call)
    {
        var width = Math.Max(40, console.Profile.Width / 2 - 6);
        var rows = new List<IRenderable>();
        var score = call.Newest;
        var level = score?.Level ?? Level.Calm;
        var risk = score?.Risk ?? 0;
        rows.Add(new Markup(string.Create(CultureInfo.InvariantCulture,
            $"risk [bold]{risk:0.00}[/]  [{Colour(level)} bold]{level.ToString().ToUpperInvariant()}[/]  {Arrow(score?.Trend ?? 0)}")));

        var length = call.Scores.Count > 0 ? call.Scores[^1].At.ToTimeSpan() : TimeSpan.FromSeconds(1);
        var series = call.Scores.Select(s => (s.At.ToTimeSpan(), s.Risk)).ToArray();
        rows.Add(new Markup($"[{Colour(level)}]{Clock.Curve(Clock.Sample(series, length, CurveColumns))}[/]"));
        foreach (var reason in (score?.Reasons ?? []).Take(3))
            rows.Add(new Text(Shorten($"• {Clock.Format(reason.At)} {LineScreen.Describe(reason)}", width), new Style(Color.Grey)));
        rows.Add(new Rule { Style = new Style(Color.Grey) });

        foreach (var (line, growing) in Fitting(call, width - LinePrefix))
        {
            var colour = line.Role == PartyRole.Customer ? "yellow" : "aqua";
            var text = line.Text.EscapeMarkup();
            rows.Add(new Markup($"[grey]{Clock.Format(line.Start)}[/] [{colour}]{LineScreen.Name(line.Role),-8}[/] {(growing ? $"[grey italic]{text} …[/]" : text)}"));
        }

        if (call.Ended) rows.Add(new Markup("[grey]call ended[/]"));
        return new Panel(new Rows(rows)) { Header = new PanelHeader($" {call.Title.EscapeMarkup()} "), Expand = true, Height = 22 };
    }

    /// <summary>The newest lines that fit when they are wrapped; the oldest give way.</summary>
    private static List<(Transcript Line, bool Growing)> Fitting(CallView call, int width)
    {
        var left = TranscriptRows;
        var lines = call.NewestLines(TranscriptRows).Reverse().TakeWhile(entry => (left -= 1 + entry.Line.Text.Length / width) >= 0).ToList();
        lines.Reverse();
        return lines;
    }

    private static string Shorten(string text, int width) => text.Length <= width ? text : string.Concat(text.AsSpan(0, width - 1), "…");

    private static string Colour(Level level) => level switch
    {
        Level.Critical => "red",
        Level.Escalated => "darkorange",
        Level.Watch => "yellow",
        _ => "green",
    };

    private static string Arrow(double trend) => trend switch
    {
        > 0.05 => "▲ rising",
        < -0.05 => "▼ falling",
        _ => "",
    };
}
