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
    private const int Chunk = 160;   // at a time, so that what a leg keeps is small
    private static readonly float[] s_taps = DesignTaps();

    /// <summary>The past, a chunk, and what a whole vector reads behind it.</summary>
    private readonly float[] _line = new float[Taps - 1 + Chunk + Vector<float>.Count];

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

        for (; !input.IsEmpty; input = input[Math.Min(Chunk, input.Length)..], output = output[Math.Min(2 * Chunk, output.Length)..])
            ProcessChunk(input[..Math.Min(Chunk, input.Length)], output);
    }

    private void ProcessChunk(ReadOnlySpan<short> input, Span<short> output)
    {
        var line = _line.AsSpan();
        for (var i = 0; i < input.Length; i++) line[Taps - 1 + i] = input[i];

        var pairs = MemoryMarshal.Cast<short, int>(output[..(2 * input.Length)]);
        var step = Vector<int>.Count;
        Span<int> rest = stackalloc int[step];
        for (var i = 0; i < pairs.Length; i += step)
        {
            var made = Interpolate(line[i..]);
            if (i + step <= pairs.Length)
            {
                made.CopyTo(pairs[i..]);
                continue;
            }

            made.CopyTo(rest);
            rest[..(pairs.Length - i)].CopyTo(pairs[i..]);
        }

        line.Slice(input.Length, Taps - 1).CopyTo(line);
    }

    /// <summary>
    /// A vector of output pairs, each the sample between and the input sample behind it: all of them go through the taps together,
    /// two taps of the same value at a time.
    /// </summary>
    private static Vector<int> Interpolate(ReadOnlySpan<float> line)
    {
        ref var first = ref MemoryMarshal.GetReference(line[..(Taps - 1 + Vector<float>.Count)]);
        var sum = Vector<float>.Zero;
        for (var k = 0; k < Taps / 2; k++)
            sum += (Vector.LoadUnsafe(ref first, (nuint)k) + Vector.LoadUnsafe(ref first, (nuint)(Taps - 1 - k))) * s_taps[k];

        var between = Vector.ConvertToInt32(Vector.Round(Vector.Clamp(sum, new Vector<float>(short.MinValue), new Vector<float>(short.MaxValue))));
        var sample = Vector.ConvertToInt32(Vector.LoadUnsafe(ref first, Taps - 1 - Centre));
        return (between & new Vector<int>(0xFFFF)) | (sample << 16);   // little-endian: the one between comes first
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
