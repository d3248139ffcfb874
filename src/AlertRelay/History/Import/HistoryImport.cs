using EdgeAssist.AlertRelay.Csv;
using EdgeAssist.AlertRelay.History.Store;

namespace EdgeAssist.AlertRelay.History.Import;

/// <summary>What an import came to.</summary>
public sealed record ImportReport
{
    /// <summary>Rows read, the header not counted.</summary>
    public long Rows { get; init; }

    /// <summary>Rows that were not taken; each was told.</summary>
    public long BadRows { get; init; }

    public long Added { get; init; }

    public long Changed { get; init; }

    public long Unchanged { get; init; }

    /// <summary>Rows whose source had told something later before.</summary>
    public long Older { get; init; }
}

/// <summary>One row that was not taken.</summary>
/// <param name="File">The file's name.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
/// <param name="What">Why, as a sentence.</param>
public sealed record ImportFault(string File, long Line, int Column, string What)
{
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}: {What}");
}

/// <summary>
/// Reads a file of rows into the store, a few thousand rows a transaction: the memory it takes does not grow with the file. What
/// is read again and has not changed changes nothing.
/// </summary>
/// <param name="mapping">What rows look like.</param>
/// <param name="store">Takes them; null only checks.</param>
/// <param name="region">Country of numbers that neither they nor the mapping tell.</param>
/// <param name="asOf">Up to when the source is told.</param>
internal sealed class HistoryImport(ImportMapping mapping, HistoryStore? store, string region, DateTimeOffset asOf)
{
    private const int RowsAtOnce = 4096, MaxLine = 1024 * 1024;

    private readonly RowMapper _mapper = new(mapping, region, asOf);
    private readonly long[] _outcomes = new long[(int)PutOutcome.Older + 1];
    private long _rows;
    private long _bad;

    /// <param name="path">The file.</param>
    /// <param name="told">Is told every row that is not taken.</param>
    /// <param name="progress">Is told how many rows were read, now and then.</param>
    /// <exception cref="MappingException">The mapping does not fit the file.</exception>
    /// <exception cref="HistoryException">The store does not take it; what earlier transactions took stays.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public ImportReport Run(string path, Action<ImportFault> told, Action<long>? progress, CancellationToken cancellationToken)
    {
        var name = Path.GetFileName(path);
        using var text = new StreamReader(path, mapping.Encoding, detectEncodingFromByteOrderMarks: true, bufferSize: 64 * 1024);
        var rows = (mapping.Format == RowFormat.Csv ? CsvRows(text, name, told) : JsonRows(text, name, told)).GetEnumerator();
        using (rows)
        {
            for (var more = true; more;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                more = store is null ? Check(rows) : store.Write(batch => Put(batch, rows));
                progress?.Invoke(_rows);
            }
        }

        return new ImportReport
        {
            Rows = _rows, BadRows = _bad,
            Added = _outcomes[(int)PutOutcome.Added], Changed = _outcomes[(int)PutOutcome.Changed],
            Unchanged = _outcomes[(int)PutOutcome.Unchanged], Older = _outcomes[(int)PutOutcome.Older],
        };
    }

    // False when the file is read to its end. Only then is the source told up to its moment.
    private bool Put(HistoryBatch batch, IEnumerator<MappedRow> rows)
    {
        var source = batch.Source(mapping.Source);
        for (var row = 0; row < RowsAtOnce; row++)
        {
            if (!rows.MoveNext())
            {
                batch.Fresh(source, asOf);
                return false;
            }

            _outcomes[(int)Put(batch, source, rows.Current)]++;
        }

        return true;
    }

    // A row counts once: as what changed most in it.
    private static PutOutcome Put(HistoryBatch batch, long source, MappedRow row)
    {
        var outcome = batch.Put(source, row.Customer!);
        if (row.Interactions.IsEmpty) return outcome;
        var (changed, same) = (outcome is PutOutcome.Added or PutOutcome.Changed, PutOutcome.Added);
        foreach (var interaction in row.Interactions) same = Max(same, batch.Put(interaction));
        return same is PutOutcome.Unchanged && changed ? PutOutcome.Changed : same;
    }

