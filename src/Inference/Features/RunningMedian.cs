namespace EdgeAssist.Inference.Features;

/// <summary>The median and spread of many values by counting them in bins. Allocates nothing after construction.</summary>
internal sealed class RunningMedian(double lowest, double highest, double step)
{
    private readonly int[] _bins = new int[(int)Math.Ceiling((highest - lowest) / step) + 1];

    public int Count { get; private set; }

    public void Add(double value)
    {
        if (double.IsNaN(value)) return;
        _bins[(int)Math.Round((Math.Clamp(value, lowest, highest) - lowest) / step)]++;
        Count++;
    }

    /// <summary>The value below which a part of those seen lies; NaN when none was seen.</summary>
    public double Quantile(double part)
    {
        var (below, wanted) = (0, part * Count);
        for (var bin = 0; bin < _bins.Length && Count > 0; bin++)
        {
            below += _bins[bin];
            if (below >= wanted && below > 0) return lowest + bin * step;
        }

        return double.NaN;
    }
}
