using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using EdgeAssist.AlertRelay.Readiness;

namespace EdgeAssist.Host.Doctor;

/// <summary>Processor: recognition runs on vector instructions, and one core is needed for every few calls.</summary>
internal sealed class ProcessorCheck : IDoctorCheck
{
    public Finding Run()
    {
        var cores = Environment.ProcessorCount;
        var vectors = (Avx512BW.IsSupported ? "AVX-512" : Avx2.IsSupported ? "AVX2" : "no AVX2") + (MultipliesBytes ? " with VNNI" : "");
        var found = string.Create(CultureInfo.InvariantCulture,
            $"{cores} cores, {vectors}, {RuntimeInformation.OSArchitecture}, {RuntimeInformation.FrameworkDescription}");
        return Avx2.IsSupported || RuntimeInformation.OSArchitecture == Architecture.Arm64
            ? new Finding("processor", Verdict.Pass, found)
            : new Finding("processor", Verdict.Warn, found, "Recognition is several times slower without AVX2: use a processor from 2015 or later, or enable it in the hypervisor.");
    }

    // What recognition multiplies 8-bit numbers with. AVX512_VNNI: leaf 7, ECX bit 11 (Intel SDM, CPUID); AVX-VNNI has a property of its own.
    private static bool MultipliesBytes => AvxVnni.IsSupported || (X86Base.IsSupported && Avx512BW.IsSupported && (X86Base.CpuId(7, 0).Ecx & (1 << 11)) != 0);
}

/// <summary>The data directory: there, ours to write, and with room.</summary>
internal sealed class DataDirectoryCheck(string directory) : IDoctorCheck
{
    private const long NeededBytes = 1L << 30;

    public Finding Run()
    {
        try
        {
            Directory.CreateDirectory(directory);
            var probe = Path.Combine(directory, $".doctor-{Environment.ProcessId}");
            File.WriteAllText(probe, "probe");
            File.Delete(probe);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new Finding("data directory", Verdict.Fail, $"{directory}: {failure.Message}",
                $"Give the service's user the directory: install -d -o edgeassist -m 750 {directory}, or choose another with Data:Directory.");
        }

        var free = new DriveInfo(directory).AvailableFreeSpace;
        var found = string.Create(CultureInfo.InvariantCulture, $"{directory}, {free / (double)(1L << 30):0.0} GiB free");
        return free >= NeededBytes
            ? new Finding("data directory", Verdict.Pass, found)
            : new Finding("data directory", Verdict.Warn, found, "Below 1 GiB the journal fills in days: free some space or move Data:Directory.");
    }
}

/// <summary>The kernel's ceiling for a socket's receive buffer: bursts of RTP wait there.</summary>
internal sealed class ReceiveBufferCheck : IDoctorCheck
{
    private const long NeededBytes = 2L << 20;
    private const string Setting = "/proc/sys/net/core/rmem_max";

    public Finding Run()
    {
        if (!File.Exists(Setting)) return new Finding("receive buffer", Verdict.Warn, "not Linux: the limit is not known");

        var limit = long.Parse(File.ReadAllText(Setting), CultureInfo.InvariantCulture);
        var found = string.Create(CultureInfo.InvariantCulture, $"net.core.rmem_max = {limit}");
        return limit >= NeededBytes
            ? new Finding("receive buffer", Verdict.Pass, found)
            : new Finding("receive buffer", Verdict.Warn, found, $"Bursts may overflow above about 50 calls: sysctl -w net.core.rmem_max={NeededBytes}");
    }
}

/// <summary>The wall clock: reports and hop times between machines rest on it.</summary>
internal sealed class ClockCheck : IDoctorCheck
{
    public Finding Run()
    {
        var clock = ClockReading.Now();
        if (!clock.IsKnown) return new Finding("clock", Verdict.Warn, "not Linux: synchronisation is not known");
        return clock.Synchronised
            ? new Finding("clock", Verdict.Pass, "synchronised")
            : new Finding("clock", Verdict.Warn, "the kernel says the clock is not synchronised", "Start chrony or systemd-timesyncd; reports compare days and agents by this clock.");
    }
}

/// <summary>Files and sockets a process may have open: two sockets a leg, one a subscriber.</summary>
internal sealed class OpenFilesCheck : IDoctorCheck
{
    private const long Needed = 4096;

    public Finding Run()
    {
        const string limits = "/proc/self/limits";
        if (!File.Exists(limits)) return new Finding("open files", Verdict.Warn, "not Linux: the limit is not known");

        var line = File.ReadLines(limits).FirstOrDefault(text => text.StartsWith("Max open files", StringComparison.Ordinal)) ?? "";
        var soft = line.Split(' ', StringSplitOptions.RemoveEmptyEntries).ElementAtOrDefault(3) ?? "unknown";
        var enough = soft == "unlimited" || (long.TryParse(soft, CultureInfo.InvariantCulture, out var value) && value >= Needed);
        return new Finding("open files", enough ? Verdict.Pass : Verdict.Warn, $"limit {soft}",
            enough ? "" : "Set LimitNOFILE=65536 in the systemd unit, or ulimit -n 65536.");
    }
}
