using EdgeAssist.Contracts;
using EdgeAssist.Training.Authored;
using EdgeAssist.Training.Data;
using EdgeAssist.Training.Text;

namespace EdgeAssist.Training.Escalation;

/// <summary>
/// Makes seeded calls of one to four minutes from the families of scenarios.txt: an arc (calm, recovers, escalates) draws turns
/// from the family's pools, with times, loudness, talking over, holds and the customer's history. Part of the words is roughened
/// as a recogniser would. Test families share no line of the customer's complaint with train families.
/// </summary>
internal sealed class ScenarioGenerator
{
    /// <summary>Of a hundred calls so many escalate and so many recover; the others are calm. Contact centres see fewer still.</summary>
    public const double Escalate = 0.15, Recover = 0.12;

    private const string Shared = "shared";
    private static readonly string[] GrievancePools = ["mild", "strong", "anger", "explicit"];

    private readonly Grammar _grammar = Grammar.BuiltIn();
    private readonly Dictionary<string, ILookup<string, string>> _families = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool> _tests = new(StringComparer.Ordinal);

    public ScenarioGenerator()
    {
        var lines = new Dictionary<string, List<(string Pool, string Template)>>(StringComparer.Ordinal);
        var family = "";
        foreach (var line in Grammar.Resource("scenarios.txt").Where(l => l.Length > 0 && l[0] != '#'))
        {
            if (line[0] == '=')
            {
                var parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                (family, _tests[parts[1]]) = (parts[1], parts[2] == "test");
                lines.Add(family, []);
            }
            else lines[family].Add(Grammar.Cut(line, ':'));
        }

        foreach (var (name, pairs) in lines) _families.Add(name, pairs.ToLookup(p => p.Pool, p => p.Template, StringComparer.Ordinal));
    }

    /// <summary>Names of one side's families.</summary>
    public IEnumerable<string> Names(bool test) => _tests.Where(t => t.Key != Shared && t.Value == test).Select(t => t.Key);

    /// <summary>Every line a side's customers complain with.</summary>
    public IEnumerable<string> Grievances(bool test) =>
        Names(test).SelectMany(name => GrievancePools.SelectMany(pool => _families[name][pool]));

    public List<CallScript> Draw(bool test, int count, ulong seed)
    {
        var names = Names(test).ToArray();
        return [.. Enumerable.Range(0, count).Select(i => Draw(names[i % names.Length], new Seeded(seed * 1_000_003 + (ulong)i)))];
    }

    private CallScript Draw(string family, Seeded random)
    {
        var roll = random.NextDouble();
        var outcome = roll < Escalate ? CallOutcome.Escalates : roll < Escalate + Recover ? CallOutcome.Recovers : CallOutcome.Calm;
        var draft = new CallDraft(this, family, random);
        draft.Agent("open");
        draft.Customer("ask", 0);
        draft.Chat(2 + random.Next(4));
        if (outcome == CallOutcome.Escalates) Escalating(draft, random);
        else if (outcome == CallOutcome.Recovers) Recovering(draft, random);
        else Calm(draft, random);
        return draft.Finish(outcome, History(outcome, random));
    }

    private static void Calm(CallDraft draft, Seeded random)
    {
        var milds = random.Chance(0.5) ? 0 : 1 + random.Next(2);
        for (var i = 0; i < milds; i++)
        {
            draft.Customer("mild", 0.1);
            draft.Chat(1 + random.Next(2));
        }

        if (random.Chance(0.2))
        {
            draft.Agent("refuse");
            draft.Chat(1);
        }

        if (random.Chance(0.05)) draft.Customer("strong", 0.3); // one plain word, and that was it
        draft.Agent("resolve");
        draft.Chat(random.Next(4));
        draft.Customer("thanks", 0);
    }

    private static void Recovering(CallDraft draft, Seeded random)
    {
        Friction(draft, random, milds: 1 + random.Next(2), strongs: 1 + random.Next(2), calmer: 0.5);
        if (random.Chance(0.3)) draft.Customer("anger", 0.7);
        for (var i = 0; i <= random.Next(2); i++)
        {
            draft.Agent("resolve");
            draft.Chat(1);
        }

        draft.Customer("thanks", 0);
        draft.Chat(random.Next(4));
        draft.Customer("thanks", 0);
    }

