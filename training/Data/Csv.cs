using System.IO.Compression;
using System.Text;

namespace EdgeAssist.Training.Data;

/// <summary>Reads the CSV files, gzipped or not (RFC 4180, header first) of the shared data sets.</summary>
internal static class Csv
{
    /// <summary>The rows, each by column name.</summary>
    public static IEnumerable<Dictionary<string, string>> Read(string path)
    {
        using var file = File.OpenRead(path);
        using var reader = new StreamReader(path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file, Encoding.UTF8);
        var header = ReadRecord(reader) ?? throw new InvalidDataException($"{path} is empty.");
        while (ReadRecord(reader) is { } record)
        {
            if (record.Count == 1 && record[0].Length == 0) continue;
            if (record.Count != header.Count)
                throw new InvalidDataException($"{path}: a row of {record.Count} fields under a header of {header.Count}.");
            yield return header.Zip(record).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);
        }
    }

    private static List<string>? ReadRecord(StreamReader reader)
    {
        if (reader.Peek() < 0) return null;

        var fields = new List<string>();
        var field = new StringBuilder();
        var quoted = false;
        while (reader.Read() is >= 0 and var unit)
        {
            var c = (char)unit;
            if (quoted)
            {
                if (c != '"') field.Append(c);
                else if (reader.Peek() == '"') field.Append((char)reader.Read());
                else quoted = false;
            }
            else if (c == '"') quoted = true;
            else if (c == ',') Flush(fields, field);
            else if (c == '\n') break;
            else if (c != '\r') field.Append(c);
        }

        Flush(fields, field);
        return fields;
    }

    private static void Flush(List<string> fields, StringBuilder field)
    {
        fields.Add(field.ToString());
        field.Clear();
    }
}
