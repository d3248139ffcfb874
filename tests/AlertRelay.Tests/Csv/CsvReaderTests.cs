using System.Text;
using CsCheck;
using EdgeAssist.AlertRelay.Csv;
using nietras.SeparatedValues;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Csv;

public sealed class CsvReaderTests
{
    [Theory]
    [InlineData("a,b\r\n1,2\r\n", "a|b", "1|2")]
    [InlineData("a,b\n1,2", "a|b", "1|2")]
    [InlineData("a,b\n\n\"1\",\"2\"\n", "a|b", "1|2")]
    [InlineData("\"x, \"\"y\"\"\",\"two\nlines\"\n", "x, \"y\"|two\nlines")]
    [InlineData(",\n", "|")]
    [InlineData("a,", "a|")]
    [InlineData("\"\"\n", "")]
    [InlineData("a\r", "a")]
    [InlineData("")]
    public void Records_are_read_by_RFC_4180(string text, params string[] records) => Assert.Equal(records, Records(text).Read);

    [Theory]
    [InlineData("a,b\nx\"y,2\n3,4\n", 2, 2, "A quote stands inside a field that does not begin with one.", "a|b", "3|4")]
    [InlineData("a,b\n1,\"x\"y\n3,4\n", 2, 6, "Text follows a closing quote.", "a|b", "3|4")]
    [InlineData("a,b\n1,\"open\n3,4\n", 2, 3, "A quote that is opened here is never closed.", "a|b", "3|4")]
    public void Damage_is_told_with_its_place_and_costs_its_line(string text, long line, int column, string what, params string[] records)
    {
        var (read, faults) = Records(text);

        Assert.Equal(new CsvFault(line, column, what), faults[0]);
        if (faults.Count == 1) Assert.Equal(records, read);
        Assert.Equal("3|4", read[^1]);
    }

    [Fact]
    public void A_quote_that_is_never_closed_takes_no_more_memory_than_a_record_may()
    {
        var text = new Endless("a,b\n1,\"open\n", "2,3\n", 2_000_000);

        var (read, faults) = Records(text);

        Assert.Equal(new CsvFault(2, 3, "A quote that is opened here is not closed within 65536 characters."), Assert.Single(faults));
        Assert.Equal(2_000_001, read.Count);
    }

    [Theory]
    [InlineData("Not in the encoding.", true)]
    [InlineData(null, false)]
    public void Octets_of_another_encoding_are_a_fault_where_the_caller_says_so(string? undecoded, bool isFault)
    {
        var reader = new CsvReader(new StringReader("a,b\ufffd\n"), ',', undecoded: undecoded);

        Assert.Equal(isFault ? CsvStep.Fault : CsvStep.Record, reader.Read());
        Assert.Equal(isFault ? new CsvFault(1, 4, "Not in the encoding.") : default, reader.Fault);
    }

    [Fact]
    public void A_record_that_is_too_long_is_told_and_skipped()
    {
        var (read, faults) = Records(new StringReader("a\n" + new string('x', 200_000) + "\nb\n"));

        Assert.Equal(["a", "b"], read);
        Assert.Equal(new CsvFault(2, 1, "The record is longer than 65536 characters."), Assert.Single(faults));
    }

    [Fact] // another implementation as the measure: what it reads, we read
    public void What_is_written_by_the_rules_is_read_as_another_library_reads_it() => Gen.Select(Gen.String[Gen.Char["ab,\"\n\r ;é"], 0, 12].Array[1, 5].Array[1, 8], Gen.Bool, Gen.Int[1, 9]).Sample((rows, crlf, piece) =>
    {
        var width = rows[0].Length;
        var even = rows.Select(row => row.Concat(Enumerable.Repeat("", width)).Take(width).ToArray()).Where(row => width > 1 || row[0].Length > 0).ToList();
        var text = string.Concat(even.Select(row => string.Join(',', row.Select(field => $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"")) + (crlf ? "\r\n" : "\n")));

        var (read, faults) = Records(new Pieces(text, piece));

        using var sep = Sep.New(',').Reader(options => options with { HasHeader = false, Unescape = true }).FromText(text);
        var measure = new List<string>();
        foreach (var row in sep)
        {
            var fields = new List<string>();
            for (var column = 0; column < row.ColCount; column++) fields.Add(row[column].ToString());
            measure.Add(string.Join('|', fields));
        }

        return faults.Count == 0 && read.SequenceEqual(measure) && read.SequenceEqual(even.Select(row => string.Join('|', row)));
    }, iter: 2000);

    [Fact]
    public void Any_text_ends_and_each_of_its_lines_is_read_or_told() => Gen.Select(Gen.String[Gen.Char["a,\"\n\r"], 0, 60], Gen.Int[1, 9]).Sample((text, piece) =>
    {
        var whole = Records(text);
        var pieces = Records(new Pieces(text, piece));

        return whole.Read.SequenceEqual(pieces.Read) && whole.Faults.SequenceEqual(pieces.Faults)
            && whole.Read.Count + whole.Faults.Count <= text.Count(letter => letter == '\n') + 1;
    }, iter: 5000);

    private static (List<string> Read, List<CsvFault> Faults) Records(string text) => Records(new StringReader(text));

    private static (List<string> Read, List<CsvFault> Faults) Records(TextReader text)
    {
        var reader = new CsvReader(text, ',');
        var (read, faults) = (new List<string>(), new List<CsvFault>());
        for (var step = reader.Read(); step != CsvStep.End; step = reader.Read())
        {
            if (step == CsvStep.Fault) faults.Add(reader.Fault);
            else read.Add(string.Join('|', Enumerable.Range(0, reader.Count).Select(reader.Text)));
        }

        return (read, faults);
    }

    /// <summary>A text that comes a few characters at a time.</summary>
    private sealed class Pieces(string text, int size) : TextReader
    {
        private int _at;

        public override int Read(char[] buffer, int index, int count)
        {
            var length = Math.Min(Math.Min(size, count), text.Length - _at);
            text.CopyTo(_at, buffer, index, length);
            _at += length;
            return length;
        }
    }

    /// <summary>A text that is never in memory as a whole.</summary>
    private sealed class Endless(string head, string line, int lines) : TextReader
    {
        private readonly StringBuilder _rest = new(head);
        private int _left = lines;

        public override int Read(char[] buffer, int index, int count)
        {
            while (_rest.Length < count && _left-- > 0) _rest.Append(line);
            var length = Math.Min(count, _rest.Length);
            _rest.CopyTo(0, buffer, index, length);
            _rest.Remove(0, length);
            return length;
        }
    }
}
