using System.Globalization;
using System.Runtime.InteropServices;

namespace EdgeAssist.RelayLoad;

/// <summary>How figures are told.</summary>
internal static class Figures
{
    public static string Machine
    {
        get
        {
            var model = File.Exists("/proc/cpuinfo")
                ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim()
                : null;
            return $"{Environment.ProcessorCount} cores of {model ?? RuntimeInformation.ProcessArchitecture.ToString()}, {RuntimeInformation.FrameworkDescription}";
        }
    }

    /// <summary>Median, 99th percentile and maximum, in milliseconds.</summary>
    public static string Of(List<double> milliseconds)
    {
        if (milliseconds.Count == 0) return "no samples";
        milliseconds.Sort();
        return Text($"p50 {At(milliseconds, 0.5):0.00} ms, p99 {At(milliseconds, 0.99):0.00} ms, max {milliseconds[^1]:0.00} ms, {milliseconds.Count} samples");
    }

    public static double At(List<double> sorted, double share) => sorted[(int)(share * (sorted.Count - 1))];

    public static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    public static void Tell(string line) => Console.WriteLine(line);
}
