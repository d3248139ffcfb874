using System.Collections.Immutable;
using EdgeAssist.Contracts;
using EdgeAssist.Inference.Escalation;

namespace EdgeAssist.Inference.Rules;

/// <summary>
/// What rules would have done to a call that is over, from its stored words and scores: the rules that were in force are taken out
/// of the scores by their stored reasons, those on trial are put in, levels follow as on a live call. Between two stored scores the
/// model's part stands still, and silence is what lies between two finals: both a little coarser than live. A pure core.
/// </summary>
/// <param name="book">The rules on trial; <see cref="RuleBook.None"/> for what the model alone would have said.</param>
public sealed class RuleTrial(RuleBook book)
{
    private const string Prefix = "rule:";

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);
    private static readonly EscalationOptions Levels = new();

    /// <summary>Hits of each rule, by its name; rules without a hit are left out.</summary>
    public IReadOnlyDictionary<string, int> Hits { get; private set; } = ImmutableDictionary<string, int>.Empty;

    /// <summary>The call's events with the scores as they would have been: one wherever one was stored, and at every change of level.</summary>
    /// <param name="call">A call's events in order, its start first.</param>
    /// <exception cref="ArgumentException">There are none.</exception>
    public IReadOnlyList<CallEvent> Run(IReadOnlyList<CallEvent> call)
    {
        ArgumentNullException.ThrowIfNull(call);
        if (call.Count == 0) throw new ArgumentException("A call has a start at least.", nameof(call));

        var run = new Replay(book, call);
        foreach (var happened in call) run.Accept(happened);
        Hits = run.Hits.GroupBy(hit => hit.Rule.Rule.Id, StringComparer.Ordinal).ToImmutableDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
        return run.Events;
    }

    /// <summary>Names of the rules among a score's reasons, each with the moment it hit.</summary>
    public static IEnumerable<(string Id, TimeSpan At)> RulesIn(EscalationScore score)
    {
        ArgumentNullException.ThrowIfNull(score);
        return score.Reasons.Where(IsRule).Select(reason => (reason.Cue[Prefix.Length..], reason.At));
    }

    private static bool IsRule(EscalationReason reason) => reason.Cue.StartsWith(Prefix, StringComparison.Ordinal);

    private sealed class Replay(RuleBook book, IReadOnlyList<CallEvent> call)
    {
        private readonly CallRules _rules = new(book);
        private readonly LevelTracker _level = new(Levels);

        // Where analysis has a gap somebody may have spoken.
        private readonly List<(TimeSpan Start, TimeSpan End)> _speech =
            [.. call.OfType<TranscriptUpdated>().Where(t => t.Segment.IsFinal).Select(t => (t.Segment.Start, t.Segment.End))
                .Concat(call.OfType<AnalysisGap>().Select(gap => (gap.From, gap.To))).OrderBy(stretch => stretch.Item1)];

        private ScoreUpdated _last = new(call[0].Call, call[0].At, new EscalationScore { Risk = 0, Level = EscalationLevel.Calm, At = TimeSpan.Zero }, new LatencyTrace(call[0].At, []), AnalysisRung.Full);
        private double _logOdds = Levels.Bias;
        private TimeSpan _now;
        private TimeSpan _quietSince;
        private int _heard;

        public List<CallEvent> Events { get; } = [];

        public IReadOnlyList<RuleHit> Hits => _rules.Hits;

        public void Accept(CallEvent happened)
        {
            switch (happened)
            {
                case TranscriptUpdated { Segment: { IsFinal: true } said }:
                    PassTo(said.End);
                    _rules.OnFinal(said, said.Role);
                    Events.Add(happened);
                    Tell(onlyWhenLevelChanges: true);
                    break;
                case ScoreUpdated scored:
                    PassTo(scored.Score.At);
                    _last = scored;
                    _logOdds = Model(scored.Score);
                    Tell(onlyWhenLevelChanges: false);
                    break;
                case CallEnded ended:
                    PassTo(ended.At - call[0].At);
                    Events.Add(happened);
                    break;
                default:
                    Events.Add(happened);
                    break;
            }
        }

        /// <summary>The score's log-odds without the rules that were in force.</summary>
        private static double Model(EscalationScore score)
        {
            var risk = Math.Clamp(score.Risk, 1e-6, 1 - 1e-6);
            return Math.Log(risk / (1 - risk)) - score.Reasons.Where(IsRule).Sum(reason => reason.Weight);
        }

        /// <summary>Hits fade and silences grow while nothing is stored.</summary>
        private void PassTo(TimeSpan until)
        {
            while (_now + Step <= until)
            {
                _now += Step;
                for (; _heard < _speech.Count && _speech[_heard].Start <= _now; _heard++) _quietSince = Max(_quietSince, _speech[_heard].End);
                if (_speech.Count > 0 && _now > _quietSince) _rules.OnQuiet(_quietSince, _now);
                Tell(onlyWhenLevelChanges: true);
            }
        }

        private void Tell(bool onlyWhenLevelChanges)
        {
            var risk = 1 / (1 + Math.Exp(-_logOdds - _rules.LogOdds(_now)));
            if (!_level.Update(risk, _now) && onlyWhenLevelChanges) return;

            var reasons = _rules.Counting(_now).Where(rule => Math.Abs(rule.Weight) >= Levels.WeakestReason)
                .Select(rule => new EscalationReason(rule.Hit.Rule.Cue, Math.Round(rule.Weight, 3), rule.Hit.At, rule.Hit.Role, Quotes.Of(rule.Hit.Text)));
            Events.Add(_last with
            {
                At = Instant.Max(_last.At, call[0].At + _now),
                Score = _last.Score with { Risk = risk, Level = _level.Level, At = _now, Reasons = [.. _last.Score.Reasons.Where(r => !IsRule(r)), .. reasons] },
            });
        }

        private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
    }
}
