using System.Globalization;
using EdgeAssist.AlertRelay.Csv;

namespace EdgeAssist.AlertRelay.Reconciliation;

/// <summary>Which columns of a CDR file mean what. Start is needed, and an id or a number.</summary>
internal sealed record CdrMapping
{
    private static readonly string[] Known = ["start", "id", "number", "duration", "status"];

    public required string Start { get; init; }

    /// <summary>An id that signalling carries too: SIP Call-ID, Session-ID, UCID, …</summary>
    public string Id { get; init; } = "";

    /// <summary>The customer's number.</summary>
    public string Number { get; init; } = "";

    /// <summary>Seconds, or h:mm:ss, of talk; empty: not looked at.</summary>
    public string Duration { get; init; } = "";

    /// <summary>How the call ended for the switch; only «answered» (and «ok», «200», «normal») is expected to be seen.</summary>
    public string Status { get; init; } = "";

    /// <summary>Whose wall clock moments without an offset are on.</summary>
    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Utc;

    /// <param name="text"><c>start=Start Time,id=Call-ID,number=Caller,…</c></param>
    /// <param name="zone">Of moments without an offset.</param>
    /// <exception cref="InvalidDataException">It cannot work.</exception>
    public static CdrMapping Parse(string text, TimeZoneInfo zone)
    {
        var columns = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1 || equals == part.Length - 1) throw new InvalidDataException($"«{part}»: write NAME=COLUMN, for example id=Call-ID.");
            var name = part[..equals].Trim();
            if (!Known.Contains(name)) throw new InvalidDataException($"«{name}» is not known; {string.Join(", ", Known)} are.");
            columns[name] = part[(equals + 1)..].Trim();
        }

        if (!columns.TryGetValue("start", out var start)) throw new InvalidDataException("A column for start is needed.");
        if (!columns.ContainsKey("id") && !columns.ContainsKey("number")) throw new InvalidDataException("A column for id or for number is needed: by what else should calls be matched?");
        return new CdrMapping
        {
            Start = start,
            Id = columns.GetValueOrDefault("id", ""),
            Number = columns.GetValueOrDefault("number", ""),
            Duration = columns.GetValueOrDefault("duration", ""),
            Status = columns.GetValueOrDefault("status", ""),
            Zone = zone,
        };
    }
}

/// <summary>A call that the switch knows of.</summary>
/// <param name="Line">In the file.</param>
/// <param name="Start">When.</param>
/// <param name="Id">Empty when there is none.</param>
/// <param name="Number">Normalised; empty when there is none.</param>
/// <param name="Duration">Of talk; null when not known.</param>
/// <param name="Answered">It was, or nobody says.</param>
internal sealed record ExpectedCall(int Line, DateTimeOffset Start, string Id, string Number, TimeSpan? Duration, bool Answered);

/// <summary>Reads CDR files; any text gives calls and bad rows, never an exception.</summary>
internal static class CdrFile
{
    private static readonly string[] AnsweredWords = ["answered", "answer", "ok", "200", "normal", "normal_clearing", "completed", "16"];
    private static readonly string[] MomentForms = ["yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd HH:mm:ss.FFF", "yyyy-MM-dd'T'HH:mm:ss.FFF", "dd.MM.yyyy HH:mm:ss", "yyyy/MM/dd HH:mm:ss"];

    public static (IReadOnlyList<ExpectedCall> Calls, IReadOnlyList<CsvFault> Bad) Read(string text, CdrMapping mapping)
    {
        var table = CsvTable.Parse(text);
        var bad = new List<CsvFault>(table.Bad);
        var columns = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (name, heading) in (ReadOnlySpan<(string, string)>)[("start", mapping.Start), ("id", mapping.Id), ("number", mapping.Number), ("duration", mapping.Duration), ("status", mapping.Status)])
        {
            if (heading.Length == 0) continue;
            columns[name] = table.Column(heading);
            if (columns[name] < 0) bad.Add(new CsvFault(1, 1, $"The heading has no column «{heading}» ({name}); it has {string.Join(", ", table.Heading)}."));
        }

