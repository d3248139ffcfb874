using System.Text;
using EdgeAssist.Training.Data;

namespace EdgeAssist.Training.Authored;

/// <summary>
/// A phrase grammar: text with <c>(one|of|these)</c> and <c>{slots}</c>, expanded by a seeded draw. Nested to any depth a
/// person would write.
/// </summary>
internal sealed class Grammar
{
    private readonly Dictionary<string, string> _slots = new(StringComparer.Ordinal);

    /// <summary>Reads <c>name = alternatives</c> lines; <c>#</c> begins a comment line.</summary>
    public static Grammar FromLines(IEnumerable<string> lines)
    {
        var grammar = new Grammar();
        foreach (var line in lines.Where(l => l.Length > 0 && l[0] != '#'))
        {
            var (name, body) = Cut(line, '=');
            grammar._slots.Add(name, $"({body})");
        }

        return grammar;
    }

    /// <summary>The built-in slots.</summary>
    public static Grammar BuiltIn() => FromLines(Resource("slots.txt"));

    /// <summary>The lines of an embedded text of this folder.</summary>
    public static IEnumerable<string> Resource(string name)
    {
        using var stream = typeof(Grammar).Assembly.GetManifestResourceStream($"EdgeAssist.Training.Authored.{name}")
            ?? throw new InvalidOperationException($"The text {name} is not part of the build.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line) yield return line;
    }

    /// <summary>One expansion, words parted by single spaces.</summary>
    /// <exception cref="FormatException">A slot is not defined or a bracket is not closed; the message shows the template.</exception>
    public string Expand(string template, Seeded random)
    {
        var text = new StringBuilder();
        Expand(template, text, random, depth: 0);
        return string.Join(' ', text.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    internal static (string Left, string Right) Cut(string line, char separator)
    {
        var at = line.IndexOf(separator, StringComparison.Ordinal);
        return at < 0 ? throw new FormatException($"«{separator}» is missing in: {line}") : (line[..at].Trim(), line[(at + 1)..].Trim());
    }

    private void Expand(string template, StringBuilder text, Seeded random, int depth)
    {
        if (depth > 16) throw new FormatException($"The slots go round in a circle in: {template}");

        for (var i = 0; i < template.Length; i++)
        {
            if (template[i] == '(')
            {
                var end = Close(template, i);
                var options = SplitTop(template[(i + 1)..end]);
                Expand(options[random.Next(options.Count)], text, random, depth + 1);
                i = end;
            }
            else if (template[i] == '{')
            {
                var end = template.IndexOf('}', i);
                var name = template[(i + 1)..end];
                if (!_slots.TryGetValue(name, out var body)) throw new FormatException($"The slot {name} is not defined, in: {template}");
                Expand(body, text, random, depth + 1);
                i = end;
            }
            else text.Append(template[i]);
        }
    }

    private static int Close(string template, int open)
    {
        var depth = 0;
        for (var i = open; i < template.Length; i++)
        {
            if (template[i] == '(') depth++;
            else if (template[i] == ')' && --depth == 0) return i;
        }

        throw new FormatException($"A bracket is not closed in: {template}");
    }

    private static List<string> SplitTop(string body)
    {
        var options = new List<string>();
        var (depth, start) = (0, 0);
        for (var i = 0; i < body.Length; i++)
        {
            if (body[i] == '(') depth++;
            else if (body[i] == ')') depth--;
            else if (body[i] == '|' && depth == 0)
            {
                options.Add(body[start..i].Trim());
                start = i + 1;
            }
        }

        options.Add(body[start..].Trim());
        return options;
    }
}
