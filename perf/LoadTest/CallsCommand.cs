using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EdgeAssist.Host.Demo;

namespace EdgeAssist.LoadTest;

/// <summary>
/// <c>calls</c>: N sample calls at once, each N against a fresh appliance; times at a subscriber, processor and memory of
/// the appliance. Times are taken by the subscriber's clock against the position of the words in the recording, not by the
/// appliance's own marks.
/// </summary>
internal static class CallsCommand
{
    public static Command Create()
    {
        var calls = new Option<int[]>("--calls") { Description = "Calls at once; repeat for a series.", DefaultValueFactory = _ => [1, 4], AllowMultipleArgumentsPerToken = true };
        var sample = new Option<string>("--sample") { Description = "Folder with call.json.", DefaultValueFactory = _ => "samples/escalation" };
        var json = new Option<string?>("--json") { Description = "Write the figures to this file." };
        var set = new Option<string[]>("--set") { Description = "A setting of the appliance, NAME=VALUE.", DefaultValueFactory = _ => [] };
        var command = new Command("calls", "Latency, processor and memory with N calls at once.") { calls, sample, json, set };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var call = SampleCall.Read(parsed.GetRequiredValue(sample));
            Console.WriteLine($"machine: {Machine.Describe()}");
            Console.WriteLine($"call: {call.Name}, {call.Duration:0.0} s, a fresh appliance each time, calls 1.3 s apart");
            Console.WriteLine(CallsReport.Heading);

            var reports = new List<CallsReport>();
            foreach (var count in parsed.GetRequiredValue(calls))
            {
                var report = await CallsRun.RunAsync(call, count, parsed.GetRequiredValue(set), cancellationToken);
                reports.Add(report);
                Console.WriteLine(report.Line);
            }

            if (parsed.GetValue(json) is { } file)
                await File.WriteAllTextAsync(file, JsonSerializer.Serialize(reports, ReportJson.Default.ListCallsReport), cancellationToken);
            return reports.TrueForAll(report => report.Complete) ? 0 : 1;
        });
        return command;
    }
}

/// <summary>Times in milliseconds at three ranks.</summary>
internal sealed record Ranks(long Count, double P50, double P95, double Max)
{
    public override string ToString() => Count == 0
        ? "–"
        : string.Create(CultureInfo.InvariantCulture, $"{P50:0} / {P95:0} / {Max:0}");
}

/// <summary>The figures of one run.</summary>
internal sealed record CallsReport
{
    public const string Heading = "calls  ready s  first partial ms   final ms            alert ms            % core/call  RSS start  RSS peak  MiB/call  gaps  ended";

    public required int Calls { get; init; }

    /// <summary>Process start → calls are taken, models warm.</summary>
    public required double ReadySeconds { get; init; }

    /// <summary>Start of the words → first partial at the subscriber.</summary>
    public required Ranks FirstPartial { get; init; }

    /// <summary>End of the words → final at the subscriber.</summary>
    public required Ranks Final { get; init; }

    /// <summary>End of the words → alert opened at the subscriber.</summary>
    public required Ranks Alert { get; init; }

    /// <summary>Processor time of the appliance over call time, in percent of one core.</summary>
    public required double CorePercentPerCall { get; init; }

    public required double StartMiB { get; init; }

    public required double PeakMiB { get; init; }

    public required int Gaps { get; init; }

    public required int Ended { get; init; }

    public bool Complete => Ended == Calls && Gaps == 0;

    public string Line => string.Create(CultureInfo.InvariantCulture,
        $"{Calls,5}  {ReadySeconds,7:0.0}  {FirstPartial,-17}  {Final,-18}  {Alert,-18}  {CorePercentPerCall,11:0.0}  {StartMiB,5:0} MiB  {PeakMiB,4:0} MiB  {(PeakMiB - StartMiB) / Calls,8:0.0}  {Gaps,4}  {Ended,5}");
}

[System.Text.Json.Serialization.JsonSourceGenerationOptions(WriteIndented = true)]
[System.Text.Json.Serialization.JsonSerializable(typeof(List<CallsReport>))]
internal sealed partial class ReportJson : System.Text.Json.Serialization.JsonSerializerContext;
