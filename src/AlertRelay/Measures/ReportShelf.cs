using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeAssist.AlertRelay.Measures.Reports;
using EdgeAssist.AlertRelay.Measures.Store;

namespace EdgeAssist.AlertRelay.Measures;

/// <summary>A report that was made by the calendar.</summary>
/// <param name="Name">Without an extension.</param>
/// <param name="From">First day.</param>
/// <param name="To">The day behind the last.</param>
/// <param name="Teams">It is about them.</param>
/// <param name="Due">The day on which it was due.</param>
/// <param name="Answer">In one sentence.</param>
internal sealed record ShelvedReport(string Name, string From, string To, IReadOnlyList<string> Teams, string Due, string Answer);

[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(ShelvedReport))]
internal sealed partial class ShelfJson : JsonSerializerContext;

/// <summary>
/// Makes reports when they are due and keeps them in a folder: 30 days after a team's change, at the planned quarter ends
/// behind it, and every calendar quarter. A report that was made is never made again: it says what was known when it was due.
/// </summary>
internal sealed class ReportShelf(MeasuresStore store, string folder, TimeZoneInfo zone, TimeSpan retention)
{
    // A call that began before midnight has ended by then.
    private static readonly TimeSpan Grace = TimeSpan.FromHours(3);

    /// <summary>Makes what is due and not there, forgets what is too old.</summary>
    /// <returns>Names of those that were made.</returns>
    public IReadOnlyList<string> Run(DateTimeOffset now, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        var today = FrameReader.Day((now - Grace).ToUnixTimeMilliseconds(), zone);
        var made = new List<string>();
        foreach (var plan in Due(FrameReader.Changes(store, zone), today))
        {
            if (File.Exists(Path(plan.Name, "meta"))) continue;
            Make(plan, cancellationToken);
            made.Add(plan.Name);
        }

        var oldest = DayText.Of(FrameReader.Day((now - retention).ToUnixTimeMilliseconds(), zone));
        foreach (var old in List().Where(report => string.CompareOrdinal(report.Due, oldest) < 0)) Remove(old.Name);
        return made;
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<ShelvedReport> List() => !Directory.Exists(folder)
        ? []
        : [.. Directory.EnumerateFiles(folder, "*.meta")
            .Select(file => JsonSerializer.Deserialize(File.ReadAllBytes(file), ShelfJson.Default.ShelvedReport)!)
            .OrderByDescending(report => report.Due, StringComparer.Ordinal).ThenBy(report => report.Name, StringComparer.Ordinal)];

    /// <summary>One of those that <see cref="List"/> names.</summary>
    public WrittenReport Read(ShelvedReport report, ReportKind kind)
    {
        var extension = Extension(kind);
        var type = kind switch { ReportKind.Csv => "text/csv", ReportKind.Json => "application/json", _ => "text/html" };
        return new WrittenReport($"{report.Name}.{extension}", type, File.ReadAllBytes(Path(report.Name, extension)), report.Answer);
    }

    private void Make(Plan plan, CancellationToken cancellationToken)
    {
        var report = ReportMaker.Calculate(store, new ReportRequest(plan.From, plan.To, plan.Teams.Contains), zone, cancellationToken);
        foreach (var kind in System.Enum.GetValues<ReportKind>()) Put(plan.Name, Extension(kind), ReportMaker.Write(report, kind).Content);

        // Last, and whole or not at all: with it the report is there.
        var meta = new ShelvedReport(plan.Name, DayText.Of(plan.From), DayText.Of(plan.To), [.. plan.Teams.Order(StringComparer.Ordinal)], DayText.Of(plan.To), report.Answer);
        Put(plan.Name, "meta", JsonSerializer.SerializeToUtf8Bytes(meta, ShelfJson.Default.ShelvedReport));
    }

    private void Put(string name, string extension, byte[] content)
    {
        var part = Path(name, extension) + ".part";
        File.WriteAllBytes(part, content);
        File.Move(part, Path(name, extension), overwrite: true);
    }

    private void Remove(string name)
    {
        foreach (var extension in new[] { "meta", "html", "csv", "json" }) File.Delete(Path(name, extension));
    }

    private string Path(string name, string extension) => System.IO.Path.Combine(folder, $"{name}.{extension}");

    private static string Extension(ReportKind kind) => kind.ToString().ToLowerInvariant();

    private static IEnumerable<Plan> Due(IReadOnlyList<(string Team, int FirstDay, int? Changed)> teams, int today)
    {
        var unchanged = teams.Where(team => team.Changed is null).Select(team => team.Team).ToArray();
        foreach (var change in teams.Where(team => team.Changed is not null).GroupBy(team => team.Changed!.Value).OrderBy(change => change.Key))
        {
            foreach (var (number, look) in LookPlan.Days(change.Key).Index().Where(look => look.Item.Due <= today))
                yield return new Plan(FormattableString.Invariant($"change-{DayText.Of(change.Key)}-look-{number + 1}"), look.From, look.Due, [.. change.Select(team => team.Team), .. unchanged]);
        }

        if (teams.Count == 0) yield break;
        var first = teams.Min(team => team.FirstDay);
        for (var end = LookPlan.NextQuarter(first); end <= today; end = LookPlan.NextQuarter(end))
        {
            var start = DayText.Number(DayText.Date(end).AddMonths(-3));
            yield return new Plan("quarter-" + DayText.Quarter(start), start, end, [.. teams.Select(team => team.Team)]);
        }
    }

    private sealed record Plan(string Name, int From, int To, HashSet<string> Teams);
}
