using System.Globalization;
using EdgeAssist.AlertRelay.Measures.Statistics;

namespace EdgeAssist.AlertRelay.Measures.Reports;

/// <summary>Numbers as people read them, the same in every locale.</summary>
internal static class Formats
{
    /// <summary>A value in its unit, for example <c>214 s</c> or <c>12.3 %</c>.</summary>
    public static string Value(MeasureDefinition measure, double value) => double.IsNaN(value) ? "–" : measure.Unit switch
    {
        "%" => Number(100 * value, 1) + " %",
        "s" => Number(value, value is > -100 and < 100 ? 1 : 0) + " s",
        "points" => Number(value, 2),
        _ => Number(value, 2) + " " + measure.Unit,
    };

    /// <summary>A change in its unit with its sign: shares change by percentage points.</summary>
    public static string Change(MeasureDefinition measure, double value) => double.IsNaN(value) ? "–" : Signed(measure, value) + measure.Unit switch
    {
        "%" => " pp",
        "s" => " s",
        "points" => "",
        _ => " " + measure.Unit,
    };

    /// <summary><c>−30.1 to −12.0</c>.</summary>
    public static string Interval(MeasureDefinition measure, Estimate estimate) => $"{Signed(measure, estimate.Low)} to {Signed(measure, estimate.High)}";

    /// <summary>A level's interval, without signs.</summary>
    public static string LevelInterval(MeasureDefinition measure, Estimate estimate) => $"{Plain(measure, estimate.Low)} to {Plain(measure, estimate.High)}";

    /// <summary>Without a sign and without the unit.</summary>
    public static string Plain(MeasureDefinition measure, double value) => Number(Scale(measure, value), Digits(measure));

    public static string Count(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    public static string Percent(double share) => double.IsNaN(share) ? "–" : Number(100 * share, share is > 0 and < 0.1 or > 0.99 and < 1 ? 1 : 0) + " %";

    public static string Number(double value, int digits)
    {
        var text = value.ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        if (text.StartsWith('-') && text.All(letter => letter is '-' or '0' or '.')) text = text[1..];
        return text.Replace('-', '−');
    }

    private static string Signed(MeasureDefinition measure, double value)
    {
        var text = Number(Scale(measure, value), Digits(measure));
        return text.StartsWith('−') || text.All(letter => letter is '0' or '.') ? text : "+" + text;
    }

    private static double Scale(MeasureDefinition measure, double value) => measure.Unit == "%" ? 100 * value : value;

    private static int Digits(MeasureDefinition measure) => measure.Unit is "%" or "s" ? 1 : 2;
}
