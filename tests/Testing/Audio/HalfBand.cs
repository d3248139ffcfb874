namespace EdgeAssist.Testing.Audio;

/// <summary>Doubles or halves a sample rate with a Hann-windowed sinc of 63 taps, cut off at a quarter of the higher rate.</summary>
public static class HalfBand
{
    private const int Reach = 31;
    private static readonly double[] Taps = [.. Enumerable.Range(-Reach, 2 * Reach + 1).Select(Tap)];

    public static short[] Double(ReadOnlySpan<short> samples)
    {
        var spread = new double[samples.Length * 2];
        for (var i = 0; i < samples.Length; i++) spread[2 * i] = 2.0 * samples[i];
        return Filter(spread, step: 1);
    }

    public static short[] Halve(ReadOnlySpan<short> samples)
    {
        var copy = new double[samples.Length & ~1];
        for (var i = 0; i < copy.Length; i++) copy[i] = samples[i];
        return Filter(copy, step: 2);
    }

    private static short[] Filter(double[] input, int step)
    {
        var output = new short[input.Length / step];
        for (var i = 0; i < output.Length; i++)
        {
            var sum = 0.0;
            var centre = i * step;
            for (var k = Math.Max(-Reach, -centre); k <= Math.Min(Reach, input.Length - 1 - centre); k++)
                sum += Taps[k + Reach] * input[centre + k];
            output[i] = (short)Math.Clamp(Math.Round(sum), short.MinValue, short.MaxValue);
        }

        return output;
    }

    private static double Tap(int k)
    {
        var sinc = k == 0 ? 0.5 : Math.Sin(Math.PI * k / 2) / (Math.PI * k);
        return sinc * (0.5 + 0.5 * Math.Cos(Math.PI * k / (Reach + 1)));
    }
}
