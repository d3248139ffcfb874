using System.Numerics;
using System.Runtime.InteropServices;

namespace EdgeAssist.MediaGateway.Codecs;

/// <summary>
/// 8 kHz to 16 kHz by a half-band interpolator (79 taps, Kaiser window for 80 dB; Kaiser 1974), in its two phases: every
/// second output sample is an input sample, the one between is the sum over 40 neighbours. Flat to 0.01 dB up to 3.4 kHz,
/// images of that band at least 75 dB down (measured in Upsampler2xTests). Delays by 39 output samples, 2.4 ms. One per
/// leg: the history runs on across packets.
/// </summary>
internal sealed class Upsampler2x
{
    /// <summary>The most input samples a call takes: 200 ms at 8 kHz.</summary>
    public const int MaxBlock = 1_600;

    /// <summary>How far the output lags the input, in output samples.</summary>
    public const int DelayInOutputSamples = 39;

    private const int Taps = 40;
    private const int Centre = 19;
    private static readonly float[] s_taps = DesignTaps();

    private readonly float[] _line = new float[Taps - 1 + MaxBlock];

    /// <summary>Forgets the past: what follows is not connected to what was before.</summary>
    public void Reset() => Array.Clear(_line, 0, Taps - 1);

    /// <summary>Writes two samples for each one read.</summary>
    /// <param name="input">At most <see cref="MaxBlock"/> samples.</param>
    /// <param name="output">At least twice as long as <paramref name="input"/>.</param>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    public void Process(ReadOnlySpan<short> input, Span<short> output)
    {
        if (input.Length > MaxBlock) throw new ArgumentException($"{input.Length} samples came, {MaxBlock} fit.", nameof(input));
        if (output.Length < 2 * input.Length) throw new ArgumentException($"{2 * input.Length} samples do not fit into {output.Length}.", nameof(output));

        var line = _line.AsSpan();
        for (var i = 0; i < input.Length; i++) line[Taps - 1 + i] = input[i];

        for (var i = 0; i < input.Length; i++)
        {
            output[2 * i] = Saturate(Dot(line.Slice(i, Taps)));
            output[2 * i + 1] = (short)line[i + Taps - 1 - Centre];
        }

        line.Slice(input.Length, Taps - 1).CopyTo(line);
    }

    private static float Dot(ReadOnlySpan<float> samples)
    {
        // 40 is a multiple of every vector width in use (4, 8); a width that does not divide it takes the plain loop.
        if (Taps % Vector<float>.Count != 0) return PlainDot(samples);

        var left = MemoryMarshal.Cast<float, Vector<float>>(samples);
        var right = MemoryMarshal.Cast<float, Vector<float>>(s_taps);
        var sum = Vector<float>.Zero;
        for (var i = 0; i < left.Length; i++) sum += left[i] * right[i];
        return Vector.Sum(sum);
    }

    private static float PlainDot(ReadOnlySpan<float> samples)
    {
        var sum = 0f;
        for (var i = 0; i < Taps; i++) sum += samples[i] * s_taps[i];
        return sum;
    }

    private static short Saturate(float value) => (short)Math.Clamp(MathF.Round(value), short.MinValue, short.MaxValue);

    /// <summary>The taps at odd distances from the centre; those at even distances are 0, the centre is 1.</summary>
    private static float[] DesignTaps()
    {
        const double beta = 7.857;   // 0.1102 · (80 dB − 8.7)
        var taps = new double[Taps];
        for (var i = 0; i < Taps; i++)
        {
            var distance = 2 * i - 39;
            var x = Math.PI * distance / 2;
            var edge = distance / 40.0;
            taps[i] = Math.Sin(x) / x * BesselI0(beta * Math.Sqrt(1 - edge * edge)) / BesselI0(beta);
        }

        var gain = taps.Sum();   // exactly 1 at zero frequency, so that a constant stays one
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
