using System.CommandLine;
using System.Globalization;
using EdgeAssist.AlertRelay.Hosting;
using EdgeAssist.AlertRelay.Measures;
using EdgeAssist.Host.Composition;
using EdgeAssist.Host.Terminal;

namespace EdgeAssist.Host.Commands;

/// <summary><c>edgeassist report</c>: did it help? And the customers' answers that it takes to say so.</summary>
internal static class ReportCommand
{
    public static Command Create(Option<string?> config)
    {
        var from = new Option<string>("--from") { Description = "First day, for example 2026-01-01.", Required = true };
        var to = new Option<string>("--to") { Description = "The day behind the last.", Required = true };
        var teams = new Option<string[]>("--team") { Description = "A team; repeat for several. Default: all.", DefaultValueFactory = _ => [] };
        var format = new Option<string>("--format") { Description = "html, csv or json.", DefaultValueFactory = _ => "html" };
        var output = new Option<string?>("--out") { Description = "File to write, - for the terminal. Default: the days as a name, here." };
        var command = new Command("report", "Write a report of the measures: before and after, with intervals.") { from, to, teams, format, output };
        command.Subcommands.Add(Import(config));
        command.SetAction((parsed, cancellationToken) =>
        {
            if (!Enum.TryParse<ReportKind>(parsed.GetRequiredValue(format), ignoreCase: true, out var kind) || !Enum.IsDefined(kind))
                throw new UserError($"--format {parsed.GetValue(format)}: html, csv or json.");

            var settings = ApplianceConfiguration.Load(parsed.GetValue(config));
            var (name, content, answer) = Explain(() => MeasureFiles.Report(
                DataDirectory.Resolve(settings["Data:Directory"]), parsed.GetRequiredValue(from), parsed.GetRequiredValue(to), parsed.GetRequiredValue(teams), kind,
                settings[$"{AlertRelayOptions.Section}:{nameof(AlertRelayOptions.TimeZone)}"] ?? "UTC", cancellationToken));
            return WriteAsync(parsed.GetValue(output) ?? name, content, answer, cancellationToken);
        });
        return command;
    }

    private static Command Import(Option<string?> config)
    {
        var file = new Argument<string>("file") { Description = "CSV, UTF-8, with the columns call_id and score, and answered_at if there is one." };
        var scale = new Option<string>("--scale") { Description = "Ends of the scale, for example 1..5.", Required = true };
        var dry = new Option<bool>("--dry-run") { Description = "Say what would be taken and refused, and change nothing." };
        var command = new Command("import-satisfaction", "Take customers' answers, by call.") { file, scale, dry };
        command.SetAction(parsed =>
        {
            var ends = parsed.GetRequiredValue(scale).Split("..");
            if (ends.Length != 2 || !double.TryParse(ends[0], CultureInfo.InvariantCulture, out var lowest) || !double.TryParse(ends[1], CultureInfo.InvariantCulture, out var highest))
                throw new UserError($"--scale {parsed.GetValue(scale)}: write the two ends, for example 1..5.");

            var data = DataDirectory.Resolve(ApplianceConfiguration.Load(parsed.GetValue(config))["Data:Directory"]);
            var isDry = parsed.GetValue(dry);
            var (rows, imported, unchanged, refused) = Explain(() => MeasureFiles.ImportSatisfaction(
                data, File.ReadAllBytes(parsed.GetRequiredValue(file)), lowest, highest, isDry, TimeProvider.System.GetUtcNow()));
            foreach (var line in refused) Console.WriteLine(line);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rows} rows: {imported} {(isDry ? "would be taken" : "taken")}, {unchanged} known before, {refused.Count} refused"));
            return refused.Count == 0 ? 0 : 1;
        });
        return command;
    }

    private static async Task<int> WriteAsync(string target, byte[] content, string answer, CancellationToken cancellationToken)
    {
        if (target == "-")
        {
            await using var terminal = Console.OpenStandardOutput();
            await terminal.WriteAsync(content, cancellationToken);
            return 0;
        }

        try
        {
            await File.WriteAllBytesAsync(target, content, cancellationToken);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new UserError(refused.Message, refused);
        }

        Console.WriteLine(answer);
        Console.WriteLine($"written to {target}");
        return 0;
    }

    private static T Explain<T>(Func<T> act)
    {
        try
        {
            return act();
        }
        catch (Exception refused) when (refused is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new UserError(refused.Message, refused);
        }
    }
}
