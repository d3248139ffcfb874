using System.Collections.Immutable;

namespace EdgeAssist.AlertRelay.Assist.Effect;

/// <summary>
/// How the risk went after moments with a prompt and after moments without one, and what people decided about entries. Folded from
/// the journal; knows no call, no agent and no team: what it measures are entries. Immutable.
/// </summary>
internal sealed record EffectLedger
{
    /// <summary>Below so many matched moments with an entry, or without, nothing is said about its effect.</summary>
    public const int FewestShown = 20;

    public static EffectLedger Empty { get; } = new();

    private ImmutableDictionary<Stratum, Tally> Without { get; init; } = ImmutableDictionary<Stratum, Tally>.Empty;

    private ImmutableDictionary<string, ImmutableDictionary<Stratum, Tally>> With { get; init; } =
        ImmutableDictionary.Create<string, ImmutableDictionary<Stratum, Tally>>(StringComparer.Ordinal);

    /// <summary>The newest word about an entry, by its key.</summary>
    public ImmutableDictionary<string, V1.EntryUseChange> Uses { get; init; } = ImmutableDictionary.Create<string, V1.EntryUseChange>(StringComparer.Ordinal);

    public EffectLedger Take(V1.AssistRecord record) => record.KindCase switch
    {
        V1.AssistRecord.KindOneofCase.Moment => Take(record.Moment),
        V1.AssistRecord.KindOneofCase.Use => this with { Uses = Uses.SetItem(Key(record.Use.EntryId, record.Use.EntryVersion), record.Use) },
        _ => this,
    };

    /// <summary>What was measured of an entry.</summary>
    public EntryEffect Of(string entryKey)
    {
        if (!With.TryGetValue(entryKey, out var strata)) return default;
        var (shown, matched, unmatched) = (0L, 0L, 0L);
        foreach (var (stratum, with) in strata)
        {
            var without = Without.GetValueOrDefault(stratum);
            if (IsMatched(with, without)) (shown, matched) = (shown + with.N, matched + without.N);
            else unmatched += with.N;
        }

        return shown < FewestShown || matched < FewestShown ? new EntryEffect(shown, matched, unmatched) : Estimate(strata, shown, matched, unmatched);
    }

    /// <summary>Whether an entry may be selected, and why not.</summary>
    public (V1.EntryUse Use, string Reason) UseOf(string entryKey)
    {
        if (Uses.TryGetValue(entryKey, out var decided) && decided.Use is V1.EntryUse.SwitchedOff or V1.EntryUse.Kept)
            return (decided.Use, $"{decided.Actor}: {decided.Reason}");
        return Of(entryKey).ExcludesBenefit ? (V1.EntryUse.Retired, "the 95 % interval of its effect leaves no room for a benefit") : (V1.EntryUse.InUse, "");
    }

    public bool IsSelectable(string entryKey) => UseOf(entryKey).Use is V1.EntryUse.InUse or V1.EntryUse.Kept;

    public static string Key(string entryId, int version) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{entryId}@{version}");

    // Each stratum's difference, weighted by how often the entry was shown there (Cochran 1968); degrees of freedom by
    // Welch–Satterthwaite over all its terms.
    private EntryEffect Estimate(ImmutableDictionary<Stratum, Tally> strata, long shown, long matched, long unmatched)
    {
        var (mean, variance, freedom) = (0.0, 0.0, 0.0);
        foreach (var (stratum, with) in strata.OrderBy(pair => pair.Key.Situation, StringComparer.Ordinal).ThenBy(pair => pair.Key.Level).ThenBy(pair => pair.Key.Band))
        {
            var without = Without.GetValueOrDefault(stratum);
            if (!IsMatched(with, without)) continue;
            var weight = (double)with.N / shown;
            mean += weight * (with.Mean - without.Mean);
            foreach (var side in new[] { with, without })
            {
                var term = weight * weight * side.Variance / side.N;
                variance += term;
                freedom += term * term / (side.N - 1);
            }
        }

        var half = variance == 0 ? 0 : StudentT(variance * variance / freedom) * Math.Sqrt(variance);
        return new EntryEffect(shown, matched, unmatched, mean, mean - half, mean + half);
    }

    /// <summary>Two-sided 95 % point of Student's t, by the expansion of Cornish and Fisher (Abramowitz and Stegun 26.7.5): right to 0.01 from 4 degrees of freedom on.</summary>
    internal static double StudentT(double degrees)
    {
        const double z = 1.959963985;
        var (z3, z5, z7) = (Math.Pow(z, 3), Math.Pow(z, 5), Math.Pow(z, 7));
        return z + (z3 + z) / (4 * degrees)
            + (5 * z5 + 16 * z3 + 3 * z) / (96 * degrees * degrees)
            + (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * Math.Pow(degrees, 3));
    }

    // A variance needs two of each.
    private static bool IsMatched(Tally with, Tally without) => with.N >= 2 && without.N >= 2;

    private EffectLedger Take(V1.MeasuredMoment moment)
    {
        var minutes = moment.Span?.ToTimeSpan().TotalMinutes ?? 0;
        if (minutes <= 0) return this;
        var stratum = Stratum.Of(moment.Situation, moment.Level, moment.RiskBefore);
        var slope = (moment.RiskAfter - moment.RiskBefore) / minutes;
        if (!moment.WithPrompt) return this with { Without = Without.SetItem(stratum, Without.GetValueOrDefault(stratum).Add(slope)) };

        var with = With;
        foreach (var key in moment.Entries)
        {
            var strata = with.GetValueOrDefault(key, ImmutableDictionary<Stratum, Tally>.Empty);
            with = with.SetItem(key, strata.SetItem(stratum, strata.GetValueOrDefault(stratum).Add(slope)));
        }

        return this with { With = with };
    }
}
