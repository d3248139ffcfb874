namespace EdgeAssist.MediaGateway.Codecs;

/// <summary>The Kaiser window for a stop band of 80 dB (Kaiser 1974): what both resamplers are designed with.</summary>
internal static class KaiserWindow
{
    private const double Beta = 7.857;   // 0.1102 · (80 dB − 8.7)

    /// <summary>The window at a place from −1 to 1.</summary>
    public static double At(double place) => BesselI0(Beta * Math.Sqrt(1 - place * place)) / BesselI0(Beta);

    /// <summary>A linear-phase low-pass, exactly 1 at zero frequency, so that a constant stays one.</summary>
    /// <param name="count">Taps.</param>
    /// <param name="cutOff">Where it is 6 dB down, as a share of the sampling rate.</param>
    public static float[] LowPass(int count, double cutOff)
    {
        var taps = new double[count];
        for (var i = 0; i < count; i++)
        {
            var distance = i - (count - 1) / 2.0;
            var x = 2 * Math.PI * cutOff * distance;
            taps[i] = Math.Sin(x) / x * At(distance / (count / 2.0));
        }

        var gain = taps.Sum();
        return [.. taps.Select(tap => (float)(tap / gain))];
    }

    private static double BesselI0(double x)
    {
        double sum = 1, term = 1;
        for (var k = 1; term > 1e-12 * sum; k++)
        {
            term *= x / (2 * k) * (x / (2 * k));
            sum += term;
        }

        return sum;
    }
}