    private static PutOutcome Max(PutOutcome one, PutOutcome other) => (PutOutcome)Math.Max((int)one, (int)other);

    private static bool Check(IEnumerator<MappedRow> rows)
    {
        for (var row = 0; row < RowsAtOnce; row++)
            if (!rows.MoveNext()) return false;
        return true;
    }

    private IEnumerable<MappedRow> CsvRows(StreamReader text, string file, Action<ImportFault> told)
    {
        var reader = new CsvReader(text, mapping.Delimiter, undecoded: "The text is not in the encoding that the mapping names.");
        switch (reader.Read())
        {
            case CsvStep.End: throw new MappingException($"{file}:1:1: the file is empty; a header with the names of its columns is expected.");
            case CsvStep.Fault: throw YamlMap.Wrong(file, (reader.Fault.Line, reader.Fault.Column), "the header cannot be read: " + reader.Fault.What.TrimEnd('.'));
        }

        var row = new CsvRow(reader, mapping, file);
        for (var step = reader.Read(); step != CsvStep.End; step = reader.Read())
        {
            _rows++;
            if (step == CsvStep.Fault)
            {
                Refuse(told, new ImportFault(file, reader.Fault.Line, reader.Fault.Column, reader.Fault.What));
                continue;
            }

            if (reader.Count != row.Count)
            {
                var (line, column) = reader.Place(Math.Min(reader.Count, row.Count));
                Refuse(told, new ImportFault(file, line, column, $"The row has {reader.Count} fields, the header {row.Count}."));
                continue;
            }

            if (Map(row, file, told) is { } mapped) yield return mapped;
        }
    }

    private IEnumerable<MappedRow> JsonRows(StreamReader text, string file, Action<ImportFault> told)
    {
        var window = new TextWindow(text, mapping.Format == RowFormat.Json ? 16 * MaxLine : MaxLine);
        while (NextDocument(window, out var line, out var document))
        {
            if (document is null)
            {
                _rows++;
                Refuse(told, new ImportFault(file, line, 1, $"The line is longer than {MaxLine} characters."));
                continue;
            }

            if (string.IsNullOrWhiteSpace(document)) continue;
            _rows++;
            using var parsed = JsonRow.Parse(document, line, out var row, out var fault);
            if (row is null) Refuse(told, new ImportFault(file, fault.Line, fault.Column, fault.What));
            else if (Map(row, file, told) is { } mapped) yield return mapped;
        }
    }

    /// <summary>The next line, or all of the file; null when it is too long.</summary>
    private bool NextDocument(TextWindow window, out long line, out string? document)
    {
        line = window.Line;
        document = null;
        while (mapping.Format == RowFormat.Json || window.Span.IndexOf('\n') < 0)
        {
            if (window.Fill()) continue;
            if (window.IsLast) break;
            window.SkipLine();
            return true;
        }

        if (window.Span.IsEmpty) return false;
        var end = mapping.Format == RowFormat.Json ? -1 : window.Span.IndexOf('\n');
        document = (end < 0 ? window.Span : window.Span[..end]).ToString();
        window.Advance(end < 0 ? window.Span.Length : end + 1);
        return true;
    }

    private MappedRow? Map(IRow row, string file, Action<ImportFault> told)
    {
        var mapped = _mapper.Map(row);
        if (mapped.Faults.IsEmpty) return mapped;
        Refuse(told, [.. mapped.Faults.Select(fault => new ImportFault(file, fault.Line, fault.Column, fault.What))]);
        return null;
    }

    private void Refuse(Action<ImportFault> told, params ReadOnlySpan<ImportFault> faults)
    {
        _bad++;
        foreach (var fault in faults) told(fault);
    }
}
