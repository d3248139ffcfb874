using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EdgeAssist.AlertRelay.Reconciliation;
using EdgeAssist.Host.Terminal;

namespace EdgeAssist.Host.Commands;

/// <summary><c>edgeassist reconcile</c>: the switch's call records against the calls that were seen. Exit code 3 when something due was not heard.</summary>
internal static class ReconcileCommand
{
    private static readonly string[] DayNames = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

    public static Command Create(Option<string?> config)
    {
        var cdr = new Option<string>("--cdr") { Description = "CSV file of the switch's call records.", Required = true };
        var mapping = new Option<string>("--mapping") { Description = "Which column is what: start=Start,id=Call-ID,number=Caller,duration=Seconds,status=Disposition.", Required = true };
        var zone = new Option<string>("--zone") { Description = "Time zone of moments without an offset, and of the days.", DefaultValueFactory = _ => "UTC" };
        var window = new Option<double>("--window") { Description = "Seconds two starts may be apart when numbers are matched.", DefaultValueFactory = _ => 10 };
        var hours = new Option<string?>("--hours") { Description = "When calls are sent here, for example \"Mon-Fri 08:00-18:00\"; default: always." };
        var records = new Option<string?>("--call-records") { Description = "The gateway's records (Sip:CallRecords): tells refused calls with their status." };
        var csv = new Option<string?>("--csv") { Description = "Write the calls that were not heard to this file." };
        var json = new Option<string?>("--json") { Description = "Write everything to this file." };
        var command = new Command("reconcile", "Compare the switch's call records with the calls that were seen, day by day, with causes for what is missing.") { cdr, mapping, zone, window, hours, records, csv, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var clock = Zone(parsed.GetRequiredValue(zone));
            var rules = new ReconcileRules { Window = TimeSpan.FromSeconds(parsed.GetValue(window)), InHours = Hours(parsed.GetValue(hours), clock) };
            var file = parsed.GetRequiredValue(cdr);
            var (expected, bad) = CdrFile.Read(await TextAsync(file, cancellationToken), Mapping(parsed.GetRequiredValue(mapping), clock));
            if (expected.Count == 0) throw new UserError($"{file}: no row can be used.{(bad.Count > 0 ? string.Create(CultureInfo.InvariantCulture, $" Line {bad[0].Line}, column {bad[0].Column}: {bad[0].What}") : "")}");

            var seen = new List<SeenCall>();
            var (first, last) = (expected.Min(call => call.Start) - rules.SkewWithin, expected.Max(call => call.Start) + rules.SkewWithin);

            // By their end; a call that began in time ends within a day.
            await PastCalls.ReadAsync(PastCalls.DataDirectoryOf(parsed, config), first, last.AddDays(1), call =>
            {
                if (call.StartedAt >= first && call.StartedAt <= last) seen.Add(SeenCalls.Of(call));
            }, cancellationToken);
            var report = new ReconcileReport(Reconciler.Run(expected, seen, await RejectedAsync(parsed.GetValue(records), cancellationToken), rules), bad, clock);
            Console.Write(report.ToText());
            if (parsed.GetValue(csv) is { } list) await File.WriteAllTextAsync(list, report.ToCsv(), cancellationToken);
            if (parsed.GetValue(json) is { } all) await File.WriteAllTextAsync(all, report.ToJson(), cancellationToken);
            return report.IsIncomplete ? 3 : 0;
        });
        return command;
    }

    private static TimeZoneInfo Zone(string name) => TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone)
        ? zone
        : throw new UserError($"--zone {name}: there is no such time zone; write for example Europe/Berlin.");

    private static CdrMapping Mapping(string text, TimeZoneInfo zone)
    {
        try
        {
            return CdrMapping.Parse(text, zone);
        }
        catch (InvalidDataException wrong)
        {
            throw new UserError($"--mapping: {wrong.Message}", wrong);
        }
    }

    private static async Task<string> TextAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync(file, cancellationToken);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{file}: {refused.Message}", refused);
        }
    }

    private static Func<DateTimeOffset, bool> Hours(string? text, TimeZoneInfo zone)
    {
        if (text is null) return _ => true;
        var parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var (days, times) = (parts.ElementAtOrDefault(0)?.Split('-') ?? [], parts.ElementAtOrDefault(1)?.Split('-') ?? []);
        var (from, to) = (Array.IndexOf(DayNames, days.FirstOrDefault()), Array.IndexOf(DayNames, days.LastOrDefault()));
        if (from < 0 || to < 0 || times.Length != 2
            || !TimeOnly.TryParseExact(times[0], "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var opens)
            || !TimeOnly.TryParseExact(times[1], "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var closes) || opens >= closes)
            throw new UserError($"--hours \"{text}\": write for example \"Mon-Fri 08:00-18:00\".");
        return at =>
        {
            var local = TimeZoneInfo.ConvertTime(at, zone);
            var (day, time) = ((int)local.DayOfWeek, TimeOnly.FromDateTime(local.DateTime));
            return (from <= to ? day >= from && day <= to : day >= from || day <= to) && time >= opens && time < closes;
        };
    }

    private static async Task<IReadOnlyList<RejectedCall>> RejectedAsync(string? file, CancellationToken cancellationToken)
    {
        if (file is null) return [];
        var (rejected, number) = (new List<RejectedCall>(), 0);
        foreach (var line in (await TextAsync(file, cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            number++;
            try
            {
                using var record = JsonDocument.Parse(line);
                var root = record.RootElement;
                var status = root.GetProperty("status").GetInt32();
                if (root.GetProperty("leg").GetString() != "caller" || status is < 300 or >= 700) continue;
                rejected.Add(new RejectedCall(root.GetProperty("sipCallId").GetString() ?? "", CdrFile.Number(root.GetProperty("from").GetString() ?? ""), root.GetProperty("started").GetDateTimeOffset(), status));
            }
            catch (Exception broken) when (broken is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                throw new UserError(string.Create(CultureInfo.InvariantCulture, $"{file}, line {number}: not a call record of the gateway: {broken.Message}"), broken);
            }
        }

        return rejected;
    }
}
