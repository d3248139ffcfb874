using System.Globalization;
using Google.Protobuf.WellKnownTypes;

namespace EdgeAssist.Host.Demo;

/// <summary>Times and curves as text.</summary>
internal static class Clock
{
    private const string Blocks = "▁▂▃▄▅▆▇█";

    public static string Format(Duration? at) => Format(at?.ToTimeSpan() ?? TimeSpan.Zero);

    /// <summary>Minutes and seconds with a tenth: <c>01:07.4</c>.</summary>
    public static string Format(TimeSpan at) => at.ToString(@"mm\:ss\.f", CultureInfo.InvariantCulture);

    /// <summary>Values 0 to 1 as a row of blocks.</summary>
    public static string Curve(IEnumerable<double> values) =>
        string.Concat(values.Select(value => Blocks[Math.Clamp((int)(value * Blocks.Length), 0, Blocks.Length - 1)]));

    /// <summary>A step series sampled <paramref name="columns"/> times from 0 to <paramref name="length"/>.</summary>
    public static IEnumerable<double> Sample(IReadOnlyList<(TimeSpan At, double Value)> series, TimeSpan length, int columns)
    {
        var next = 0;
        var value = 0.0;
        for (var column = 0; column < columns; column++)
        {
            var until = length * ((column + 1.0) / columns);
            for (; next < series.Count && series[next].At <= until; next++) value = series[next].Value;
            yield return value;
        }
    }
}
