using System.Globalization;

namespace EdgeAssist.AlertRelay.Baseline;

/// <summary>A time in words.</summary>
internal static class Period
{
    public static string Text(DateTimeOffset since, DateTimeOffset until) =>
        string.Create(CultureInfo.InvariantCulture, $"calls that ended from {since.UtcDateTime:yyyy-MM-dd HH:mm} to {until.UtcDateTime:yyyy-MM-dd HH:mm} UTC");
}
