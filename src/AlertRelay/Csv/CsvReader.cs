namespace EdgeAssist.AlertRelay.Csv;

/// <summary>What one reading gave.</summary>
internal enum CsvStep
{
    /// <summary>Nothing more comes.</summary>
    End = 0,

    /// <summary>A record.</summary>
    Record = 1,

    /// <summary>Something that is no record; reading goes on with the line behind its first.</summary>
    Fault = 2,
}

/// <summary>What is wrong with a record, and where.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in characters.</param>
/// <param name="What">A sentence.</param>
internal readonly record struct CsvFault(long Line, int Column, string What);

/// <summary>
/// Records of a CSV file by RFC 4180, with LF or CRLF. What is damaged is told with its place and costs no more than itself: a
/// quote that is never closed, the usual damage, would otherwise swallow the rest of the file and the memory with it. Owns no
/// more than one record.
/// </summary>
/// <param name="text">The file; read from front to back.</param>
/// <param name="delimiter">Between fields.</param>
/// <param name="maxRecord">Characters of the longest record that is read.</param>
/// <param name="undecoded">What is said of a record with U+FFFD, which stands for octets that were not in the text's encoding; null: such records are read as they are.</param>
internal sealed class CsvReader(TextReader text, char delimiter, int maxRecord = CsvReader.DefaultMaxRecord, string? undecoded = null)
{
    public const int DefaultMaxRecord = 64 * 1024;

    private readonly TextWindow _window = new(text, maxRecord);
    private readonly List<Cell> _cells = [];
    private int _length;   // of the record in the window, its line end included

    /// <summary>Fields of the record.</summary>
    public int Count => _cells.Count;

    /// <summary>Line of the record's first character.</summary>
    public long Line => _window.Line;

    public CsvFault Fault { get; private set; }

    /// <summary>The text of a field, quotes taken away.</summary>
    public string Text(int field)
    {
        var cell = _cells[field];
        var written = _window.Span.Slice(cell.Start, cell.Length).ToString();
        return cell.HasQuotes ? written.Replace("\"\"", "\"", StringComparison.Ordinal) : written;
    }

    /// <summary>Where a field begins; behind the last one: where the record ends.</summary>
    public (long Line, int Column) Place(int field) => PlaceAt(field < _cells.Count ? _cells[field].From : RecordEnd());

    public CsvStep Read()
    {
        _window.Advance(_length);
        _length = 0;
        while (true)
        {
            var what = Parse();
            if (what is null)
            {
                if (_window.Fill()) continue;
                if (!_window.IsLast) what = Fail(OpenQuote() ?? 0, OpenQuote() is null ? $"The record is longer than {maxRecord} characters." : $"A quote that is opened here is not closed within {maxRecord} characters.");
                else if (_window.Span.IsEmpty) return CsvStep.End;
                else if (OpenQuote() is { } quote) what = Fail(quote, "A quote that is opened here is never closed.");
                else continue;
            }

            if (what == CsvStep.Fault)
            {
                _window.SkipLine();
                _length = 0;
                return CsvStep.Fault;
            }

            if (!IsBlank) return CsvStep.Record;
            _window.Advance(_length);
            _length = 0;
        }
    }

    private bool IsBlank => _cells is [{ Length: 0, From: var from, Start: var start }] && from == start;

    private int _openQuote = -1;

    private int? OpenQuote() => _openQuote < 0 ? null : _openQuote;

    /// <summary>Takes the window's first record apart; null when its end is not in the window.</summary>
    private CsvStep? Parse()
    {
        var span = _window.Span;
        _cells.Clear();
        _openQuote = -1;
        for (var at = 0; ;)
        {
            var from = at;
            if (at < span.Length && span[at] == '"')
            {
                if (Quoted(span, ref at) is { } cell) _cells.Add(cell);
                else return null;
                if (at == span.Length - 1 && span[at] == '\r' && !_window.IsLast) return null;
                if (at < span.Length && span[at] != delimiter && !IsLineEnd(span[at..])) return FailBehindQuote(from, at);
            }
            else
            {
                var end = span[at..].IndexOfAny(delimiter, '\n', '"');
                if (end >= 0 && span[at + end] == '"') return Fail(at + end, "A quote stands inside a field that does not begin with one.");
                if (end < 0 && !_window.IsLast) return null;
                at = end < 0 ? span.Length : at + end;
                var length = at - from;
                if (length > 0 && span[at - 1] == '\r' && (at == span.Length || span[at] == '\n')) length--;
                _cells.Add(new Cell(from, from, length, HasQuotes: false));
            }

            if (at >= span.Length)
            {
                if (!_window.IsLast || span.IsEmpty) return null;
                _length = span.Length;
                break;
            }

            if (span[at] == delimiter)
            {
                at++;
                continue;
            }

            _length = Math.Min(span.Length, at + (span[at] == '\r' ? 2 : 1));
            break;
        }

        return undecoded is not null && span[.._length].IndexOf('\ufffd') is >= 0 and var bad ? Fail(bad, undecoded) : CsvStep.Record;
    }

    private Cell? Quoted(ReadOnlySpan<char> span, ref int at)
    {
        var (from, start, doubled) = (at, at + 1, false);
        for (at = start; ;)
        {
            var quote = span[at..].IndexOf('"');
            if (quote < 0 || (at + quote + 1 == span.Length && !_window.IsLast))
            {
                _openQuote = from;
                return null;
            }

            at += quote + 1;
            if (at == span.Length || span[at] != '"') return new Cell(from, start, at - 1 - start, doubled);
            doubled = true;
            at++;
        }
    }

    private static bool IsLineEnd(ReadOnlySpan<char> rest) => rest[0] == '\n' || (rest[0] == '\r' && (rest.Length == 1 || rest[1] == '\n'));

    private CsvStep Fail(int at, string what)
    {
        var (line, column) = PlaceAt(at);
        Fault = new CsvFault(line, column, what);
        return CsvStep.Fault;
    }

    // Over several lines the quote at fault is the first: it was never closed, and met the next one in the file.
    private CsvStep FailBehindQuote(int opened, int at) => PlaceAt(opened).Line == PlaceAt(at).Line
        ? Fail(at, "Text follows a closing quote.")
        : Fail(opened, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"A quote that is opened here is not closed where it should be: text follows the next one, on line {PlaceAt(at).Line}."));

    private int RecordEnd() => _window.Span[.._length].TrimEnd("\r\n").Length;

    private (long Line, int Column) PlaceAt(int at)
    {
        var before = _window.Span[..at];
        return (_window.Line + before.Count('\n'), at - before.LastIndexOf('\n'));
    }

    /// <param name="From">Where it begins, its quote included.</param>
    /// <param name="Start">Where its text begins.</param>
    /// <param name="Length">Of its text.</param>
    /// <param name="HasQuotes">Doubled quotes stand in it.</param>
    private readonly record struct Cell(int From, int Start, int Length, bool HasQuotes);
}
