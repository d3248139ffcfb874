using System.Globalization;
using EdgeAssist.Contracts;
using EdgeAssist.Training.Authored;
using EdgeAssist.Training.Data;

namespace EdgeAssist.Training.Escalation;

/// <summary>Makes seeded calls from the families of calls.txt: words, pauses, pace, overlaps and loudness all drawn.</summary>
internal sealed class CallFamilies
{
    private readonly Grammar _grammar = Grammar.BuiltIn();
    private readonly List<Family> _families = [];

    public CallFamilies()
    {
        foreach (var line in Grammar.Resource("calls.txt").Where(l => l.Length > 0 && l[0] != '#'))
        {
            if (line[0] == '=')
            {
                var parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                _families.Add(new Family(parts[1], Enum.Parse<CallOutcome>(parts[2], ignoreCase: true), parts[3] == "test", []));
            }
            else _families[^1].Steps.Add(Step.Parse(line));
        }
    }

    /// <summary>Draws <paramref name="count"/> calls, the families taking turns.</summary>
    public List<CallScript> Draw(bool test, int count, ulong seed)
    {
        var families = _families.Where(f => f.Test == test).ToArray();
        return [.. Enumerable.Range(0, count).Select(i => Draw(families[i % families.Length], new Seeded(seed * 1_000_003 + (ulong)i)))];
    }

    private CallScript Draw(Family family, Seeded random)
    {
        var turns = new List<ScriptTurn>();
        TimeSpan? said = null;
        var clock = 1 + random.NextDouble();
        var pace = 2.2 + random.NextDouble();       // words a second: telephone speech is 2 to 3.5
        var temper = 0.5 + random.NextDouble();     // how much louder this customer gets
        foreach (var step in family.Steps)
        {
            if (!random.Chance(step.Chance)) continue;

            var text = _grammar.Expand(step.Template, random);
            var heated = step.Role == PartyRole.Customer && step.LouderDb >= 3;
            var start = clock + (heated && random.Chance(0.4) ? -1.0 : 0.2 + 1.2 * random.NextDouble());
            start = Math.Max(start, turns.Count == 0 ? 0 : turns[^1].Start.TotalSeconds + 1);
            var end = start + 0.6 + text.Split(' ').Length / (pace * (heated ? 1.15 : 1));
            turns.Add(new ScriptTurn(step.Role, TimeSpan.FromSeconds(start), TimeSpan.FromSeconds(end), text, step.LouderDb * temper));
            if (step.Explicit) said ??= TimeSpan.FromSeconds(start);
            clock = end + (step.Role == PartyRole.Agent && random.Chance(0.15) ? 4 + 8 * random.NextDouble() : 0); // the agent looks something up
        }

        return new CallScript(family.Name, family.Outcome, said, turns);
    }

    private sealed record Family(string Name, CallOutcome Outcome, bool Test, List<Step> Steps);

    private sealed record Step(PartyRole Role, double LouderDb, double Chance, string Template, bool Explicit)
    {
        public static Step Parse(string line)
        {
            var (head, template) = Grammar.Cut(line, ':');
            var parts = head.TrimStart('!').Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return new Step(
                parts[0] == "c" ? PartyRole.Customer : PartyRole.Agent,
                double.Parse(parts[1], CultureInfo.InvariantCulture),
                parts.Length > 2 ? double.Parse(parts[2], CultureInfo.InvariantCulture) : 1,
                template,
                head[0] == '!');
        }
    }
}
