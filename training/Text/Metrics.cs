namespace EdgeAssist.Training.Text;

/// <summary>Measures of a score against labels.</summary>
internal static class Metrics
{
    public static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));

    public static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    /// <summary>Area under the ROC curve (Mann-Whitney, ties count half). NaN when a class is missing.</summary>
    public static double Auroc(IReadOnlyList<(double Score, bool Truth)> scored)
    {
        var sorted = scored.OrderBy(s => s.Score).ToArray();
        var (ranks, positives, i) = (0.0, 0L, 0);
        while (i < sorted.Length)
        {
            var j = i;
            while (j < sorted.Length && sorted[j].Score == sorted[i].Score) j++;
            var rank = (i + 1 + j) / 2.0;
            for (; i < j; i++)
            {
                if (!sorted[i].Truth) continue;
                ranks += rank;
                positives++;
            }
        }

        var negatives = sorted.Length - positives;
        return positives == 0 || negatives == 0 ? double.NaN : (ranks - positives * (positives + 1) / 2.0) / (positives * (double)negatives);
    }

    /// <summary>Mean precision over the positives, best score first.</summary>
    public static double AveragePrecision(IReadOnlyList<(double Score, bool Truth)> scored)
    {
        var (sum, hits, seen) = (0.0, 0, 0);
        foreach (var (_, truth) in scored.OrderByDescending(s => s.Score))
        {
            seen++;
            if (truth) sum += ++hits / (double)seen;
        }

        return hits == 0 ? double.NaN : sum / hits;
    }

    /// <summary>Mean of the F1 of both classes at a threshold.</summary>
    public static double MacroF1(IReadOnlyList<(double Score, bool Truth)> scored, double threshold)
    {
        double F1(bool side)
        {
            var hit = scored.Count(s => s.Truth == side && s.Score >= threshold == side);
            var wrong = scored.Count(s => s.Truth != side && s.Score >= threshold == side);
            var missed = scored.Count(s => s.Truth == side && s.Score >= threshold != side);
            return hit == 0 ? 0 : 2.0 * hit / (2.0 * hit + wrong + missed);
        }

        return (F1(true) + F1(false)) / 2;
    }

    /// <summary>Expected calibration error over ten equal bins of the score.</summary>
    public static double CalibrationError(IReadOnlyList<(double Score, bool Truth)> scored) =>
        scored.GroupBy(s => Math.Min(9, (int)(s.Score * 10)))
            .Sum(bin => Math.Abs(bin.Average(s => s.Score) - bin.Average(s => s.Truth ? 1.0 : 0.0)) * bin.Count()) / Math.Max(1, scored.Count);

    /// <summary>Platt's slope and offset for log-odds, by Newton's method with his smoothed targets (Platt 1999).</summary>
    public static (double Slope, double Offset) Platt(IReadOnlyList<(double Logit, bool Truth)> scored)
    {
        var positives = scored.Count(s => s.Truth);
        var negatives = scored.Count - positives;
        if (positives < 5 || negatives < 5) return (1, 0);

        var (high, low) = ((positives + 1.0) / (positives + 2), 1.0 / (negatives + 2));
        var (slope, offset) = (1.0, 0.0);
        for (var iteration = 0; iteration < 50; iteration++)
        {
            double gs = 0, go = 0, hss = 1e-6, hso = 0, hoo = 1e-6;
            foreach (var (logit, truth) in scored)
            {
                var p = Sigmoid(slope * logit + offset);
                var error = p - (truth ? high : low);
                var curvature = Math.Max(1e-9, p * (1 - p));
                gs += error * logit;
                go += error;
                hss += curvature * logit * logit;
                hso += curvature * logit;
                hoo += curvature;
            }

            var determinant = hss * hoo - hso * hso;
            var (ds, dof) = ((hoo * gs - hso * go) / determinant, (hss * go - hso * gs) / determinant);
            (slope, offset) = (slope - Math.Clamp(ds, -1, 1), offset - Math.Clamp(dof, -2, 2));
            if (Math.Abs(ds) + Math.Abs(dof) < 1e-7) break;
        }

        return (Math.Max(0.05, slope), offset);
    }
}
