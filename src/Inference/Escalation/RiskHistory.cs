namespace EdgeAssist.Inference.Escalation;

/// <summary>The risk of the last seconds, one value a second, for the trend. Allocates nothing after construction.</summary>
internal sealed class RiskHistory
{
    private readonly double[] _risks;
    private readonly long _seconds;
    private long _last;

    /// <param name="window">Whole seconds to look back.</param>
    /// <param name="before">The risk before the call.</param>
    public RiskHistory(TimeSpan window, double before)
    {
        _seconds = Math.Max(1, (long)window.TotalSeconds);
        _risks = new double[_seconds + 1];
        Array.Fill(_risks, before);
    }

    /// <summary>The risk one window before <paramref name="at"/>.</summary>
    public double Before(TimeSpan at)
    {
        var second = (long)at.TotalSeconds;
        return second - _last > _seconds ? _risks[_last % _risks.Length] : _risks[Math.Max(0, second - _seconds) % _risks.Length];
    }

    public void Add(TimeSpan at, double risk)
    {
        var second = Math.Max(_last, (long)at.TotalSeconds);
        var held = _risks[_last % _risks.Length];
        for (var between = Math.Max(_last + 1, second - _seconds); between < second; between++) _risks[between % _risks.Length] = held;
        _risks[second % _risks.Length] = risk;
        _last = second;
    }
}
