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
            output[2 * i] = FilterKernel.Saturate(FilterKernel.Dot(line.Slice(i, Taps), s_taps));
            output[2 * i + 1] = (short)line[i + Taps - 1 - Centre];
        }

        line.Slice(input.Length, Taps - 1).CopyTo(line);
    }

    /// <summary>The taps at odd distances from the centre; those at even distances are 0, the centre is 1.</summary>
    private static float[] DesignTaps()
    {
        var taps = new double[Taps];
        for (var i = 0; i < Taps; i++)
        {
            var distance = 2 * i - 39;
            var x = Math.PI * distance / 2;
            var edge = distance / 40.0;
            taps[i] = Math.Sin(x) / x * KaiserWindow.At(edge);
        }

        var gain = taps.Sum();   // exactly 1 at zero frequency, so that a constant stays one
        return [.. taps.Select(tap => (float)(tap / gain))];
    }
}
