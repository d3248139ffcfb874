using System.CommandLine;
using System.Globalization;
using EdgeAssist.Contracts;
using EdgeAssist.Host.Demo;
using EdgeAssist.Host.Replay;
using EdgeAssist.Host.Terminal;
using EdgeAssist.Inference.Hosting;
using EdgeAssist.Inference.Models;
using Spectre.Console;

namespace EdgeAssist.Host.Commands;

/// <summary><c>edgeassist models bench</c>: how many calls this machine can hear, estimated from what recognition takes here.</summary>
internal static class ModelsBenchCommand
{
    private const string Sample = "escalation";

    private static readonly (string What, AnalysisRung Rung, bool AgentPartials, double Pace)[] Levels =
    [
        ("finals and partials of both", AnalysisRung.Full, true, 1),
        ("finals of both, partials of the customer", AnalysisRung.Full, false, 1),
        ("the same, partials at their slowest pace", AnalysisRung.Full, false, MachineEstimate.SlowestPace),
        ("finals of both", AnalysisRung.NoPartials, false, 1),
        ("finals of the customer", AnalysisRung.CustomerFinalsOnly, false, 1),
        ("voice alone", AnalysisRung.VoiceOnly, false, 1),
    ];

    public static Command Create(ModelStore store)
    {
        var model = new Option<string>("--model") { Description = "Recogniser, by its name in the list.", DefaultValueFactory = _ => new InferenceOptions().SpeechModel };
        var calls = new Option<int>("--calls") { Description = "Calls at once to estimate the rung of.", DefaultValueFactory = _ => 30 };
        var command = new Command("bench", "Measure recognition on this machine, in less than a minute, and estimate how many calls it can hear.") { model, calls };
        command.SetAction(parsed =>
        {
            var asked = parsed.GetRequiredValue(calls);
            if (asked is < 1 or > 10_000) throw new UserError("--calls: between 1 and 10000.");
            var options = new InferenceOptions { SpeechModel = parsed.GetRequiredValue(model) };
            var speed = SpeedTest.Run(store, options, Speech());
            Print(speed, MachineEstimate.Of(speed, options), asked);
            return 0;
        });
        return command;
    }

    private static void Print(MeasuredSpeed speed, MachineEstimate estimate, int calls)
    {
        var cores = Environment.ProcessorCount;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{speed.Model}, one utterance at a time, processor time (median of 5):"));
        foreach (var (cost, partial) in speed.Costs.Zip(speed.PartialCosts))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {cost.Audio.TotalSeconds,2} s of speech  {cost.Spent.TotalMilliseconds,6:0} ms   real-time factor {cost.Spent / cost.Audio:0.000}   {partial.Spent.TotalMilliseconds,6:0} ms when its beginning was heard before"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  with {cores} at once each takes {speed.Together:0.00} times as much; the estimate counts with that"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"voice activity: {speed.VoiceFrame.TotalMicroseconds:0} us a leg and frame of 32 ms"));
        if (speed.Busy > 1.3) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The machine does other things: recognition took {speed.Busy:0.0} times its processor time. They take their share of what follows."));

        Console.WriteLine();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Estimate, not a trial: two parties who speak 40 % of the time each in sentences of 4 s, at most {MachineEstimate.Usable:P0} of the cores, scoring and the gateway not counted."));
        var table = new Table { Border = TableBorder.Minimal };
        table.AddColumns("what is recognised", "a call takes", "calls on one core", string.Create(CultureInfo.InvariantCulture, $"on {cores}"));
        foreach (var (what, rung, agentPartials, pace) in Levels)
            table.AddRow(what, string.Create(CultureInfo.InvariantCulture, $"{estimate.OfCall(rung, agentPartials, pace):P1} of a core"), Whole(estimate.Calls(1, rung, agentPartials, pace)), Whole(estimate.Calls(cores, rung, agentPartials, pace)));
        AnsiConsole.Write(table);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{calls} calls at once on {cores} cores: {NameOf(estimate.RungOf(calls, cores))}."));
    }

    private static string Whole(int calls) => calls.ToString(CultureInfo.InvariantCulture);

    private static string NameOf(AnalysisRung rung) => rung switch
    {
        AnalysisRung.Full => "final words of both parties and partial ones (rung FULL), these further apart and the customer's alone where need be",
        AnalysisRung.NoPartials => "final words of both parties, no partial ones (rung NO_PARTIALS)",
        AnalysisRung.CustomerFinalsOnly => "the customer's final words only (rung CUSTOMER_FINALS_ONLY)",
        _ => "no words, voice and the course of the talk only (rung VOICE_ONLY)",
    };

    // The bundled call as the receiver gives it: over G.711, at 16 kHz.
    private static short[] Speech()
    {
        var packets = RtpPackets.Of(SampleCall.Bundled(Sample));
        var streams = packets.Max(packet => packet.Stream) + 1;
        return [.. RtpPackets.Receive(packets, streams, new Instant(0)).Where(stretch => stretch.Stream == 0).SelectMany(stretch => stretch.Samples)];
    }
}
