namespace EdgeAssist.AlertRelay.Measures.Statistics;

/// <summary>A mean of units that come in days: the ratio of two sums over days.</summary>
internal static class RatioMean
{
    /// <summary>Days needed for an interval.</summary>
    public const int LeastDays = 7;

    /// <summary>Σ sums ⁄ Σ counts with the linearised error over days as clusters (Cochran, «Sampling Techniques», 1977, §6.3) and Student's t.</summary>
    /// <param name="days">A sum and a count a day; a count may be hours. Days without counts are passed over.</param>
    /// <param name="least">The least sum of counts that gives a number.</param>
    /// <param name="what">The counted things, for the sentence when there are too few.</param>
    public static Estimate Of(IEnumerable<(double Sum, double Count)> days, double least, string what)
    {
        var all = days.Where(day => day.Count > 0).ToArray();
        var (sum, count) = (all.Sum(day => day.Sum), all.Sum(day => day.Count));
        var units = (long)Math.Round(count);
        if (count < least) return Estimate.None(FormattableString.Invariant($"at least {least:0} {what} are needed; there are {count:0}"), units);
        if (all.Length < LeastDays) return Estimate.None(FormattableString.Invariant($"at least {LeastDays} days are needed; there are {all.Length}"), units);

        var mean = sum / count;
        var squares = all.Sum(day => (day.Sum - mean * day.Count) * (day.Sum - mean * day.Count));
        var error = Math.Sqrt(squares * all.Length / (all.Length - 1)) / count;
        var half = Distributions.StudentQuantile(0.975, all.Length - 1) * error;
        return new Estimate(mean, mean - half, mean + half, error, all.Length - 1, units);
    }
}
