namespace EdgeAssist.AlertRelay.Csv;

/// <summary>A field of a CSV file and where it stands.</summary>
/// <param name="Text">Unquoted.</param>
/// <param name="Column">Of its first letter in its line, from 1.</param>
internal readonly record struct TableField(string Text, int Column);

/// <summary>A row of a CSV file.</summary>
/// <param name="Line">Its first line, from 1; the heading is line 1.</param>
/// <param name="Fields">As many as the heading has.</param>
internal sealed record TableRow(int Line, IReadOnlyList<TableField> Fields);

/// <summary>
/// A small CSV file with a heading as a whole; comma, semicolon or tab, whichever the heading has most of, and the line ends of an
/// old Macintosh (CR alone) too. Takes any text.
/// </summary>
internal sealed class CsvTable
{
    private static readonly char[] Separators = [',', ';', '\t'];

    private CsvTable(IReadOnlyList<string> heading, IReadOnlyList<TableRow> rows, IReadOnlyList<CsvFault> bad) => (Heading, Rows, Bad) = (heading, rows, bad);

    /// <summary>Empty when the file is, or when its first record is damaged: then no row says what it is.</summary>
    public IReadOnlyList<string> Heading { get; }

    public IReadOnlyList<TableRow> Rows { get; }

    /// <summary>Damage, and rows with another number of fields than the heading.</summary>
    public IReadOnlyList<CsvFault> Bad { get; }

    public static CsvTable Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);

        if (text.StartsWith('\uFEFF')) text = text[1..];
        if (!text.Contains('\n', StringComparison.Ordinal)) text = text.Replace('\r', '\n');
        var reader = new CsvReader(new StringReader(text), Separator(text));
        var (rows, bad) = (new List<TableRow>(), new List<CsvFault>());
        IReadOnlyList<string>? heading = null;
        for (var step = reader.Read(); step != CsvStep.End; step = reader.Read())
        {
            if (step == CsvStep.Fault)
            {
                bad.Add(reader.Fault);
                if (heading is null) break;
            }
            else if (Row(reader) is not { } row) continue;
            else if (heading is null) heading = [.. row.Fields.Select(field => field.Text.Trim())];
            else if (row.Fields.Count == heading.Count) rows.Add(row);
            else bad.Add(new CsvFault(row.Line, row.Fields[Math.Min(row.Fields.Count, heading.Count) - 1].Column, $"The row has {row.Fields.Count} fields, the heading {heading.Count}."));
        }

        return new CsvTable(heading ?? [], rows, bad);
    }

    /// <summary>The place of a column in the heading, without regard to case; −1 when there is none.</summary>
    public int Column(string name)
    {
        for (var i = 0; i < Heading.Count; i++)
        {
            if (string.Equals(Heading[i], name, StringComparison.OrdinalIgnoreCase)) return i;
        }

        return -1;
    }

    private static char Separator(string text)
    {
        var end = text.IndexOfAny(['\r', '\n']);
        var first = end < 0 ? text : text[..end];
        return Separators.MaxBy(candidate => first.Count(letter => letter == candidate));
    }

    // Two quotes alone say no more than an empty line.
    private static TableRow? Row(CsvReader reader)
    {
        var fields = Enumerable.Range(0, reader.Count).Select(field => new TableField(reader.Text(field), reader.Place(field).Column)).ToList();
        return fields is [{ Text.Length: 0 }] ? null : new TableRow((int)reader.Line, fields);
    }
}
