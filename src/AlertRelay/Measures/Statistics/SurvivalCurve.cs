namespace EdgeAssist.AlertRelay.Measures.Statistics;

/// <summary>One step of the curve.</summary>
/// <param name="Time">When, in the unit of the data.</param>
/// <param name="AtRisk">Units that were still under way just before.</param>
/// <param name="Events">Units that ended then.</param>
/// <param name="Survival">Share still under way behind it, 0 to 1.</param>
/// <param name="StandardError">Of the share (Greenwood 1926).</param>
internal readonly record struct SurvivalStep(double Time, long AtRisk, long Events, double Survival, double StandardError);

/// <summary>
/// The share still under way over time when some units were not watched to their end: the product-limit estimator of Kaplan
/// and Meier (JASA 53, 1958). A unit that was lost at the time of an event counts as lost just behind it.
/// </summary>
internal sealed class SurvivalCurve
{
    private readonly SurvivalStep[] _steps;

    private SurvivalCurve(SurvivalStep[] steps, long units, long events) => (_steps, Units, Events) = (steps, units, events);

    public IReadOnlyList<SurvivalStep> Steps => _steps;

    public long Units { get; }

    public long Events { get; }

    /// <param name="times">Durations, not negative, in any order, and whether the end was seen.</param>
    public static SurvivalCurve Of(IEnumerable<(double Time, bool Ended)> times)
    {
        var sorted = times.OrderBy(each => each.Time).ToArray();
        var steps = new List<SurvivalStep>();
        double survival = 1, greenwood = 0;
        long events = 0;
        for (var i = 0; i < sorted.Length;)
        {
            var (time, atRisk, ended) = (sorted[i].Time, sorted.Length - i, 0);
            for (; i < sorted.Length && sorted[i].Time == time; i++) ended += sorted[i].Ended ? 1 : 0;
            if (ended == 0) continue;

            events += ended;
            survival *= 1 - (double)ended / atRisk;
            greenwood += atRisk == ended ? 0 : ended / ((double)atRisk * (atRisk - ended));
            steps.Add(new SurvivalStep(time, atRisk, ended, survival, survival * Math.Sqrt(greenwood)));
        }

        return new SurvivalCurve([.. steps], sorted.Length, events);
    }

    /// <summary>Share still under way behind <paramref name="time"/>.</summary>
    public double At(double time)
    {
        var survival = 1.0;
        foreach (var step in _steps)
        {
            if (step.Time > time) break;
            survival = step.Survival;
        }

        return survival;
    }

    /// <summary>First time at which no more than <paramref name="share"/> are still under way; null when that was not reached.</summary>
    public double? TimeOf(double share)
    {
        foreach (var step in _steps)
        {
            if (step.Survival <= share + 1e-12) return step.Time;
        }

        return null;
    }

    /// <summary>Area under the curve from 0 to <paramref name="until"/>: the mean of min(time, until).</summary>
    public double RestrictedMean(double until)
    {
        double area = 0, survival = 1, from = 0;
        foreach (var step in _steps)
        {
            if (step.Time >= until) break;
            area += survival * (step.Time - from);
            (survival, from) = (step.Survival, step.Time);
        }

        return area + survival * (until - from);
    }
}
