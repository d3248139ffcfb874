using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using EdgeAssist.AlertRelay.Policy.Rollout;
using EdgeAssist.Host.Composition;
using EdgeAssist.Host.Terminal;

namespace EdgeAssist.Host.Commands;

/// <summary><c>edgeassist rollout</c>: staggered roll-out plans, frozen in the data directory and carried out by the appliance.</summary>
internal static class RolloutCommand
{
    public static Command Create(Option<string?> config)
    {
        var command = new Command("rollout", "Staggered roll-out: who is shown alerts from which day, decided by a seed and frozen.");
        command.Subcommands.Add(Plan(config));
        command.Subcommands.Add(Show(config));
        command.Subcommands.Add(Verify(config));
        command.Subcommands.Add(Export(config));
        return command;
    }

    private static Command Plan(Option<string?> config)
    {
        var name = new Argument<string>("plan") { Description = "Its name: letters, digits, dots, dashes, underscores." };
        var teams = new Option<string[]>("--team") { Description = "A team; repeat for each.", Required = true };
        var baseline = new Option<string>("--baseline-from") { Description = "First silent day, 2026-01-31.", Required = true };
        var first = new Option<string>("--first-start") { Description = "First day on which a team is shown alerts.", Required = true };
        var until = new Option<string>("--until") { Description = "Last day of the plan.", Required = true };
        var every = new Option<int>("--every") { Description = "Days from start to start.", DefaultValueFactory = _ => 7 };
        var perStep = new Option<int>("--teams-per-step") { Description = "Teams that start on one day.", DefaultValueFactory = _ => 1 };
        var zone = new Option<string>("--zone") { Description = "Time zone whose midnight is meant, for example Europe/Berlin.", Required = true };
        var seed = new Option<string?>("--seed") { Description = "Decides the order; default: one is made and kept in the plan." };
        var command = new Command("plan", "Make a plan and freeze it. The appliance carries it out at local midnight.") { name, teams, baseline, first, until, every, perStep, zone, seed };
        command.SetAction(parsed => Told(() =>
        {
            var plan = RolloutPlan.Make(new RolloutRequest
            {
                Plan = parsed.GetRequiredValue(name),
                Seed = parsed.GetValue(seed) ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)),
                Zone = parsed.GetRequiredValue(zone),
                Teams = parsed.GetRequiredValue(teams),
                BaselineFrom = Day("--baseline-from", parsed.GetRequiredValue(baseline)),
                FirstStart = Day("--first-start", parsed.GetRequiredValue(first)),
                EveryDays = parsed.GetValue(every),
                TeamsPerStep = parsed.GetValue(perStep),
                Until = Day("--until", parsed.GetRequiredValue(until)),
            });
            Console.WriteLine($"frozen in {RolloutFiles.Write(Data(parsed, config), plan)}");
            Print(plan);
            return 0;
        }));
        return command;
    }

    private static Command Show(Option<string?> config)
    {
        var name = new Argument<string?>("plan") { Description = "Its name; without one the plans that are there.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("show", "Print a plan, what was carried out and what deviated.") { name };
        command.SetAction(parsed => Told(() =>
        {
            var data = Data(parsed, config);
            if (parsed.GetValue(name) is not { } plan)
            {
                foreach (var each in RolloutFiles.Names(data)) Console.WriteLine(each);
                return 0;
            }

            Print(RolloutFiles.Read(RolloutFiles.PathOf(data, plan)));
            foreach (var fact in RolloutFiles.Facts(data, plan))
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{fact.At.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z  {fact.What,-17}  {fact.Team,-20}  {fact.Detail}"));
            return 0;
        }));
        return command;
    }

    private static Command Verify(Option<string?> config)
    {
        var name = new Argument<string>("plan") { Description = "Its name." };
        var command = new Command("verify", "Check that the plan is the one that was made, and that the appliance took up that one. Exit code 1 when not.") { name };
        command.SetAction(parsed => Told(() =>
        {
            var data = Data(parsed, config);
            var plan = RolloutFiles.Read(RolloutFiles.PathOf(data, parsed.GetRequiredValue(name)));
            var facts = RolloutFiles.Facts(data, plan.Id);
            var taken = facts.FirstOrDefault(fact => fact.What == RolloutFact.TakenUp);
            if (taken is not null && taken.Detail != plan.Seal)
                throw new UserError($"The plan {plan.Id} is sealed {plan.Seal}; the appliance took up {taken.Detail} on {taken.At.UtcDateTime:u}. It was exchanged.", 1);
            Console.WriteLine($"seal and order are right: {plan.Seal}");
            Console.WriteLine(taken is null ? "the appliance has not taken it up yet" : $"taken up {taken.At.UtcDateTime:u} under the same seal");
            Console.WriteLine($"{facts.Count(fact => fact.What == RolloutFact.Switch)} switches made, {facts.Count(fact => fact.What == RolloutFact.Deviation)} deviations");
            return 0;
        }));
        return command;
    }

    private static Command Export(Option<string?> config)
    {
        var name = new Argument<string>("plan") { Description = "Its name." };
        var format = new Option<string>("--format") { Description = "csv (a row a team and day) or json.", DefaultValueFactory = _ => "csv" };
        var output = new Option<string?>("--out") { Description = "File; default: the terminal." };
        var command = new Command("export", "Write the assignment of teams and days.") { name, format, output };
        command.SetAction(parsed => Told(() =>
        {
            var plan = RolloutFiles.Read(RolloutFiles.PathOf(Data(parsed, config), parsed.GetRequiredValue(name)));
            var text = parsed.GetRequiredValue(format) switch
            {
                "csv" => plan.ToCsv(),
                "json" => plan.ToJson(),
                var other => throw new UserError($"--format {other}: write csv or json."),
            };
            if (parsed.GetValue(output) is { } file) File.WriteAllText(file, text);
            else Console.Write(text);
            return 0;
        }));
        return command;
    }

    private static string Data(ParseResult parsed, Option<string?> config) => DataDirectory.Resolve(ApplianceConfiguration.Load(parsed.GetValue(config))["Data:Directory"]);

    private static DateOnly Day(string option, string text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
        ? day
        : throw new UserError($"{option} {text}: write a day as 2026-01-31.");

    private static int Told(Func<int> act)
    {
        try
        {
            return act();
        }
        catch (Exception refused) when (refused is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new UserError(refused.Message, refused);
        }
    }

    private static void Print(RolloutPlan plan)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"plan {plan.Id}: silent from {plan.Request.BaselineFrom:yyyy-MM-dd} until {plan.Request.Until:yyyy-MM-dd}, {plan.Request.Zone}, seed {plan.Request.Seed}"));
        foreach (var start in plan.Starts) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {start.Day:yyyy-MM-dd}  {start.Team}"));
        Console.WriteLine($"  sealed {plan.Seal}");
    }
}
