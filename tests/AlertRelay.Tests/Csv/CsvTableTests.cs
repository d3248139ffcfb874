using CsCheck;
using EdgeAssist.AlertRelay.Csv;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Csv;

public sealed class CsvTableTests
{
    [Fact]
    public void Any_text_gives_rows_and_bad_rows_and_never_an_exception() => Gen.String[Gen.Char[" ,;\t\"\r\nab1é"], 0, 200].Sample(text =>
    {
        var table = CsvTable.Parse(text);

        var lines = text.Split(['\r', '\n']).Length;   // at most: a line may end with both
        Assert.All(table.Rows, row => Assert.Equal(table.Heading.Count, row.Fields.Count));
        Assert.All(table.Rows, row => Assert.InRange(row.Line, 1, lines));
        Assert.All(table.Bad, bad => Assert.InRange(bad.Line, 1, lines));
    });

    [Fact]
    public void What_was_quoted_comes_back_as_it_was() => Gen.String[Gen.Char[" ,;\"\r\nab"], 0, 12].Array[1, 4].Array[1, 5].Where(rows => rows.All(row => row.Length == rows[0].Length)).Sample(rows =>
    {
        string Line(IEnumerable<string> fields) => string.Join(',', fields.Select(field => "\"" + field.Replace("\"", "\"\"", StringComparison.Ordinal) + "\""));
        var text = Line(rows[0].Select((_, i) => $"c{i}")) + "\n" + string.Concat(rows.Select(row => Line(row) + "\n"));

        var table = CsvTable.Parse(text);

        Assert.Empty(table.Bad);
        Assert.Equal(rows.Where(row => row.Length > 1 || row[0].Length > 0), table.Rows.Select(row => row.Fields.Select(field => field.Text).ToArray()));
    }, iter: 300);

    [Fact]
    public void A_row_of_another_length_and_a_quote_without_end_are_named_by_line_and_column()
    {
        var table = CsvTable.Parse("a;b\r\n1;2\r\n3\r\n\"x\ny\";4\r\n5;\"open\r\n6;7\r\n");

        Assert.Equal([(3, 1), (6, 3)], table.Bad.Select(bad => (bad.Line, bad.Column)));
        Assert.Equal("A quote that is opened here is never closed.", table.Bad[1].What);
        Assert.Equal(["1", "x\ny", "6"], table.Rows.Select(row => row.Fields[0].Text));   // the quote costs its line, not the rest of the file
        Assert.Equal(4, table.Rows[1].Line);
    }

    [Fact]
    public void Line_ends_of_an_old_Macintosh_are_read()
    {
        var table = CsvTable.Parse("a\tb\r1\t\"x\"\r2\r");

        Assert.Equal(["1", "x"], Assert.Single(table.Rows).Fields.Select(field => field.Text));
        Assert.Equal(new CsvFault(3, 1, "The row has 1 fields, the heading 2."), Assert.Single(table.Bad));
    }

    [Fact]
    public void Behind_a_damaged_heading_no_row_is_taken_for_it()
    {
        var table = CsvTable.Parse("a,b\"c\n1,2\n3,4\n");

        Assert.Empty(table.Heading);
        Assert.Empty(table.Rows);
        Assert.Equal((1, 4), (Assert.Single(table.Bad).Line, table.Bad[0].Column));
    }
}
