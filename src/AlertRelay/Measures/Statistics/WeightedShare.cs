namespace EdgeAssist.AlertRelay.Measures.Statistics;

/// <summary>A share of a population estimated from a random sample whose members had known, unequal chances to be drawn.</summary>
internal static class WeightedShare
{
    /// <summary>
    /// Hájek's ratio estimator with weights 1⁄chance, and Wilson's interval (JASA 22, 1927) at Kish's effective sample size
    /// (Survey Sampling, 1965, §11.7): with equal chances it is Wilson's interval itself.
    /// </summary>
    /// <param name="sample">For each member whether it has the property, and the chance with which it was drawn, 0 exclusive to 1.</param>
    public static Estimate Of(IReadOnlyCollection<(bool Has, double Chance)> sample)
    {
        if (sample.Count == 0) return Estimate.None("nothing was drawn and labelled", 0);
        if (sample.Any(member => !(member.Chance is > 0 and <= 1))) throw new ArgumentException("A chance to be drawn is above 0 and not above 1.", nameof(sample));

        var weights = sample.Select(member => 1 / member.Chance).Order().ToArray();   // sorted: the sum does not depend on the order
        double sum = weights.Sum(), squares = weights.Sum(weight => weight * weight);
        var with = sample.Where(member => member.Has).Select(member => 1 / member.Chance).Order().Sum();
        return Wilson(with / sum, sum * sum / squares, sample.Count);
    }

    /// <summary>Wilson's 95 % interval of a share.</summary>
    /// <param name="share">Seen.</param>
    /// <param name="size">Size of the sample it was seen in, or the effective one.</param>
    /// <param name="units">Members, for the record.</param>
    public static Estimate Wilson(double share, double size, long units)
    {
        var z = Distributions.NormalQuantile(0.975);
        var centre = (share + z * z / (2 * size)) / (1 + z * z / size);
        var half = z * Math.Sqrt(share * (1 - share) / size + z * z / (4 * size * size)) / (1 + z * z / size);
        return new Estimate(share, Math.Max(0, centre - half), Math.Min(1, centre + half), Math.Sqrt(share * (1 - share) / size), double.PositiveInfinity, units);
    }
}
