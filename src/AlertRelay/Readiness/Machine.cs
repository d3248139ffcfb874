using System.Diagnostics;
using System.Runtime.InteropServices;

namespace EdgeAssist.AlertRelay.Readiness;

/// <summary>What the kernel says of its wall clock.</summary>
/// <param name="IsKnown">The kernel can be asked (Linux).</param>
/// <param name="Synchronised">A daemon disciplines it.</param>
/// <param name="Offset">What the daemon still has to correct.</param>
/// <param name="MaxError">The kernel's bound on its error.</param>
public readonly partial record struct ClockReading(bool IsKnown, bool Synchronised, TimeSpan Offset, TimeSpan MaxError)
{
    private const int TimeError = 5;          // adjtimex(2): clock not synchronised
    private const int StatusNano = 0x2000;    // offset is in nanoseconds

    public static ClockReading Now()
    {
        if (!OperatingSystem.IsLinux() || IntPtr.Size != 8) return default;

        Span<byte> timex = stackalloc byte[256];     // struct timex is 208 octets on 64-bit Linux; modes = 0 only reads
        timex.Clear();
        var state = AdjTimeX(ref MemoryMarshal.GetReference(timex));
        var (offset, maxError, status) = (MemoryMarshal.Read<long>(timex[8..]), MemoryMarshal.Read<long>(timex[24..]), MemoryMarshal.Read<int>(timex[40..]));
        var inTicks = (status & StatusNano) != 0 ? offset / 100 : offset * TimeSpan.TicksPerMicrosecond;
        return new ClockReading(true, state is >= 0 and not TimeError, TimeSpan.FromTicks(inTicks), TimeSpan.FromTicks(Math.Min(maxError, long.MaxValue / 100) * TimeSpan.TicksPerMicrosecond));
    }

    [LibraryImport("libc", EntryPoint = "adjtimex")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int AdjTimeX(ref byte timex);
}

/// <summary>The disk under the data directory.</summary>
/// <param name="FreeBytes">For this user.</param>
/// <param name="SyncP50">Time of an fsync of 4 KiB, median of twenty.</param>
/// <param name="SyncWorst">The longest of them.</param>
public readonly record struct StorageReading(long FreeBytes, TimeSpan SyncP50, TimeSpan SyncWorst)
{
    private const int Rounds = 20;

    /// <summary>Writes a file of 4 KiB beside the journal, syncs it twenty times and takes it away.</summary>
    /// <exception cref="IOException">The directory cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory is somebody else's.</exception>
    public static StorageReading Of(string directory)
    {
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, $".readiness-{Guid.NewGuid():N}");
        var times = new List<TimeSpan>(Rounds);
        using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose))
        {
            var page = new byte[4096];
            for (var round = 0; round < Rounds; round++)
            {
                page[0] = (byte)round;
                file.Position = 0;
                var began = Stopwatch.GetTimestamp();
                file.Write(page);
                file.Flush(flushToDisk: true);
                times.Add(Stopwatch.GetElapsedTime(began));
            }
        }

        times.Sort();
        return new StorageReading(new DriveInfo(Path.GetFullPath(directory)).AvailableFreeSpace, times[Rounds / 2], times[^1]);
    }
}
