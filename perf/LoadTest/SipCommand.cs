using System.CommandLine;
using System.Globalization;
using System.Net;
using EdgeAssist.Host.Demo;

namespace EdgeAssist.LoadTest;

/// <summary><c>sip</c>: signalling alone, driven by SIPp or, for memory, in this process.</summary>
internal static class SipCommand
{
    private static readonly IPAddress s_good = IPAddress.Parse("127.0.0.1");
    private static readonly IPAddress s_stranger = IPAddress.Parse("127.0.0.2");

    public static Command Create()
    {
        var command = new Command("sip", "Signalling: set-ups, OPTIONS, idle dialogs, flood. Needs sipp (Debian: sip-tester).");
        command.Subcommands.Add(Rated("setups", "SIPREC set-ups a second, INVITE to 200.", 50, 60, SetUpsAsync));
        command.Subcommands.Add(Rated("options", "OPTIONS a second.", 1000, 10, OptionsAsync));
        command.Subcommands.Add(Rated("flood", "Good calls beside INVITEs of a stranger.", 1000, 10, FloodAsync));
        var count = new Option<int>("--count") { Description = "Dialogs.", DefaultValueFactory = _ => 20_000 };
        var dialogs = new Command("dialogs", "Memory of established recording sessions that do nothing, media and analysis left out.") { count };
        dialogs.SetAction(parsed => IdleDialogs.Measure(parsed.GetValue(count)));
        command.Subcommands.Add(dialogs);
        var open = new Option<int>("--count") { Description = "Connections of each kind, 100 to 15000.", DefaultValueFactory = _ => 10_000 };
        var connections = new Command("connections", "Memory of open connections over which nothing comes, TCP and TLS.") { open };
        connections.SetAction((parsed, cancellationToken) => IdleConnections.MeasureAsync(Math.Clamp(parsed.GetValue(open), 100, 15_000), cancellationToken));
        command.Subcommands.Add(connections);
        return command;
    }

    private static Command Rated(string name, string description, int defaultRate, int defaultSeconds, Func<int, int, CancellationToken, Task<int>> run)
    {
        var rate = new Option<int>("--rate") { Description = "Requests a second.", DefaultValueFactory = _ => defaultRate };
        var seconds = new Option<int>("--seconds") { Description = "For how long, 1 to 180.", DefaultValueFactory = _ => defaultSeconds };
        var command = new Command(name, description) { rate, seconds };
        command.SetAction((parsed, cancellationToken) =>
        {
            Console.WriteLine($"machine: {Machine.Describe()}");
            return run(parsed.GetValue(rate), Math.Clamp(parsed.GetValue(seconds), 1, 180), cancellationToken);
        });
        return command;
    }

    private static async Task<int> SetUpsAsync(int rate, int seconds, CancellationToken cancellationToken)
    {
        await using var appliance = await StartAsync([$"Sip:MaxCallsPerSecond={2 * rate}"], cancellationToken);
        Console.WriteLine("SIPREC sessions of two streams and half a second; no model is loaded");
        return await MeasureAsync(appliance, "siprec-call.xml", rate, rate * seconds, cancellationToken);
    }

    private static async Task<int> OptionsAsync(int rate, int seconds, CancellationToken cancellationToken)
    {
        await using var appliance = await StartAsync([$"Sip:MaxMessagesPerSecond={2 * rate}"], cancellationToken);
        return await MeasureAsync(appliance, "options.xml", rate, rate * seconds, cancellationToken);
    }

    /// <summary>Ten good calls a second, first alone and then beside the flood; the gateway's trunk names the good source only.</summary>
    private static async Task<int> FloodAsync(int rate, int seconds, CancellationToken cancellationToken)
    {
        await using var appliance = await StartAsync([$"Sip:Trunks:0:Peers:0={s_good}"], cancellationToken);
        var target = IPEndPoint.Parse(appliance.Places.SipUdp[0]);
        await Sipp.RunAsync("siprec-call.xml", target, s_good, 10, 50, cancellationToken);   // everything compiled, once

        var before = appliance.Memory().Now;
        var alone = await Sipp.RunAsync("siprec-call.xml", target, s_good, 10, 10 * seconds, cancellationToken);
        var between = appliance.Memory().Now;
        var flooding = Sipp.RunAsync("flood.xml", target, s_stranger, rate, rate * seconds, cancellationToken);
        var beside = await Sipp.RunAsync("siprec-call.xml", target, s_good, 10, 10 * seconds, cancellationToken);
        var flood = await flooding;
        Console.WriteLine(Heading);
        Console.WriteLine(Line("alone", 10, alone));
        Console.WriteLine(Line("beside", 10, beside));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"flood: {flood.Succeeded} INVITEs in {flood.Seconds:0.0} s; memory {before:0} MiB at first, {between:0} MiB before the flood, {appliance.Memory().Now:0} MiB after it, {appliance.Memory().Peak:0} MiB at its peak"));
        return alone.Failed + beside.Failed == 0 ? 0 : 1;
    }

    private static async Task<int> MeasureAsync(ApplianceProcess appliance, string scenario, int rate, int calls, CancellationToken cancellationToken)
    {
        var target = IPEndPoint.Parse(appliance.Places.SipUdp[0]);
        await Sipp.RunAsync(scenario, target, s_good, Math.Min(rate, 50), 100, cancellationToken);   // everything compiled, once
        var used = appliance.ProcessorTime;
        var run = await Sipp.RunAsync(scenario, target, s_good, rate, calls, cancellationToken);
        used = appliance.ProcessorTime - used;
        Console.WriteLine(Heading);
        Console.WriteLine(Line(Path.GetFileNameWithoutExtension(scenario), rate, run));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"processor: {1000 * used.TotalSeconds / calls:0.00} ms each, {100 * used.TotalSeconds / run.Seconds:0} % of one core; memory {appliance.Memory().Now:0} MiB"));
        return run.Failed == 0 ? 0 : 1;
    }

    private const string Heading = "run           asked/s  done/s      good  failed   p50 ms   p99 ms   max ms";

    private static string Line(string name, int rate, SippRun run) => string.Create(CultureInfo.InvariantCulture,
        $"{name,-12}  {rate,7}  {run.Succeeded / run.Seconds,6:0}  {run.Succeeded,8}  {run.Failed,6}  {run.Rank(0.5),7:0.0}  {run.Rank(0.99),7:0.0}  {run.Rank(1),7:0.0}");

    /// <summary>An appliance without models: calls are taken and their media received, nothing is recognised.</summary>
    internal static Task<ApplianceProcess> StartAsync(IEnumerable<string> settings, CancellationToken cancellationToken)
    {
        var empty = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "edgeassist-no-models"));
        return ApplianceProcess.StartAsync(SampleCall.Read("samples/escalation"),
            [$"Inference:ModelDirectory={empty.FullName}", "Sip:MaxCalls=10000", .. settings], cancellationToken);
    }
}
