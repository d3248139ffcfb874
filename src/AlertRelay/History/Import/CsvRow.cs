using EdgeAssist.AlertRelay.Csv;

namespace EdgeAssist.AlertRelay.History.Import;

/// <summary>The reader's present record as fields by name.</summary>
internal sealed class CsvRow : IRow
{
    private readonly CsvReader _reader;
    private readonly Dictionary<string, int> _columns = new(StringComparer.Ordinal);

    /// <summary>Takes the record that the reader stands at as the header.</summary>
    /// <exception cref="MappingException">The mapping names a column that is not in it, or the header names one twice.</exception>
    public CsvRow(CsvReader reader, ImportMapping mapping, string file)
    {
        _reader = reader;
        for (var i = 0; i < reader.Count; i++)
        {
            var name = reader.Text(i).Trim().TrimStart('\ufeff');
            if (!_columns.TryAdd(name, i)) throw YamlMap.Wrong(file, reader.Place(i), $"the header names \"{name}\" twice");
        }

        if (mapping.Fields.FirstOrDefault(field => !_columns.ContainsKey(field.Field)) is { } missing)
            throw YamlMap.Wrong(mapping.File, missing.Place, $"\"{missing.Field}\" is no column of {file}; its header has {string.Join(", ", _columns.Keys)}");
        Count = reader.Count;
    }

    /// <summary>Columns of the header.</summary>
    public int Count { get; }

    public string Text(FieldRule rule) => _reader.Text(_columns[rule.Field]).Trim();

    public (long Line, int Column) Place(FieldRule rule) => _reader.Place(rule.Field.Length == 0 ? 0 : _columns[rule.Field]);

    public IEnumerable<IRow> Each(string path) => [];
}
