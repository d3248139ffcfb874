using System.Globalization;
using System.Text;
using EdgeAssist.AlertRelay.Csv;

namespace EdgeAssist.AlertRelay.Measures.Store;

/// <summary>A customer's answer about a call.</summary>
internal readonly record struct Answer(string CallId, double Score, DateTimeOffset? AnsweredAt);

/// <summary>A row that was not taken.</summary>
/// <param name="Line">In the file, from 1.</param>
/// <param name="Reason">A stable word.</param>
/// <param name="Sentence">For people.</param>
internal readonly record struct Refusal(int Line, string Reason, string Sentence);

/// <summary>What an import came to.</summary>
internal sealed record SatisfactionOutcome(int Rows, IReadOnlyList<Answer> Taken, int Unchanged, IReadOnlyList<Refusal> Refused)
{
    public IReadOnlyDictionary<string, int> Reasons => Refused.GroupBy(row => row.Reason, StringComparer.Ordinal)
        .OrderBy(reason => reason.Key, StringComparer.Ordinal).ToDictionary(reason => reason.Key, reason => reason.Count(), StringComparer.Ordinal);
}

/// <summary>
/// Reads a CSV file of answers by call id. What is doubtful is refused with its line and the reason, never mended: an empty score is
/// no zero, a call with two different answers has none.
/// </summary>
/// <param name="lowest">The scale's lower end.</param>
/// <param name="highest">The scale's upper end.</param>
/// <param name="now">Answers from behind it are impossible.</param>
/// <param name="callEnd">When a call ended; null for one that is not known.</param>
/// <param name="stored">The answer that is stored; null when there is none.</param>
internal sealed class SatisfactionFile(double lowest, double highest, DateTimeOffset now, Func<string, DateTimeOffset?> callEnd, Func<string, double?> stored)
{
    public const int MaxBytes = 3 * 1024 * 1024;

    private const string CallColumn = "call_id", ScoreColumn = "score", TimeColumn = "answered_at";

    private readonly List<Refusal> _refused = [];

    /// <exception cref="FormatException">The file as a whole cannot be used; the sentence says why.</exception>
    public SatisfactionOutcome Read(ReadOnlySpan<byte> file)
    {
        if (!(lowest < highest) || !double.IsFinite(lowest) || !double.IsFinite(highest)) throw new FormatException($"The scale goes from {lowest} to {highest}. Its lowest end must be below its highest.");
        var table = CsvTable.Parse(Decode(file));
        var columns = Columns(table);
        foreach (var bad in table.Bad) Refuse((int)bad.Line, "bad_row", bad.What);

        var rows = new List<(int Line, Answer Answer)>();
        foreach (var row in table.Rows)
        {
            if (Parse(row, columns) is { } answer) rows.Add((row.Line, answer));
        }

        var (taken, unchanged) = (new List<Answer>(), 0);
        foreach (var ofCall in rows.GroupBy(row => row.Answer.CallId, StringComparer.Ordinal))
        {
            if (Choose([.. ofCall]) is not { } answer) continue;
            if (stored(answer.CallId) is null) taken.Add(answer);
            else unchanged++;
        }

        return new SatisfactionOutcome(table.Rows.Count + table.Bad.Count, taken, unchanged, [.. _refused.OrderBy(row => row.Line)]);
    }

    private static string Decode(ReadOnlySpan<byte> file)
    {
        if (file.Length > MaxBytes) throw new FormatException($"The file has {file.Length} bytes; {MaxBytes} at most. Split it, with the heading in each part.");
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(file);
        }
        catch (DecoderFallbackException broken)
        {
            throw new FormatException($"The file is not UTF-8 (byte {broken.Index}). Save it as UTF-8.", broken);
        }
    }

    private static (int Call, int Score, int Time) Columns(CsvTable table)
    {
        var columns = (Call: table.Column(CallColumn), Score: table.Column(ScoreColumn), Time: table.Column(TimeColumn));
        return columns.Call >= 0 && columns.Score >= 0
            ? columns
            : throw new FormatException($"The first line must name the columns {CallColumn} and {ScoreColumn} (and may name {TimeColumn}); it says «{string.Join(", ", table.Heading)}».");
    }

    private Answer? Parse(TableRow row, (int Call, int Score, int Time) columns)
    {
        var (line, id, text) = (row.Line, Text(columns.Call), Text(columns.Score));
        if (id.Length == 0) return Refuse(line, "bad_row", "The call id is empty.");
        if (text.Length == 0) return Refuse(line, "bad_score", "The score is empty; a missing answer is not a zero.");
        if (!double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var score) || score < lowest || score > highest)
            return Refuse(line, "bad_score", string.Create(CultureInfo.InvariantCulture, $"«{Short(text)}» is no number from {lowest} to {highest}."));
        if (callEnd(id) is not { } ended) return Refuse(line, "unknown_call", $"There is no call {Short(id)} that ended.");

        var time = columns.Time < 0 ? "" : Text(columns.Time);
        if (time.Length == 0) return new Answer(id, score, null);
        if (!DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)) return Refuse(line, "impossible_date", $"«{Short(time)}» is no time; write 2026-01-31T14:05:00Z.");
        if (at > now) return Refuse(line, "impossible_date", $"«{Short(time)}» is in the future.");
        return at < ended ? Refuse(line, "impossible_date", $"«{Short(time)}» is before the call ended.") : new Answer(id, score, at);

        string Text(int column) => row.Fields[column].Text.Trim();
    }

    // One answer a call: the same twice is one, two different ones are none.
    private Answer? Choose(IReadOnlyList<(int Line, Answer Answer)> rows)
    {
        var differs = rows.Any(row => row.Answer.Score != rows[0].Answer.Score);
        if (differs)
        {
            foreach (var row in rows) Refuse(row.Line, "conflict", $"The call has answers that differ, in lines {string.Join(", ", rows.Take(5).Select(each => each.Line))}; none is taken.");
            return null;
        }

        foreach (var row in rows.Skip(1)) Refuse(row.Line, "double_row", $"Line {rows[0].Line} says the same.");
        if (stored(rows[0].Answer.CallId) is { } before && before != rows[0].Answer.Score)
            return Refuse(rows[0].Line, "conflict", string.Create(CultureInfo.InvariantCulture, $"An earlier file says {before} for this call; that one stays."));
        return rows[0].Answer;
    }

    private Answer? Refuse(int line, string reason, string sentence)
    {
        _refused.Add(new Refusal(line, reason, sentence));
        return null;
    }

    private static string Short(string text) => text.Length <= 64 ? text : text[..64] + "…";
}
