using System.CommandLine;
using EdgeAssist.AlertRelay.Baseline;
using EdgeAssist.AlertRelay.Readiness;
using EdgeAssist.Host.Readiness;
using EdgeAssist.Host.Terminal;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Streaming;

namespace EdgeAssist.Host.Commands;

/// <summary>
/// <c>edgeassist readiness</c>: whether what the calls bring can carry what is planned. Exit code 0 when all passed, 3 with
/// warnings, 1 when something failed.
/// </summary>
internal static class ReadinessCommand
{
    public static Command Create(Option<string?> config, ModelStore store)
    {
        var folder = new Option<string?>("--folder") { Description = "Look at recordings and CSV files in this folder instead of the appliance's calls." };
        var from = new Option<string?>("--from") { Description = "First day or moment. Default: 7 days before --to." };
        var to = new Option<string?>("--to") { Description = "The day or moment behind the last. Default: now." };
        var calls = new Option<int>("--calls") { Description = "Calls at once that are planned.", DefaultValueFactory = _ => 10 };
        var days = new Option<int>("--days") { Description = "Days of the silent baseline, and of the time after it.", DefaultValueFactory = _ => 30 };
        var json = new Option<bool>("--json") { Description = "As JSON." };
        var deaf = new Option<bool>("--no-recognition") { Description = "Do not recognise a sample of the folder: takes seconds." };
        var command = new Command("readiness", "Check whether the calls' data can support what is planned: channels, roles, audio, words, history, consent, clock, storage, numbers.") { folder, from, to, calls, days, json, deaf };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var plan = new ReadinessPlan { PlannedCalls = Math.Max(1, parsed.GetValue(calls)), Days = Math.Max(1, parsed.GetValue(days)) };
            var data = PastCalls.DataDirectoryOf(parsed, config);
            var facts = parsed.GetValue(folder) is { } recordings
                ? await OfFolderAsync(store, recordings, data, parsed.GetValue(deaf), cancellationToken)
                : await OfApplianceAsync(data, PastCalls.Span(parsed.GetValue(from), parsed.GetValue(to), days: 7), cancellationToken);
            var report = ReadinessReport.Of(facts, plan);
            Console.Write(parsed.GetValue(json) ? report.ToJson() : report.ToText());
            return report.ExitCode;
        });
        return command;
    }

    private static async Task<ReadinessFacts> OfApplianceAsync(string data, (DateTimeOffset From, DateTimeOffset To) span, CancellationToken cancellationToken)
    {
        var facts = new ObservedFacts();
        await PastCalls.ReadAsync(data, span.From, span.To, facts.Add, cancellationToken);
        return Stored(() => facts.Build(Period.Text(span.From, span.To), data, historyAge: null, answered: null));
    }

    private static async Task<ReadinessFacts> OfFolderAsync(ModelStore store, string folder, string data, bool deaf, CancellationToken cancellationToken)
    {
        var read = RecordingFolder.Read(folder);
        using var replay = deaf ? null : Load(store);

        // Before anything is installed there is no data directory; the disk of the folder then stands for it.
        return await FolderFacts.OfAsync(read, folder, Directory.Exists(data) ? data : Path.GetTempPath(), replay, cancellationToken);
    }

    private static CallReplay? Load(ModelStore store)
    {
        try
        {
            return ReplayCommand.Load(store, rules: "");
        }
        catch (UserError missing)
        {
            Console.Error.WriteLine($"Nothing is recognised: {missing.Message}");
            return null;
        }
    }

    private static ReadinessFacts Stored(Func<ReadinessFacts> build)
    {
        try
        {
            return build();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new UserError(refused.Message, refused);
        }
    }
}
