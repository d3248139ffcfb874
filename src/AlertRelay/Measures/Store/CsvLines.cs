using System.Text;

namespace EdgeAssist.AlertRelay.Measures.Store;

/// <summary>A line of a CSV file.</summary>
/// <param name="Number">Of its first line, from 1.</param>
/// <param name="Fields">Unquoted.</param>
internal readonly record struct CsvLine(int Number, IReadOnlyList<string> Fields);

/// <summary>RFC 4180: quoted fields, doubled quotes, line ends within quotes; CRLF or LF.</summary>
internal static class CsvLines
{
    /// <summary>The lines that are not empty. A quote that is never closed ends with the text.</summary>
    public static IEnumerable<CsvLine> Read(string text, char separator)
    {
        var (fields, field, quoted) = (new List<string>(), new StringBuilder(), false);
        var (number, began) = (1, 1);
        for (var i = 0; i < text.Length; i++)
        {
            var letter = text[i];
            if (letter == '\n') number++;
            if (quoted)
            {
                if (letter != '"') field.Append(letter);
                else if (i + 1 < text.Length && text[i + 1] == '"') field.Append(text[++i]);
                else quoted = false;
            }
            else if (letter == '"' && field.Length == 0) quoted = true;
            else if (letter == separator) Close();
            else if (letter == '\n')
            {
                Close();
                if (fields.Count > 1 || fields[0].Length > 0) yield return new CsvLine(began, fields);
                (fields, began) = ([], number);
            }
            else if (letter != '\r') field.Append(letter);
        }

        Close();
        if (fields.Count > 1 || fields[0].Length > 0) yield return new CsvLine(began, fields);

        void Close()
        {
            fields.Add(field.ToString().Trim());
            field.Clear();
        }
    }
}
