using System.Globalization;
using System.Text;
using System.Text.Json;

namespace EdgeAssist.AlertRelay.Readiness;

/// <summary>How an item came out, better first.</summary>
public enum ReadinessVerdict
{
    Pass = 0,

    /// <summary>It works, and something will be missing or coarse.</summary>
    Warn = 1,

    /// <summary>What is planned rests on it and cannot be had.</summary>
    Fail = 2,
}

/// <summary>One thing that was looked at.</summary>
/// <param name="Id">Stable word, for example <c>channels</c>.</param>
/// <param name="Verdict">How it came out.</param>
/// <param name="Finding">What was found, in numbers.</param>
/// <param name="Fix">What to do about it; empty when it passed.</param>
public sealed record ReadinessItem(string Id, ReadinessVerdict Verdict, string Finding, string Fix = "");

/// <summary>Everything that was looked at.</summary>
/// <param name="Source">At what.</param>
/// <param name="Items">In a fixed order.</param>
public sealed record ReadinessReport(string Source, IReadOnlyList<ReadinessItem> Items)
{
    private const int Width = 110, Indent = 30;

    public ReadinessVerdict Worst => Items.Count == 0 ? ReadinessVerdict.Pass : Items.Max(item => item.Verdict);

    /// <summary>0 when all passed, 3 when the worst is a warning, 1 when something failed.</summary>
    public int ExitCode => Worst switch { ReadinessVerdict.Pass => 0, ReadinessVerdict.Warn => 3, _ => 1 };

    public static ReadinessReport Of(ReadinessFacts facts, ReadinessPlan plan) => new(facts.Source, [.. ReadinessChecks.All(facts, plan)]);

    /// <summary>A table for the terminal.</summary>
    public string ToText()
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"readiness of {Source}\n\n");
        foreach (var item in Items)
        {
            var mark = item.Verdict switch { ReadinessVerdict.Pass => "pass", ReadinessVerdict.Warn => "warn", _ => "FAIL" };
            text.Append(CultureInfo.InvariantCulture, $"  {mark}  {item.Id,-22}  ");
            Wrap(text, item.Finding);
            if (item.Fix.Length == 0) continue;
            text.Append(' ', Indent).Append("→ ");
            Wrap(text, item.Fix);
        }

        return text.Append(CultureInfo.InvariantCulture,
            $"\n{Count(ReadinessVerdict.Pass)} passed, {Count(ReadinessVerdict.Warn)} warnings, {Count(ReadinessVerdict.Fail)} failed\n").ToString();
    }

    public string ToJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("source", Source);
            json.WriteString("worst", Word(Worst));
            json.WriteStartArray("items");
            foreach (var item in Items)
            {
                json.WriteStartObject();
                json.WriteString("id", item.Id);
                json.WriteString("verdict", Word(item.Verdict));
                json.WriteString("finding", item.Finding);
                json.WriteString("fix", item.Fix);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray()) + "\n";
    }

    private static string Word(ReadinessVerdict verdict) => verdict switch { ReadinessVerdict.Pass => "pass", ReadinessVerdict.Warn => "warn", _ => "fail" };

    private int Count(ReadinessVerdict verdict) => Items.Count(item => item.Verdict == verdict);

    private static void Wrap(StringBuilder text, string sentence)
    {
        var column = Indent;
        foreach (var word in sentence.Split(' '))
        {
            if (column + word.Length > Width && column > Indent)
            {
                text.Append('\n').Append(' ', Indent);
                column = Indent;
            }

            text.Append(word).Append(' ');
            column += word.Length + 1;
        }

        text.Length--;
        text.Append('\n');
    }
}
