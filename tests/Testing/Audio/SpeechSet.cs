namespace EdgeAssist.Testing.Audio;

/// <summary>One recording with what was said.</summary>
public sealed record SpokenClip(string Path, string Text, double Seconds)
{
    public Clip Load() => Clip.ReadFlac(Path);
}

/// <summary>A set of recordings with transcripts, as they lie in the shared data folder.</summary>
public static class SpeechSet
{
    /// <param name="folder">For example <c>asterisk-prompts</c>.</param>
    /// <returns>The rows in file order, or null when the set is not here.</returns>
    public static IReadOnlyList<SpokenClip>? Load(string folder)
    {
        if (SharedFolder.Find($"data/{folder}/transcripts.csv") is not { } csv) return null;

        var rows = File.ReadLines(csv).Select(Fields).ToList();
        var (file, text, seconds) = (rows[0].IndexOf("file"), rows[0].IndexOf("text"), rows[0].IndexOf("seconds"));
        var root = Path.GetDirectoryName(csv)!;
        return [.. rows.Skip(1).Select(row => new SpokenClip(Path.Combine(root, row[file]), row[text],
            double.Parse(row[seconds], System.Globalization.CultureInfo.InvariantCulture)))];
    }

    // RFC 4180, one row a line: the sets hold no line breaks in fields.
    private static List<string> Fields(string line)
    {
        var fields = new List<string>();
        var field = new System.Text.StringBuilder();
        var quoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '"' && quoted && i + 1 < line.Length && line[i + 1] == '"') field.Append(line[i++]);
            else if (line[i] == '"') quoted = !quoted;
            else if (line[i] == ',' && !quoted) { fields.Add(field.ToString()); field.Clear(); }
            else field.Append(line[i]);
        }

        fields.Add(field.ToString());
        return fields;
    }
}
