using System.CommandLine;
using System.Globalization;
using EdgeAssist.Contracts;
using EdgeAssist.Host.Replay;
using EdgeAssist.Host.Terminal;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Rules;

namespace EdgeAssist.Host.Commands;

/// <summary><c>edgeassist rules</c>: checks a rule file, and says what it would have done on recorded calls.</summary>
internal static class RulesCommand
{
    private const string Prefix = "rule:";

    public static Command Create(ModelStore store) => new("rules", "Check rules, and try them on recorded calls before they go live.") { Check(), Test(store) };

    private static Command Check()
    {
        var file = new Argument<string>("file") { Description = "The rule file (JSON)." };
        var command = new Command("check", "Say whether a rule file can be used, and where it is wrong.") { file };
        command.SetAction(parsed =>
        {
            var book = Read(parsed.GetRequiredValue(file));
            Console.WriteLine($"{parsed.GetRequiredValue(file)}: edition {book.Version}, {book.Count} rules, all usable.");
            return 0;
        });
        return command;
    }

    private static Command Test(ModelStore store)
    {
        var file = new Argument<string>("file") { Description = "The rule file (JSON)." };
        var calls = new Argument<string[]>("calls") { Description = "Folders with call.json, or pcap files.", Arity = ArgumentArity.OneOrMore };
        var command = new Command("test", "Play recorded calls with and without the rules: hits and alerts an hour.") { file, calls };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var rules = parsed.GetRequiredValue(file);
            var book = Read(rules);
            using var without = ReplayCommand.Load(store, "");
            using var with = ReplayCommand.Load(store, rules);
            var (hits, hours, before, after) = (new SortedDictionary<string, int>(StringComparer.Ordinal), 0.0, 0, 0);
            foreach (var id in book.Ids) hits[id] = 0;
            foreach (var path in parsed.GetRequiredValue(calls))
            {
                var (plain, ruled) = (await ReplayedCall.PlayAsync(without, path, 1, cancellationToken), await ReplayedCall.PlayAsync(with, path, 1, cancellationToken));
                foreach (var (id, count) in Hits(ruled)) hits[id] += count;
                (hours, before, after) = (hours + ruled.Length.TotalHours, before + plain.Opened, after + ruled.Opened);
                Console.WriteLine($"{ruled.Name}: {ruled.Length:m\\:ss}, alerts {plain.Opened} without the rules, {ruled.Opened} with them");
            }

            foreach (var (id, count) in hits) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {id}: {count} hits, {count / hours:0.0} an hour"));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{hours:0.000} hours: {before / hours:0.0} alerts an hour without the rules, {after / hours:0.0} with them"));
            return 0;
        });
        return command;
    }

    /// <summary>Each moment a rule was a reason for is one hit.</summary>
    private static IEnumerable<(string Id, int Count)> Hits(ReplayedCall call) =>
        call.Events.OfType<ScoreUpdated>().SelectMany(e => e.Score.Reasons).Where(reason => reason.Cue.StartsWith(Prefix, StringComparison.Ordinal))
            .DistinctBy(reason => (reason.Cue, reason.At)).GroupBy(reason => reason.Cue[Prefix.Length..]).Select(group => (group.Key, group.Count()));

    private static RuleBook Read(string file)
    {
        try
        {
            return RuleBook.Read(file);
        }
        catch (RuleException e)
        {
            throw new UserError(e.Message, e);
        }
    }
}