        if (columns.Values.Any(column => column < 0)) return ([], bad);
        var calls = new List<ExpectedCall>();
        foreach (var row in table.Rows)
        {
            if (Read(row, columns, mapping.Zone, out var call) is { } wrong) bad.Add(wrong);
            else calls.Add(call!);
        }

        return (calls, [.. bad.OrderBy(each => each.Line).ThenBy(each => each.Column)]);
    }

    /// <summary>Digits alone, from <c>sip:+49…@host</c>, <c>tel:</c>, <c>+49 (0)30 …</c>, <c>0049…</c>; other addresses as they are, in small letters.</summary>
    public static string Number(string text)
    {
        var number = text.Trim();
        foreach (var scheme in (ReadOnlySpan<string>)["sip:", "sips:", "tel:"])
        {
            if (number.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)) number = number[scheme.Length..];
        }

        number = number.Split('@', ';')[0].Replace("(0)", "", StringComparison.Ordinal);
        if (number.Length == 0 || !number.All(letter => char.IsAsciiDigit(letter) || letter is '+' or ' ' or '-' or '.' or '(' or ')' or '/')) return number.ToLowerInvariant();
        var digits = string.Concat(number.Where(char.IsAsciiDigit));
        return !number.StartsWith('+') && digits.StartsWith("00", StringComparison.Ordinal) ? digits[2..] : digits;
    }

    private static CsvFault? Read(TableRow row, Dictionary<string, int> columns, TimeZoneInfo zone, out ExpectedCall? call)
    {
        call = null;
        var startField = row.Fields[columns["start"]];
        if (Moment(startField.Text.Trim(), zone) is not { } start)
            return new CsvFault(row.Line, startField.Column, $"«{Cut(startField.Text)}» is no moment: write 2026-01-31T08:00:00+01:00, or 2026-01-31 08:00:00 in the file's zone.");

        TimeSpan? duration = null;
        if (columns.TryGetValue("duration", out var place) && row.Fields[place] is { Text.Length: > 0 } field)
        {
            duration = Length(field.Text.Trim());
            if (duration is null) return new CsvFault(row.Line, field.Column, $"«{Cut(field.Text)}» is no duration: write seconds or h:mm:ss.");
        }

        var (id, number) = (Field("id"), Number(Field("number")));
        if (id.Length + number.Length == 0) return new CsvFault(row.Line, startField.Column, "The row has neither an id nor a number to find the call by.");
        var status = Field("status");
        call = new ExpectedCall(row.Line, start, id, number, duration, status.Length == 0 || AnsweredWords.Contains(status.ToLowerInvariant()));
        return null;

        string Field(string name) => columns.TryGetValue(name, out var column) ? row.Fields[column].Text.Trim() : "";
    }

    private static DateTimeOffset? Moment(string text, TimeZoneInfo zone)
    {
        if (DateTime.TryParseExact(text, MomentForms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
        {
            if (zone.IsInvalidTime(local)) return null;   // clocks jumped over it
            return local.Year is < 1970 or > 9000 ? null : new DateTimeOffset(local, zone.GetUtcOffset(local));
        }

        // With an offset, or as seconds of Unix time.
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)) return seconds is > 0 and < 32_503_680_000 ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
        return (text.EndsWith('Z') || text.LastIndexOfAny(['+', '-']) > 10)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var moment) && moment.Year is >= 1970 and <= 9000 ? moment : null;
    }

    private static TimeSpan? Length(string text)
    {
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)) return seconds <= 1_000_000 ? TimeSpan.FromSeconds(seconds) : null;
        return TimeSpan.TryParseExact(text, ["h\\:mm\\:ss", "m\\:ss"], CultureInfo.InvariantCulture, out var length) ? length : null;
    }

    private static string Cut(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
