using System.CommandLine;
using EdgeAssist.AlertRelay.Baseline;
using EdgeAssist.Host.Terminal;

namespace EdgeAssist.Host.Commands;

/// <summary><c>edgeassist baseline</c>: how upset calls go today, as a page and as JSON.</summary>
internal static class BaselineCommand
{
    public static Command Create(Option<string?> config)
    {
        var from = new Option<string?>("--from") { Description = "First day or moment, 2026-01-31. Default: 30 days before --to." };
        var to = new Option<string?>("--to") { Description = "The day or moment behind the last. Default: now." };
        var teams = new Option<string[]>("--team") { Description = "Only this team; repeat for several.", DefaultValueFactory = _ => [] };
        var output = new Option<string>("--out") { Description = "Folder for process-map.html and process-map.json.", DefaultValueFactory = _ => "." };
        var command = new Command("baseline", "Draw how upset calls go today: where they start, what sets them off, how long until help, how they end.") { from, to, teams, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (since, until) = PastCalls.Span(parsed.GetValue(from), parsed.GetValue(to), days: 30);
            var wanted = parsed.GetRequiredValue(teams);
            var builder = new ProcessMapBuilder();
            await PastCalls.ReadAsync(PastCalls.DataDirectoryOf(parsed, config), since, until, call =>
            {
                if (wanted.Length == 0 || wanted.Contains(call.Info.Team)) builder.Add(call);
            }, cancellationToken);

            var (map, period) = (builder.Build(), Period.Text(since, until));
            var folder = parsed.GetRequiredValue(output);
            try
            {
                Directory.CreateDirectory(folder);
                await File.WriteAllTextAsync(Path.Combine(folder, "process-map.html"), ProcessMapPage.ToHtml(map, period), cancellationToken);
                await File.WriteAllTextAsync(Path.Combine(folder, "process-map.json"), ProcessMapPage.ToJson(map, period), cancellationToken);
            }
            catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
            {
                throw new UserError($"--out {folder}: {refused.Message}", refused);
            }

            Console.WriteLine($"{map.Calls} calls, {map.Upset} went badly, {map.LeftOut} left out; {Path.Combine(folder, "process-map.html")}");
            return 0;
        });
        return command;
    }
}
