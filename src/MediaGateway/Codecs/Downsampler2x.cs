namespace EdgeAssist.MediaGateway.Codecs;

/// <summary>
/// 16 kHz to 8 kHz: a linear-phase low-pass (96 taps, Kaiser window for 80 dB; Kaiser 1974) computed only where a sample is
/// kept. Flat to 0.1 dB up to 3.2 kHz; what would alias below 3.2 kHz at least 70 dB down (measured in Downsampler2xTests).
/// Delays by 24 output samples, 3 ms. One for each stream: the history runs on across packets.
/// </summary>
internal sealed class Downsampler2x
{
    /// <summary>The most input samples a call takes: 20 ms at 16 kHz.</summary>
    public const int MaxBlock = 320;

    private const int Factor = 2;
    private const int Taps = 96;
    private const double CutOff = 4_000.0 / 16_000;
    private static readonly float[] s_taps = KaiserWindow.LowPass(Taps, CutOff);

    private readonly float[] _line = new float[Taps - 1 + MaxBlock];

    /// <summary>Writes one sample for every two read.</summary>
    /// <param name="input">An even number of samples, at most <see cref="MaxBlock"/>.</param>
    /// <param name="output">At least half as long.</param>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    public void Process(ReadOnlySpan<short> input, Span<short> output)
    {
        if (input.Length > MaxBlock || input.Length % Factor != 0) throw new ArgumentException($"{input.Length} samples came; an even number up to {MaxBlock} fits.", nameof(input));
        if (output.Length < input.Length / Factor) throw new ArgumentException($"{input.Length / Factor} samples do not fit into {output.Length}.", nameof(output));

        for (var i = 0; i < input.Length; i++) _line[Taps - 1 + i] = input[i];
        for (var i = 0; i < input.Length / Factor; i++) output[i] = FilterKernel.Saturate(FilterKernel.Dot(_line.AsSpan(Factor * i, Taps), s_taps));
        _line.AsSpan(input.Length, Taps - 1).CopyTo(_line);
    }
}
