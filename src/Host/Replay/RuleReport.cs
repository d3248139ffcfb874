using System.Globalization;
using EdgeAssist.AlertRelay.Hosting;
using EdgeAssist.AlertRelay.State;
using EdgeAssist.Contracts;
using EdgeAssist.Inference.Rules;

namespace EdgeAssist.Host.Replay;

/// <summary>What rules did over many calls: hits and alerts, by rule and in all.</summary>
internal sealed class RuleReport
{
    private readonly RuleBook _book;
    private readonly SortedDictionary<string, Tally> _rules = new(StringComparer.Ordinal);
    private double _hours;
    private int _calls;
    private int _before;
    private int _after;

    public RuleReport(RuleBook book)
    {
        _book = book;
        foreach (var id in book.Ids) _rules.Add(id, new Tally());
    }

    /// <summary>A recording, played without the rules and with them: each moment a rule was a reason for is one hit.</summary>
    public void Add(ReplayedCall plain, ReplayedCall ruled)
    {
        foreach (var (id, _) in ruled.Events.OfType<ScoreUpdated>().SelectMany(e => RuleTrial.RulesIn(e.Score)).Distinct()) _rules[id].Hits++;
        Count(ruled.Length, ruled.Events, plain.Opened, ruled.Opened);
    }

    /// <summary>A call out of the journal: tried without rules, with them all and, where that gave alerts, without each that hit.</summary>
    public void Add(StoredCall call)
    {
        var without = Opened(call, new RuleTrial(RuleBook.None).Run(call.Events));
        var trial = new RuleTrial(_book);
        var events = trial.Run(call.Events);
        var with = Opened(call, events);
        foreach (var (id, hits) in trial.Hits) _rules[id].Hits += hits;
        foreach (var id in trial.Hits.Keys.Where(_ => with > without))
            _rules[id].Decides += Math.Max(0, with - Opened(call, new RuleTrial(_book.Without(id)).Run(call.Events)));

        Count(call.Events[^1].At - call.Events[0].At, events, without, with);
    }

    /// <summary>Prints the counts; calls of some length must have been added.</summary>
    public void Write(TextWriter output)
    {
        foreach (var (id, tally) in _rules)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {id}: {tally.Hits} hits, {tally.Hits / _hours:0.0} an hour; takes part in {tally.Alerts / _hours:0.00} alerts an hour, of which {tally.Decides / _hours:0.00} would not be without it"));
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{_calls} calls, {_hours:0.000} hours: {_before / _hours:0.00} alerts an hour without the rules, {_after / _hours:0.00} with them"));
    }

    private void Count(TimeSpan length, IReadOnlyList<CallEvent> events, int before, int after)
    {
        (_calls, _hours, _before, _after) = (_calls + 1, _hours + length.TotalHours, _before + before, _after + after);
        var level = EscalationLevel.Calm;
        foreach (var score in events.OfType<ScoreUpdated>().Select(e => e.Score))
        {
            if (level < EscalationLevel.Escalated && score.Level >= EscalationLevel.Escalated)
            {
                foreach (var id in RuleTrial.RulesIn(score).Select(rule => rule.Id).Distinct(StringComparer.Ordinal)) _rules[id].Alerts++;
            }

            level = score.Level;
        }
    }

    /// <summary>Alerts by the rules that live calls have.</summary>
    private static int Opened(StoredCall call, IReadOnlyList<CallEvent> events)
    {
        var relay = new AlertReplay(call.Start);
        return ReplayedCall.CountOpened(events.SelectMany(relay.Accept));
    }

    private sealed class Tally
    {
        public int Hits { get; set; }

        /// <summary>Rises to «escalated» of which the rule was a reason.</summary>
        public int Alerts { get; set; }

        /// <summary>Alerts that the other rules alone do not give.</summary>
        public int Decides { get; set; }
    }
}
