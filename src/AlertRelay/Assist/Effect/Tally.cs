namespace EdgeAssist.AlertRelay.Assist.Effect;

/// <summary>Number, mean and spread of values that came one by one (Welford 1962).</summary>
/// <param name="N">Values.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="M2">Sum of squared differences from the mean.</param>
internal readonly record struct Tally(long N, double Mean, double M2)
{
    /// <summary>Of the sample; NaN below two values.</summary>
    public double Variance => N < 2 ? double.NaN : M2 / (N - 1);

    public Tally Add(double value)
    {
        var n = N + 1;
        var delta = value - Mean;
        var mean = Mean + delta / n;
        return new Tally(n, mean, M2 + delta * (value - mean));
    }
}

/// <summary>What makes two moments alike.</summary>
/// <param name="Situation">The leading cue.</param>
/// <param name="Level">The level.</param>
/// <param name="Band">The risk: 0 below 0.90, 1 below 0.97, 2 above.</param>
internal readonly record struct Stratum(string Situation, V1.Level Level, int Band)
{
    public static Stratum Of(string situation, V1.Level level, double risk) => new(situation, level, risk < 0.90 ? 0 : risk < 0.97 ? 1 : 2);
}

/// <summary>Effect of an entry: change of the risk a minute with it, less the same at matched moments without a prompt.</summary>
/// <param name="Shown">Moments with the entry that were matched.</param>
/// <param name="Matched">Moments without a prompt that they were matched with.</param>
/// <param name="Unmatched">Moments with the entry that have no match yet.</param>
/// <param name="Mean">The difference; null below <see cref="EffectLedger.FewestShown"/> moments on either side.</param>
/// <param name="Low">95 % interval.</param>
/// <param name="High">95 % interval.</param>
internal readonly record struct EntryEffect(long Shown, long Matched, long Unmatched, double? Mean = null, double Low = 0, double High = 0)
{
    /// <summary>The interval leaves no room for a benefit.</summary>
    public bool ExcludesBenefit => Mean is not null && Low >= 0;

    /// <summary>The interval leaves no room for the contrary.</summary>
    public bool ShowsBenefit => Mean is not null && High < 0;
}
