using System.Globalization;
using System.Text;

namespace EdgeAssist.AlertRelay.Measures.Reports;

/// <summary>Writes markup: every text is escaped, every number is of the invariant culture.</summary>
internal sealed class Html
{
    private readonly StringBuilder _text = new();

    /// <summary>Markup as it is.</summary>
    public Html Raw(string markup)
    {
        _text.Append(markup);
        return this;
    }

    /// <summary>Text, escaped.</summary>
    public Html Text(string text)
    {
        foreach (var letter in text)
        {
            switch (letter)
            {
                case '&': _text.Append("&amp;"); break;
                case '<': _text.Append("&lt;"); break;
                case '>': _text.Append("&gt;"); break;
                case '"': _text.Append("&quot;"); break;
                default: _text.Append(letter); break;
            }
        }

        return this;
    }

    /// <summary>An element with a text.</summary>
    public Html Element(string name, string text, string attributes = "") =>
        Raw($"<{name}{(attributes.Length == 0 ? "" : " " + attributes)}>").Text(text).Raw($"</{name}>");

    /// <summary>A line of a table; the first cell is its heading.</summary>
    public Html Row(params ReadOnlySpan<string> cells)
    {
        Raw("<tr>").Element("th", cells[0], "scope=\"row\"");
        foreach (var cell in cells[1..]) Element("td", cell, IsNumber(cell) ? "class=\"n\"" : "");
        return Raw("</tr>\n");
    }

    public Html Heading(params ReadOnlySpan<string> cells)
    {
        Raw("<thead><tr>");
        foreach (var cell in cells) Element("th", cell, "scope=\"col\"");
        return Raw("</tr></thead>\n");
    }

    /// <summary>A coordinate with two digits.</summary>
    public static string At(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    public override string ToString() => _text.ToString();

    private static bool IsNumber(string cell) => cell.Length > 0 && (char.IsAsciiDigit(cell[0]) || cell[0] is '−' or '+' or '–');
}
