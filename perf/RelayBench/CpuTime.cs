using System.Globalization;

namespace EdgeAssist.RelayBench;

/// <summary>What a process costs, as the kernel counts it.</summary>
internal static class CpuTime
{
    /// <summary>Time on a processor of all threads of a process (/proc/PID/task/*/schedstat, first field).</summary>
    public static TimeSpan Of(int processId)
    {
        long nanoseconds = 0;
        foreach (var task in Directory.EnumerateDirectories($"/proc/{processId}/task"))
        {
            try
            {
                nanoseconds += long.Parse(File.ReadAllText(Path.Combine(task, "schedstat")).Split(' ')[0], CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                // The thread ended between the two looks; its time was little or it would still be there.
            }
        }

        return TimeSpan.FromTicks(nanoseconds / 100);
    }

    /// <summary>Resident memory in KiB (/proc/PID/status, VmRSS).</summary>
    public static long ResidentKiB(int processId) => File.ReadLines($"/proc/{processId}/status")
        .Where(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
        .Select(line => long.Parse(line.AsSpan(6).Trim(" \tkB"), CultureInfo.InvariantCulture)).Single();
}
