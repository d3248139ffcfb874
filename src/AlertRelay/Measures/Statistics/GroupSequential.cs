namespace EdgeAssist.AlertRelay.Measures.Statistics;

/// <summary>How the permitted 5 % of false alarms are spread over looks at growing data (Lan and DeMets, Biometrika 70, 1983).</summary>
internal enum Spending
{
    /// <summary>α ln(1 + (e − 1) t): about the same hurdle at every look.</summary>
    PocockLike,

    /// <summary>2 − 2Φ(z₁₋α⸝₄ ⁄ √t) on either side: next to nothing early, almost the usual hurdle at the end.</summary>
    OBrienFlemingLike,
}

/// <summary>
/// The hurdles for |z| at planned looks, so that all looks together raise a false alarm in 5 of 100 worlds without an effect. Who
/// looks every week with 1.96 and stops when it is passed finds one in 20 to 30 of 100.
/// </summary>
internal static class GroupSequential
{
    private const int Points = 301;

    /// <param name="information">Share of the final data at each look, rising, above 0, the last at most 1.</param>
    /// <param name="spending">The plan.</param>
    /// <param name="alpha">Two-sided level over all looks.</param>
    /// <returns>The hurdle for |z| at each look.</returns>
    public static double[] Bounds(IReadOnlyList<double> information, Spending spending, double alpha = 0.05)
    {
        if (information.Count == 0 || information[0] <= 0 || information[^1] > 1 + 1e-9 || information.Zip(information.Skip(1)).Any(pair => pair.Second <= pair.First))
            throw new ArgumentException("Shares of information rise from above 0 to at most 1.", nameof(information));

        var bounds = new double[information.Count];
        double[] grid = [], density = [];   // of the score S = z √t among the worlds that passed no hurdle so far
        var spent = 0.0;
        for (var look = 0; look < bounds.Length; look++)
        {
            var t = information[look];
            var due = Spent(spending, t, alpha) - spent;
            spent += due;
            bounds[look] = look == 0 ? Distributions.NormalQuantile(1 - due / 2) : Hurdle(grid, density, t, Math.Sqrt(t - information[look - 1]), due);
            if (look < bounds.Length - 1) (grid, density) = Inside(grid, density, bounds[look] * Math.Sqrt(t), look == 0 ? Math.Sqrt(t) : Math.Sqrt(t - information[look - 1]));
        }

        return bounds;
    }

    public static double Spent(Spending spending, double t, double alpha) => spending == Spending.PocockLike
        ? alpha * Math.Log(1 + (Math.E - 1) * Math.Min(1, t))
        : 4 * Distributions.NormalCdf(-Distributions.NormalQuantile(1 - alpha / 4) / Math.Sqrt(Math.Min(1, t)));

    // The hurdle beyond which exactly «due» of the worlds that are still under way fall (Armitage, McPherson and Rowe 1969).
    private static double Hurdle(double[] grid, double[] density, double t, double step, double due)
    {
        var (low, high) = (0.0, 12.0);
        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            if (Beyond(grid, density, middle * Math.Sqrt(t), step) > due) low = middle;
            else high = middle;
        }

        return (low + high) / 2;
    }

    private static double Beyond(double[] grid, double[] density, double limit, double step) => Integrate(grid, (i, x) =>
        density[i] * (Distributions.NormalCdf((x - limit) / step) + Distributions.NormalCdf((-limit - x) / step)));

    private static (double[] Grid, double[] Density) Inside(double[] before, double[] densityBefore, double limit, double step)
    {
        var grid = new double[Points];
        var density = new double[Points];
        for (var i = 0; i < Points; i++)
        {
            var s = grid[i] = -limit + 2 * limit * i / (Points - 1);
            density[i] = before.Length == 0 ? Normal(s / step) / step : Integrate(before, (j, x) => densityBefore[j] * Normal((s - x) / step) / step);
        }

        return (grid, density);
    }

    // Simpson's rule on the even grid.
    private static double Integrate(double[] grid, Func<int, double, double> value)
    {
        var sum = value(0, grid[0]) + value(grid.Length - 1, grid[^1]);
        for (var i = 1; i < grid.Length - 1; i++) sum += value(i, grid[i]) * (i % 2 == 1 ? 4 : 2);
        return sum * (grid[1] - grid[0]) / 3;
    }

    private static double Normal(double z) => Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);
}
