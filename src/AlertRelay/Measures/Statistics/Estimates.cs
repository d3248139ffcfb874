namespace EdgeAssist.AlertRelay.Measures.Statistics;

/// <summary>A number with what is needed to judge it, or the rule that kept it from being given.</summary>
/// <param name="Value">The estimate, in the measure's unit. Meaningless when <see cref="NotEnough"/> is set.</param>
/// <param name="Low">Lower end of the 95 % interval.</param>
/// <param name="High">Upper end of the 95 % interval.</param>
/// <param name="StandardError">Of the estimate.</param>
/// <param name="Degrees">Degrees of freedom behind the interval; infinite where the normal distribution was used.</param>
/// <param name="Units">Calls, cycles or answers that it rests on.</param>
/// <param name="NotEnough">Null, or the rule that was not met, as a sentence: there is no number then.</param>
internal sealed record Estimate(double Value, double Low, double High, double StandardError, double Degrees, long Units, string? NotEnough = null)
{
    private const double Power = 0.80;

    public static Estimate None(string rule, long units) => new(double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, units, rule);

    public bool IsKnown => NotEnough is null;

    /// <summary>
    /// The smallest true change that data like these would show in 4 of 5 cases at a two-sided level of 5 %: (t₀.₉₇₅ + t₀.₈₀) × SE
    /// (Bloom 1995, «Minimum detectable effects», Evaluation Review 19).
    /// </summary>
    public double MinimumDetectable => (Quantile(0.975) + Quantile(Power)) * StandardError;

    /// <summary>The value over its standard error; 0 when the error is 0 and the value too.</summary>
    public double Z => StandardError > 0 ? Value / StandardError : Value == 0 ? 0 : double.PositiveInfinity * Math.Sign(Value);

    /// <summary>Two-sided probability of a value as far from 0, were the truth 0.</summary>
    public double PValue => Z == 0 ? 1 : 2 * (double.IsInfinity(Degrees) ? Distributions.NormalCdf(-Math.Abs(Z)) : Distributions.StudentCdf(-Math.Abs(Z), Degrees));

    private double Quantile(double p) => double.IsInfinity(Degrees) ? Distributions.NormalQuantile(p) : Distributions.StudentQuantile(p, Degrees);
}

/// <summary>How many units a comparison of two equal groups takes.</summary>
internal static class SampleSize
{
    /// <summary>
    /// Units a group for a difference of means: 2 (z₁₋α⸝₂ + z₁₋β)² σ² ⁄ δ² (Fleiss, Levin and Paik 2003, §4).
    /// </summary>
    /// <param name="deviation">Standard deviation of a unit.</param>
    /// <param name="difference">The difference worth finding, not 0.</param>
    /// <param name="alpha">Two-sided level.</param>
    /// <param name="power">Probability of finding it.</param>
    public static int PerGroup(double deviation, double difference, double alpha = 0.05, double power = 0.80)
    {
        var z = Distributions.NormalQuantile(1 - alpha / 2) + Distributions.NormalQuantile(power);
        return (int)Math.Ceiling(2 * z * z * deviation * deviation / (difference * difference));
    }
}
