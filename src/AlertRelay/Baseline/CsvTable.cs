using System.Text;

namespace EdgeAssist.AlertRelay.Baseline;

/// <summary>A field of a CSV file and where it stands.</summary>
/// <param name="Text">Unquoted.</param>
/// <param name="Column">Of its first letter in its line, from 1.</param>
public readonly record struct CsvField(string Text, int Column);

/// <summary>A row of a CSV file.</summary>
/// <param name="Line">Its first line, from 1; the heading is line 1.</param>
/// <param name="Fields">As many as the heading has.</param>
public sealed record CsvRow(int Line, IReadOnlyList<CsvField> Fields);

/// <summary>A row that cannot be used.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
/// <param name="Sentence">What is wrong, for people.</param>
public readonly record struct BadRow(int Line, int Column, string Sentence);

/// <summary>RFC 4180 with a heading; comma, semicolon or tab, whichever the heading has most of. Takes any text.</summary>
public sealed class CsvTable
{
    private static readonly char[] Separators = [',', ';', '\t'];

    private CsvTable(IReadOnlyList<string> heading, IReadOnlyList<CsvRow> rows, IReadOnlyList<BadRow> bad) => (Heading, Rows, Bad) = (heading, rows, bad);

    public IReadOnlyList<string> Heading { get; }

    public IReadOnlyList<CsvRow> Rows { get; }

    /// <summary>Rows with another number of fields than the heading, or with a quote that never ends.</summary>
    public IReadOnlyList<BadRow> Bad { get; }

    public static CsvTable Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);

        if (text.StartsWith('\uFEFF')) text = text[1..];
        var separator = Separator(text);
        var (rows, bad) = (new List<CsvRow>(), new List<BadRow>());
        IReadOnlyList<string>? heading = null;
        foreach (var (row, open) in Records(text, separator))
        {
            if (row.Fields is [{ Text.Length: 0 }]) continue;
            if (open) bad.Add(new BadRow(row.Line, row.Fields[^1].Column, "A quote begins here and never ends."));
            else if (heading is null) heading = [.. row.Fields.Select(field => field.Text.Trim())];
            else if (row.Fields.Count != heading.Count)
                bad.Add(new BadRow(row.Line, row.Fields[Math.Min(row.Fields.Count, heading.Count) - 1].Column, $"The row has {row.Fields.Count} fields, the heading {heading.Count}."));
            else rows.Add(row);
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

    private static IEnumerable<(CsvRow Row, bool Open)> Records(string text, char separator)
    {
        var (line, lineStart, i) = (1, 0, 0);
        while (i < text.Length)
        {
            var (began, fields, open) = (line, new List<CsvField>(), false);
            for (var ended = false; !ended;)
            {
                var column = i - lineStart + 1;
                var field = new StringBuilder();
                if (i < text.Length && text[i] == '"')
                {
                    open = true;
                    for (i++; i < text.Length; i++)
                    {
                        if (text[i] == '"')
                        {
                            if (i + 1 < text.Length && text[i + 1] == '"') i++;
                            else
                            {
                                open = false;
                                i++;
                                break;
                            }
                        }
                        else if (text[i] == '\n') (line, lineStart) = (line + 1, i + 1);
                        field.Append(text[i]);
                    }
                }

                // What stands behind a closing quote belongs to the field: nobody loses octets silently.
                for (; i < text.Length && text[i] != separator && text[i] is not ('\r' or '\n'); i++) field.Append(text[i]);
                fields.Add(new CsvField(field.ToString(), column));
                ended = i >= text.Length || text[i] != separator;
                if (!ended) i++;
            }

            yield return (new CsvRow(began, fields), open);
            if (i < text.Length && text[i] == '\r') i++;
            if (i < text.Length && text[i] == '\n') i++;
            (line, lineStart) = (line + 1, i);
        }
    }
}
