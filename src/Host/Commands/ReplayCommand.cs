using System.CommandLine;
using EdgeAssist.Host.Replay;
using EdgeAssist.Host.Terminal;
using EdgeAssist.Inference.Hosting;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Rules;
using EdgeAssist.Inference.Streaming;

namespace EdgeAssist.Host.Commands;

/// <summary><c>edgeassist replay</c>: plays recorded calls through receiver, recognition, score and alerts on their own clock.</summary>
internal static class ReplayCommand
{
    public static Command Create(ModelStore store)
    {
        var path = new Argument<string>("call") { Description = "A folder with call.json (see samples/README.md), or a pcap file with RTP." };
        var output = new Option<string?>("--out") { Description = "File for the alerts, a line of JSON each; default: the terminal." };
        var events = new Option<string?>("--events") { Description = "File for everything analysis said: words, scores, gaps." };
        var rules = new Option<string>("--rules") { Description = "A file of rules beside the model.", DefaultValueFactory = _ => "" };
        var customer = new Option<int>("--customer") { Description = "Of a pcap file: the stream that is the customer, 1 or 2, in the order they begin.", DefaultValueFactory = _ => 1 };
        var command = new Command("replay", "Play a recorded call through the whole path; the same recording gives the same alerts.") { path, output, events, rules, customer };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var replay = Load(store, parsed.GetRequiredValue(rules));
            var call = await ReplayedCall.PlayAsync(replay, parsed.GetRequiredValue(path), parsed.GetValue(customer), cancellationToken);
            await WriteAsync(parsed.GetValue(output), call.Alerts, cancellationToken);
            if (parsed.GetValue(events) is { } file) await WriteAsync(file, call.EventLines, cancellationToken);
            return 0;
        });
        return command;
    }

    /// <exception cref="UserError">A model is missing, or the rules cannot be used.</exception>
    public static CallReplay Load(ModelStore store, string rules)
    {
        CallReplay replay;
        try
        {
            replay = CallReplay.Load(store, new InferenceOptions { Rules = rules });
        }
        catch (RuleException e)
        {
            throw new UserError(e.Message, e);
        }

        if (replay.Problem.Length == 0) return replay;
        var problem = replay.Problem;
        replay.Dispose();
        throw new UserError(problem);
    }

    private static async Task WriteAsync(string? file, IReadOnlyList<string> lines, CancellationToken cancellationToken)
    {
        var text = string.Concat(lines.Select(line => line + "\n"));
        if (file is null) Console.Write(text);
        else await File.WriteAllTextAsync(file, text, cancellationToken);
    }
}