    private static void Escalating(CallDraft draft, Seeded random)
    {
        if (random.Chance(0.1)) draft.Customer("mild", 0.2); // out of a quiet call: nothing could have told it
        else
        {
            Friction(draft, random, milds: 2 + random.Next(3), strongs: 3 + random.Next(4), calmer: 0.25);
            var angers = 1 + random.Next(3);
            for (var i = 0; i < angers; i++)
            {
                draft.Agent("refuse");
                draft.Customer(random.Chance(0.7) ? "anger" : "strong", 0.7 + 0.1 * i);
            }
        }

        draft.Agent(random.Chance(0.2) ? "resolve" : "refuse");
        draft.Customer("explicit", 0.9, marked: true);
        draft.Agent("chat-a");
        if (random.Chance(0.5)) draft.Customer("anger", 0.9);
    }

    private static void Friction(CallDraft draft, Seeded random, int milds, int strongs, double calmer)
    {
        var (left, of) = (milds + strongs, milds + strongs);
        while (left > 0)
        {
            var strong = left <= strongs;
            draft.Customer(strong ? "strong" : "mild", 0.15 + 0.55 * (of - left) / of);
            left--;
            if (random.Chance(calmer)) draft.Chat(1 + random.Next(2));
            else draft.Agent(random.Chance(0.75) ? "refuse" : "chat-a");
        }
    }

    private static CustomerHistory History(CallOutcome outcome, Seeded random)
    {
        var (open, contacts, promises) = outcome switch
        {
            CallOutcome.Escalates => (0.55, 0.6, 0.3),
            CallOutcome.Recovers => (0.45, 0.4, 0.15),
            _ => (0.2, 0.15, 0.03),
        };
        return new CustomerHistory
        {
            OpenCases = random.Chance(open) ? 1 + random.Next(2) : 0,
            RecentContacts = random.Chance(contacts) ? 1 + random.Next(4) : 0,
            BrokenPromises = random.Chance(promises) ? 1 : 0,
        };
    }

    /// <summary>One call while it is written.</summary>
    private sealed class CallDraft(ScenarioGenerator owner, string family, Seeded random)
    {
        private readonly List<ScriptTurn> _turns = [];
        private readonly HashSet<string> _said = new(StringComparer.Ordinal);
        private readonly Roughener _roughener = new((ulong)random.Next(int.MaxValue));
        private readonly double _pace = 2.2 + random.NextDouble();      // words a second: telephone speech is 2 to 3.5
        private readonly double _temper = 2 + 8 * random.NextDouble();  // decibels this customer's voice rises at full heat
        private readonly bool _rough = random.Chance(0.5);              // a bad line: the words come misheard
        private double _clock = 1 + random.NextDouble();
        private double _heat;
        private TimeSpan? _explicit;

        public void Agent(string pool) => Say(PartyRole.Agent, pool, 0);

        public void Customer(string pool, double heat, bool marked = false)
        {
            _heat = heat;
            var turn = Say(PartyRole.Customer, pool, heat);
            if (marked) _explicit ??= turn.Start;
        }

        /// <summary>Calm exchanges: question and answer; now and then somebody looks something up.</summary>
        public void Chat(int exchanges)
        {
            for (var i = 0; i < exchanges; i++)
            {
                Say(PartyRole.Agent, "chat-a", 0);
                if (random.Chance(0.12)) _clock += 4 + 26 * random.NextDouble();
                Say(PartyRole.Customer, "chat-c", 0.5 * _heat);
            }
        }

        public CallScript Finish(CallOutcome outcome, CustomerHistory history) => new(family, outcome, _explicit, _turns, history);

        private ScriptTurn Say(PartyRole role, string pool, double heat)
        {
            var text = Words(pool);
            var heated = role == PartyRole.Customer && heat >= 0.4;
            var start = _clock + (heated && random.Chance(0.3) ? -1.2 : 0.2 + 1.2 * random.NextDouble());
            start = Math.Max(start, _turns.Count == 0 ? 0 : _turns[^1].Start.TotalSeconds + 1);
            var length = 0.6 + text.Split(' ').Length / (_pace * (1 + 0.15 * heat));
            var louder = role == PartyRole.Customer ? _temper * heat + random.NextNormal() : random.NextNormal();
            var turn = new ScriptTurn(role, TimeSpan.FromSeconds(start), TimeSpan.FromSeconds(start + length), text, louder);
            _turns.Add(turn);
            _clock = start + length;
            return turn;
        }

        // A line is not said twice in a call while another is left.
        private string Words(string pool)
        {
            var templates = owner._families[family][pool].Concat(owner._families[Shared][pool]).ToArray();
            var fresh = templates.Where(t => !_said.Contains(t)).ToArray();
            var template = (fresh.Length > 0 ? fresh : templates)[random.Next(fresh.Length > 0 ? fresh.Length : templates.Length)];
            _said.Add(template);
            var words = owner._grammar.Expand(template, random);
            return _rough ? string.Join(' ', _roughener.Roughen([.. words.Split(' ')])) : words;
        }
    }
}
