using System.Text;
using System.Text.Json;

namespace EdgeAssist.AlertRelay.History.Import;

/// <summary>A JSON object as fields by path: names with dots between them, an index in brackets (<c>a.b[0].c</c>).</summary>
/// <param name="element">The object.</param>
/// <param name="text">The whole document, for places.</param>
/// <param name="line">Its first line in the file.</param>
internal sealed class JsonRow(JsonElement element, string text, long line) : IRow
{
    private const int MaxDepth = 32;

    /// <summary>Reads a document.</summary>
    /// <param name="text">The document.</param>
    /// <param name="line">Its first line in the file.</param>
    /// <param name="row">The row.</param>
    /// <param name="fault">What is wrong and where.</param>
    public static JsonDocument? Parse(string text, long line, out JsonRow? row, out RowFault fault)
    {
        (row, fault) = (null, default);
        try
        {
            var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = MaxDepth });
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                row = new JsonRow(document.RootElement, text, line);
                return document;
            }

            document.Dispose();
            fault = new RowFault(line, 1, "A JSON object is expected.");
        }
        catch (JsonException bad)
        {
            var column = Characters(text, bad.LineNumber ?? 0, bad.BytePositionInLine ?? 0);
            fault = new RowFault(line + (bad.LineNumber ?? 0), column, "This is no JSON: " + bad.Message.Split(". Path:")[0].Split(" LineNumber:")[0].TrimEnd('.') + ".");
        }

        return null;
    }

    public string Text(FieldRule rule) => Find(element, rule.Field) is { } found ? found.ValueKind switch
    {
        JsonValueKind.String => found.GetString()!.Trim(),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => found.GetRawText(),
        _ => "",
    }
    : "";

    // Only a faulty row asks: the name is looked for in the text of this object.
    public (long Line, int Column) Place(FieldRule rule)
    {
        var from = Math.Max(0, text.IndexOf(element.GetRawText(), StringComparison.Ordinal));
        var name = rule.Field.Split('.')[^1].Split('[')[0];
        var at = name.Length == 0 ? -1 : text.IndexOf(JsonSerializer.Serialize(name), from, StringComparison.Ordinal);
        if (at < 0) at = from;
        var before = text.AsSpan(0, at);
        return (line + before.Count('\n'), at - before.LastIndexOf('\n'));
    }

    public IEnumerable<IRow> Each(string path) => Find(element, path) is { ValueKind: JsonValueKind.Array } list
        ? list.EnumerateArray().Where(each => each.ValueKind == JsonValueKind.Object).Select(each => new JsonRow(each, text, line))
        : [];

    private static JsonElement? Find(JsonElement from, string path)
    {
        var here = from;
        foreach (var step in path.Split('.'))
        {
            var bracket = step.IndexOf('[', StringComparison.Ordinal);
            var name = bracket < 0 ? step : step[..bracket];
            if (name.Length > 0 && (here.ValueKind != JsonValueKind.Object || !here.TryGetProperty(name, out here))) return null;
            if (bracket < 0) continue;
            foreach (var index in step[bracket..].Split(['[', ']'], StringSplitOptions.RemoveEmptyEntries))
            {
                if (here.ValueKind != JsonValueKind.Array || !int.TryParse(index, out var at) || at < 0 || at >= here.GetArrayLength()) return null;
                here = here[at];
            }
        }

        return here;
    }

    // The parser counts bytes of UTF-8.
    private static int Characters(string text, long line, long bytes)
    {
        var lines = text.Split('\n');
        var utf8 = Encoding.UTF8.GetBytes(line < lines.Length ? lines[line] : "");
        return Encoding.UTF8.GetCharCount(utf8, 0, (int)Math.Min(bytes, utf8.Length)) + 1;
    }
}
