using System.Collections.Immutable;
using EdgeAssist.Contracts;

namespace EdgeAssist.Inference.Escalation;

/// <summary>What was noticed in one call, fading: for each cue its strength, and the occurrence it rests on most.</summary>
internal sealed class CueLedger(EscalationOptions options)
{
    private readonly Entry[] _entries = new Entry[CueWords.Count];

    /// <summary>Adds an occurrence.</summary>
    /// <param name="cue">What.</param>
    /// <param name="strength">0 to 1.</param>
    /// <param name="at">When, on the call's timeline.</param>
    /// <param name="role">Whose.</param>
    /// <param name="quote">The words, redacted; empty for none.</param>
    public void Add(Cue cue, double strength, TimeSpan at, PartyRole role, string quote)
    {
        ref var entry = ref _entries[(int)cue];
        var rule = options.Cues[(int)cue];
        var left = Faded(entry, rule, at);
        entry.Strength = Math.Min(rule.Cap, left + strength);
        entry.Since = at;
        // The newest occurrence is quoted unless it is much weaker than what still counts.
        if (entry.Quote is null || strength >= 0.5 * left) (entry.At, entry.Role, entry.Quote) = (at, role, quote);
    }

    /// <summary>Keeps a lasting cue at least at <paramref name="strength"/>, without adding up.</summary>
    public void Hold(Cue cue, double strength, TimeSpan at, PartyRole role)
    {
        ref var entry = ref _entries[(int)cue];
        var left = Faded(entry, options.Cues[(int)cue], at);
        if (left >= strength) return;

        (entry.Strength, entry.Since, entry.At, entry.Role, entry.Quote) = (strength, at, at, role, "");
    }

    /// <summary>The strength left of a cue, 0 to its cap.</summary>
    public double Strength(Cue cue, TimeSpan at) => Faded(_entries[(int)cue], options.Cues[(int)cue], at);

    /// <summary>The log-odds of escalation.</summary>
    public double LogOdds(TimeSpan at)
    {
        var sum = options.Bias;
        for (var i = 0; i < _entries.Length; i++) sum += options.Cues[i].Weight * Faded(_entries[i], options.Cues[i], at);
        return sum;
    }

    /// <summary>The reasons, strongest first; what adds to the risk comes before what calms when equal.</summary>
    /// <param name="at">Now.</param>
    /// <param name="atLeastOne">Name the strongest however weak it is.</param>
    /// <param name="beside">What others add to the log-odds.</param>
    public ImmutableArray<EscalationReason> Reasons(TimeSpan at, bool atLeastOne, IEnumerable<EscalationReason> beside)
    {
        var reasons = beside.Where(reason => Math.Abs(reason.Weight) >= options.WeakestReason).ToList();
        EscalationReason? strongest = null;
        for (var i = 0; i < _entries.Length; i++)
        {
            var weight = options.Cues[i].Weight * Faded(_entries[i], options.Cues[i], at);
            if (_entries[i].Quote is null || weight == 0) continue;

            var reason = new EscalationReason(((Cue)i).Word(), Math.Round(weight, 3), _entries[i].At, _entries[i].Role, _entries[i].Quote!);
            if (weight > 0 && (strongest is null || weight > strongest.Weight)) strongest = reason;
            if (Math.Abs(weight) >= options.WeakestReason) reasons.Add(reason);
        }

        if (atLeastOne && strongest is not null && !reasons.Any(reason => reason.Weight > 0)) reasons.Add(strongest);
        return [.. reasons.OrderByDescending(reason => Math.Abs(reason.Weight)).ThenByDescending(reason => reason.Weight).Take(options.MostReasons)];
    }

    private static double Faded(in Entry entry, CueWeight rule, TimeSpan at) =>
        entry.Strength == 0 ? 0 : entry.Strength * double.Exp2(-Math.Max(0, (at - entry.Since) / rule.HalfLife));

    private struct Entry
    {
        public double Strength;
        public TimeSpan Since;
        public TimeSpan At;
        public PartyRole Role;
        public string? Quote;
    }
}
