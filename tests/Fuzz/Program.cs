using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace EdgeAssist.Fuzz;

/// <summary>
/// <c>dotnet run -c Release --project tests/Fuzz -- [TARGET|all] [--seconds N] [--runs N] [--seed N] [--out FOLDER] [--input FILE]</c>: fuzzes parsers under the
/// guidance of SharpFuzz's instrumentation, in this process. Exit code 1 when something was found.
/// </summary>
internal static class Program
{
    private const int MapLength = 1 << 16;

    private static int Main(string[] args)
    {
        // The gateway's assembly is instrumented into a copy, and a second copy of this assembly is bound to it.
        var folder = Directory.CreateTempSubdirectory("edgeassist-fuzz-");
        try
        {
            var gateway = Path.Combine(folder.FullName, "EdgeAssist.MediaGateway.dll");
            File.Copy(typeof(MediaGateway.Hosting.SipOptions).Assembly.Location, gateway);
            SharpFuzz.Fuzzer.Instrument(gateway, IsParser, SharpFuzz.Options.Value);
            var context = new InstrumentedContext(gateway);
            var self = context.LoadFromAssemblyPath(typeof(Program).Assembly.Location);
            return (int)self.GetType(typeof(Program).FullName!)!.GetMethod(nameof(Fuzz), BindingFlags.Static | BindingFlags.NonPublic)!.Invoke(null, [args])!;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Runs inside the instrumented context.</summary>
    private static unsafe int Fuzz(string[] args)
    {
        var wanted = args.FirstOrDefault(arg => !arg.StartsWith("--", StringComparison.Ordinal) && !IsValue(args, arg)) ?? "all";
        var targets = FuzzTargets.All.Where(target => wanted == "all" || target.Name == wanted).ToList();
        if (targets.Count == 0)
        {
            Console.Error.WriteLine($"'{wanted}' is no target; write all, {string.Join(", ", FuzzTargets.All.Select(target => target.Name))}.");
            return 2;
        }

        var seconds = Number(args, "--seconds", 60);
        var seed = (int)Number(args, "--seed", Environment.ProcessId);
        var map = (byte*)NativeMemory.AllocZeroed(MapLength);
        SharpFuzz.Common.Trace.SharedMem = map;
        if (Text(args, "--input") is { } file) return Replay(targets, File.ReadAllBytes(file));
        var failed = false;
        foreach (var target in targets)
        {
            var summary = new FuzzLoop(map, MapLength, Text(args, "--out") ?? "fuzz-findings").Run(target, TimeSpan.FromSeconds(seconds), Number(args, "--runs", long.MaxValue), seed);
            Console.WriteLine(summary);
            foreach (var finding in summary.Findings) Console.WriteLine("  " + finding);
            failed |= summary.Findings.Count > 0;
        }

        return failed ? 1 : 0;
    }

    /// <summary>Feeds one input, a finding for example, and says how long it takes.</summary>
    private static int Replay(IReadOnlyList<FuzzTarget> targets, byte[] input)
    {
        foreach (var target in targets)
        {
            for (var run = 0; run < 3; run++)
            {
                var started = System.Diagnostics.Stopwatch.GetTimestamp();
                target.Run(input);
                Console.WriteLine(FormattableString.Invariant($"{target.Name}: {System.Diagnostics.Stopwatch.GetElapsedTime(started).TotalMilliseconds:0.0} ms"));
            }
        }

        return 0;
    }

    private static bool IsParser(string type) =>
        ((string[])["Sip.", "Sdp.", "Siprec.", "Rtp.", "Rtcp.", "Srtp."]).Any(part => type.StartsWith("EdgeAssist.MediaGateway." + part, StringComparison.Ordinal));

    private static bool IsValue(string[] args, string arg) => Array.IndexOf(args, arg) is > 0 and var at && args[at - 1].StartsWith("--", StringComparison.Ordinal);

    private static string? Text(string[] args, string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

    private static long Number(string[] args, string name, long otherwise) => long.TryParse(Text(args, name), CultureInfo.InvariantCulture, out var number) ? number : otherwise;

    private sealed class InstrumentedContext(string gateway) : AssemblyLoadContext("instrumented")
    {
        protected override Assembly? Load(AssemblyName assemblyName) => assemblyName.Name == "EdgeAssist.MediaGateway" ? LoadFromAssemblyPath(gateway) : null;
    }
}
