using System.Security.Cryptography;
using System.Text;
using EdgeAssist.AlertRelay.Measures.Reports;
using EdgeAssist.AlertRelay.Measures.Store;

namespace EdgeAssist.AlertRelay.Measures;

/// <summary>How a report is written.</summary>
public enum ReportKind
{
    /// <summary>One self-contained page.</summary>
    Html,
    Csv,
    Json,
}

/// <summary>Which days, of whom.</summary>
/// <param name="From">First local day, days since 1970-01-01.</param>
/// <param name="To">The local day behind the last.</param>
/// <param name="IsIn">Teams in the report.</param>
internal sealed record ReportRequest(int From, int To, Func<string, bool> IsIn)
{
    /// <summary>Days between the two at most.</summary>
    public const int MostDays = 1100;

    /// <summary>Reads two dates.</summary>
    /// <exception cref="FormatException">One is no date, or they do not fit; the sentence says which.</exception>
    public static ReportRequest Parse(string from, string to, Func<string, bool> isIn)
    {
        var request = new ReportRequest(Day(from, "from"), Day(to, "to"), isIn);
        var days = request.To - request.From;
        return days is > 0 and <= MostDays
            ? request
            : throw new FormatException($"From {from} to {to} are {days} days; 1 to {MostDays} fit, and «to» is the day behind the last.");
    }

    private static int Day(string text, string name) => DateOnly.TryParseExact(text, "yyyy-MM-dd", out var date)
        ? DayText.Number(date)
        : throw new FormatException($"{name} is «{(text.Length <= 40 ? text : text[..40])}»; write a day like 2026-01-31.");
}

/// <summary>A report as bytes.</summary>
internal sealed record WrittenReport(string Name, string ContentType, byte[] Content, string Answer)
{
    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(Content));
}

/// <summary>Reads, calculates, writes.</summary>
internal static class ReportMaker
{
    public static ReportModel Calculate(MeasuresStore store, ReportRequest request, TimeZoneInfo zone, CancellationToken cancellationToken) =>
        ReportBuilder.Build(FrameReader.Read(store, request.From, request.To, zone, request.IsIn, cancellationToken));

    public static WrittenReport Write(ReportModel report, ReportKind kind, string? name = null)
    {
        var (text, extension, type) = kind switch
        {
            ReportKind.Csv => (CsvReport.Write(report), "csv", "text/csv"),
            ReportKind.Json => (JsonReport.Write(report), "json", "application/json"),
            _ => (HtmlReport.Write(report), "html", "text/html"),
        };
        return new WrittenReport($"{name ?? $"{DayText.Of(report.From)}-to-{DayText.Of(report.To)}"}.{extension}", type, Encoding.UTF8.GetBytes(text), report.Answer);
    }
}
