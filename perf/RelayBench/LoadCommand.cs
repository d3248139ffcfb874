using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace EdgeAssist.RelayBench;

/// <summary>CPU per packet, loss and delay under N calls, ours and rtpengine's one right after the other.</summary>
internal static class LoadCommand
{
    private const int RelayCore = 0;
    private const int LoadCore = 1;

    public static Command Create()
    {
        var calls = new Option<int[]>("--calls") { Description = "Two-way calls, one run for each number given.", DefaultValueFactory = _ => [200], AllowMultipleArgumentsPerToken = true };
        var seconds = new Option<int>("--sec") { Description = "Length of a run, 1 to 120.", DefaultValueFactory = _ => 6 };
        var secure = new Option<bool>("--srtp") { Description = "RTP from the callers, SRTP to the callees, one way." };
        var fork = new Option<bool>("--fork") { Description = "A further run of ours with both sides decoded; it may use both cores." };
        var alone = new Option<bool>("--alone") { Description = "Without rtpengine." };
        var gather = new Option<string>("--gather") { Description = "Relay:Gather in milliseconds.", DefaultValueFactory = _ => "1" };
        var plain = new Option<bool>("--plain") { Description = "Ours without epoll." };
        var command = new Command("load", "Relays N calls for a while and prints what it cost.") { calls, seconds, secure, fork, alone, gather, plain };
        command.Validators.Add(result =>
        {
            if (result.GetValue(seconds) is < 1 or > 120) result.AddError("--sec is 1 to 120.");
            if (result.GetValue(calls)!.Any(count => count is < 1 or > 2_000)) result.AddError("--calls is 1 to 2000.");
        });
        command.SetAction(async (arguments, _) =>
        {
            string[] more = ["--gather", arguments.GetValue(gather)!, .. arguments.GetValue(plain) ? (string[])["--plain"] : []];
            var length = TimeSpan.FromSeconds(arguments.GetValue(seconds));
            if (!OperatingSystem.IsLinux()) throw new PlatformNotSupportedException("The load program uses Linux system calls.");
            Process.GetCurrentProcess().ProcessorAffinity = 1 << LoadCore;
            Console.WriteLine($"{Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}; {DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC");
            foreach (var count in arguments.GetValue(calls)!)
            {
                var oneWay = arguments.GetValue(secure);
                var theirs = arguments.GetValue(alone) ? null : await RtpEngine.StartAsync(RelayCore);
                var beside = theirs is null ? null : await MeasureAsync(theirs, count, oneWay, length, null);
                await MeasureAsync(await OwnRelay.StartAsync($"{RelayCore}", fork: false, more), count, oneWay, length, beside);
                if (arguments.GetValue(fork)) await MeasureAsync(await OwnRelay.StartAsync($"{RelayCore},{LoadCore}", fork: true, more), count, oneWay, length, beside);
            }
        });
        return command;
    }

    private static async Task<LoadResult> MeasureAsync(IRelayUnderTest relay, int calls, bool secure, TimeSpan length, LoadResult? beside)
    {
        await using (relay)
        {
            using var load = new LoadGenerator(calls, secure);
            for (var i = 0; i < calls; i++)
            {
                var (caller, callee) = (2 * i, 2 * i + 1);
                var ports = await relay.OpenAsync(i, load.EndPoint(caller), load.EndPoint(callee), secure);
                load.Connect(caller, ports.Caller);
                load.Connect(callee, ports.Callee);
            }

            var result = load.Run(relay.ProcessId, length, () => relay.MarkAsync().GetAwaiter().GetResult());
            var ratio = beside is null ? "" : $", ratio {result.CpuPerPacketMicroseconds / beside.CpuPerPacketMicroseconds:F2}";
            Console.WriteLine(
                $"{relay.Name,-17} {calls,4} calls{(secure ? " RTP→SRTP" : "")}: {result.Received / result.Window.TotalSeconds,7:F0} packets/s, {result.CpuPerPacketMicroseconds,5:F2} µs a packet{ratio}, lost {result.Sent - result.Received}, " +
                $"delay p50 {result.Latency.Percentile(0.5):F2} p99 {result.Latency.Percentile(0.99):F2} ms; load program {100 * result.LoadCpu / result.Window:F0} % of a core, latest send {result.MaxLateness.TotalMilliseconds:F1} ms");
            Console.WriteLine($"{"",-17} {await relay.ReportAsync(result.Received)}");
            return result;
        }
    }
}
