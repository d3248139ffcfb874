using System.CommandLine;
using EdgeAssist.AlertRelay.Hosting;
using EdgeAssist.Host.Replay;
using EdgeAssist.Host.Terminal;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Rules;

namespace EdgeAssist.Host.Commands;

/// <summary><c>edgeassist rules</c>: checks a rule file, and says what it would have done on recorded calls.</summary>
internal static class RulesCommand
{
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
        var calls = new Argument<string[]>("calls") { Description = "Folders with call.json, pcap files, or journals: a data directory or a file written by «backup --to».", Arity = ArgumentArity.OneOrMore };
        var command = new Command("test", "Try rules on recorded calls or on those of a journal: hits and expected alerts an hour, by rule.") { file, calls };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var rules = parsed.GetRequiredValue(file);
            var report = new RuleReport(Read(rules));
            var paths = parsed.GetRequiredValue(calls).ToLookup(StoredCalls.IsJournal);
            foreach (var path in paths[true]) Console.WriteLine($"{path}: {AddStored(report, path, cancellationToken)} calls");
            if (paths[false].Any()) await PlayAsync(store, rules, paths[false], report, cancellationToken);
            report.Write(Console.Out);
            return 0;
        });
        return command;
    }

    private static int AddStored(RuleReport report, string path, CancellationToken cancellationToken)
    {
        var count = 0;
        try
        {
            foreach (var call in StoredCalls.Read(path))
            {
                cancellationToken.ThrowIfCancellationRequested();
                report.Add(call);
                count++;
            }
        }
        catch (IOException e)
        {
            throw new UserError(e.Message, e);
        }

        return count > 0 ? count : throw new UserError($"The journal {path} holds no call that is over.");
    }

    private static async Task PlayAsync(ModelStore store, string rules, IEnumerable<string> paths, RuleReport report, CancellationToken cancellationToken)
    {
        using var without = ReplayCommand.Load(store, "");
        using var with = ReplayCommand.Load(store, rules);
        foreach (var path in paths)
        {
            var (plain, ruled) = (await ReplayedCall.PlayAsync(without, path, 1, cancellationToken), await ReplayedCall.PlayAsync(with, path, 1, cancellationToken));
            report.Add(plain, ruled);
            Console.WriteLine($"{ruled.Name}: {ruled.Length:m\\:ss}, alerts {plain.Opened} without the rules, {ruled.Opened} with them");
        }
    }

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
