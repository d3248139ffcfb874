namespace EdgeAssist.AlertRelay.Assist.Playbooks;

/// <summary>What somebody may have meant.</summary>
internal static class Nearest
{
    private const int MostWrong = 3;

    /// <summary>«Did you mean x?», or all there are when nothing comes near.</summary>
    public static string Instead(string written, IReadOnlyList<string> known)
    {
        var nearest = known.Select(word => (Word: word, Wrong: Distance(written, word))).OrderBy(pair => pair.Wrong).ThenBy(pair => pair.Word, StringComparer.Ordinal).First();
        return nearest.Wrong <= MostWrong ? $"Write {nearest.Word}?" : $"Write one of: {string.Join(", ", known)}.";
    }

    /// <summary>Letters to insert, remove or replace (Levenshtein 1966).</summary>
    private static int Distance(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[to.Length];
    }
}
