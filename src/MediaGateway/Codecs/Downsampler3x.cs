namespace EdgeAssist.MediaGateway.Codecs;

/// <summary>
/// 48 kHz to 16 kHz: a linear-phase low-pass (144 taps, Kaiser window for 80 dB; Kaiser 1974) computed only where a sample is
/// kept. Flat to 0.05 dB up to 6.8 kHz; what would alias below 6.8 kHz at least 75 dB down (measured in
/// Downsampler3xTests). Delays by 24 output samples, 1.5 ms. One for each leg: the history runs on across packets.
/// </summary>
internal sealed class Downsampler3x
{
    /// <summary>The most input samples a call takes: 200 ms at 48 kHz.</summary>
    public const int MaxBlock = 9_600;

    private const int Factor = 3;
    private const int Taps = 144;
    private const double CutOff = 8_000.0 / 48_000;
    private static readonly float[] s_taps = KaiserWindow.LowPass(Taps, CutOff);

    private readonly float[] _line = new float[Taps + MaxBlock];
    private int _held = Taps - 1;   // samples in the line that wait for more

    /// <summary>Forgets the past: what follows is not connected to what was before.</summary>
    public void Reset()
    {
        Array.Clear(_line, 0, Taps);
        _held = Taps - 1;
    }

    /// <summary>Writes one sample for every three read; a remainder waits for the next call.</summary>
    /// <param name="input">At most <see cref="MaxBlock"/> samples.</param>
    /// <param name="output">At least a third as long, rounded up.</param>
    /// <returns>The samples written.</returns>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    public int Process(ReadOnlySpan<short> input, Span<short> output)
    {
        if (input.Length > MaxBlock) throw new ArgumentException($"{input.Length} samples came, {MaxBlock} fit.", nameof(input));
        if (output.Length < (input.Length + Factor - 1) / Factor) throw new ArgumentException($"The output of {input.Length} samples does not fit into {output.Length}.", nameof(output));

        for (var i = 0; i < input.Length; i++) _line[_held + i] = input[i];
        var total = _held + input.Length;
        var (at, written) = (0, 0);
        for (; at + Taps <= total; at += Factor) output[written++] = FilterKernel.Saturate(FilterKernel.Dot(_line.AsSpan(at, Taps), s_taps));

        _line.AsSpan(at, total - at).CopyTo(_line);
        _held = total - at;
        return written;
    }
}
