namespace EdgeAssist.MediaGateway.Codecs;

/// <summary>The Kaiser window for a stop band of 80 dB (Kaiser 1974): what both resamplers are designed with.</summary>
internal static class KaiserWindow
{
    private const double Beta = 7.857;   // 0.1102 · (80 dB − 8.7)

    /// <summary>The window at a place from −1 to 1.</summary>
    public static double At(double place) => BesselI0(Beta * Math.Sqrt(1 - place * place)) / BesselI0(Beta);

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
