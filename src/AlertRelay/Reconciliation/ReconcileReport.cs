using System.Globalization;
using System.Text;
using System.Text.Json;
using EdgeAssist.AlertRelay.Csv;

namespace EdgeAssist.AlertRelay.Reconciliation;

/// <summary>One local day of a reconciliation.</summary>
/// <param name="Day">The day of the switch's start.</param>
/// <param name="Expected">Calls of the file.</param>
/// <param name="Heard">Seen with media.</param>
/// <param name="Causes">The others, by cause.</param>
internal sealed record ReconciledDay(DateOnly Day, int Expected, int Heard, IReadOnlyDictionary<MissingCause, int> Causes)
{
    /// <summary>Calls that should have been heard: without those too short and those outside the hours.</summary>
    public int Due => Expected - Of(MissingCause.TooShort) - Of(MissingCause.OutsideHours);

    public int Of(MissingCause cause) => Causes.GetValueOrDefault(cause);
}

/// <summary>The comparison as a table, a list of what is missing, and JSON. The same inputs give the same octets.</summary>
internal sealed class ReconcileReport(Reconciliation reconciliation, IReadOnlyList<CsvFault> bad, TimeZoneInfo zone)
{
    private static readonly MissingCause[] Causes = [MissingCause.NotForked, MissingCause.Rejected, MissingCause.MediaLost, MissingCause.ClockSkew, MissingCause.OutsideHours, MissingCause.TooShort];

    public IReadOnlyList<ReconciledDay> Days { get; } =
    [
        .. reconciliation.Calls
            .GroupBy(call => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(call.Expected.Start, zone).DateTime))
            .OrderBy(day => day.Key)
            .Select(day => new ReconciledDay(
                day.Key, day.Count(), day.Count(call => call.Cause == MissingCause.None),
                day.Where(call => call.Cause != MissingCause.None).GroupBy(call => call.Cause).ToDictionary(cause => cause.Key, cause => cause.Count()))),
    ];

    /// <summary>Something that should have been heard was not.</summary>
    public bool IsIncomplete => Days.Any(day => day.Heard < day.Due);

    public string ToText()
    {
        var text = new StringBuilder("day         expected  heard  of due  not forked  rejected  media lost  clock skew  outside hours  too short\n");
        foreach (var day in Days)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"{day.Day:yyyy-MM-dd}  {day.Expected,8}  {day.Heard,5}  {Share(day.Heard, day.Due),6}  {day.Of(MissingCause.NotForked),10}  {day.Of(MissingCause.Rejected),8}  {day.Of(MissingCause.MediaLost),10}  {day.Of(MissingCause.ClockSkew),10}  {day.Of(MissingCause.OutsideHours),13}  {day.Of(MissingCause.TooShort),9}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"\n{reconciliation.Unexpected.Count} calls were seen that the file does not have; {bad.Count} rows could not be used");
        if (reconciliation.ClockDifference is { } difference) text.Append(CultureInfo.InvariantCulture, $"; our clock is {difference.TotalSeconds:+0.0;-0.0;0.0} s from the file's");
        text.Append('\n');
        foreach (var row in bad.Take(20)) text.Append(CultureInfo.InvariantCulture, $"  line {row.Line}, column {row.Column}: {row.What}\n");
        if (bad.Count > 20) text.Append(CultureInfo.InvariantCulture, $"  and {bad.Count - 20} more (--json)\n");
        return text.ToString();
    }

    /// <summary>A row a call that was not heard.</summary>
    public string ToCsv()
    {
        var csv = new StringBuilder("line,start,id,number,cause,detail,call_id\r\n");
        foreach (var call in reconciliation.Calls.Where(call => call.Cause != MissingCause.None))
            csv.AppendJoin(',', call.Expected.Line.ToString(CultureInfo.InvariantCulture), Moment(call.Expected.Start), Quote(call.Expected.Id), Quote(call.Expected.Number), Word(call.Cause), Quote(call.Detail), Quote(call.Seen?.CallId ?? "")).Append("\r\n");
        return csv.ToString();
    }

    public string ToJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (reconciliation.ClockDifference is { } difference) json.WriteNumber("clock_difference_s", Math.Round(difference.TotalSeconds, 3));
            else json.WriteNull("clock_difference_s");
            json.WriteStartArray("days");
            foreach (var day in Days)
            {
                json.WriteStartObject();
                json.WriteString("day", day.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
                json.WriteNumber("expected", day.Expected);
                json.WriteNumber("due", day.Due);
                json.WriteNumber("heard", day.Heard);
                foreach (var cause in Causes) json.WriteNumber(Word(cause), day.Of(cause));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("missing");
            foreach (var call in reconciliation.Calls.Where(call => call.Cause != MissingCause.None))
            {
                json.WriteStartObject();
                json.WriteNumber("line", call.Expected.Line);
                json.WriteString("start", Moment(call.Expected.Start));
                json.WriteString("id", call.Expected.Id);
                json.WriteString("cause", Word(call.Cause));
                json.WriteString("detail", call.Detail);
                if (call.Seen is { } seen) json.WriteString("call_id", seen.CallId);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("unexpected");
            foreach (var call in reconciliation.Unexpected)
            {
                json.WriteStartObject();
                json.WriteString("call_id", call.CallId);
                json.WriteString("start", Moment(call.Start));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("bad_rows");
            foreach (var row in bad)
            {
                json.WriteStartObject();
                json.WriteNumber("line", row.Line);
                json.WriteNumber("column", row.Column);
                json.WriteString("sentence", row.What);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray()) + "\n";
    }

    private static string Word(MissingCause cause) => cause switch
    {
        MissingCause.MediaLost => "media_lost",
        MissingCause.TooShort => "too_short",
        MissingCause.OutsideHours => "outside_hours",
        MissingCause.Rejected => "rejected",
        MissingCause.ClockSkew => "clock_skew",
        MissingCause.NotForked => "not_forked",
        _ => "heard",
    };

    private static string Share(int some, int all) => all == 0 ? "–" : ((double)some / all).ToString("0.0 %", CultureInfo.InvariantCulture);

    private static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Quote(string field) => field.AsSpan().IndexOfAny(",\"\r\n") < 0 ? field : "\"" + field.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
}
