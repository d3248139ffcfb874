using System.Numerics.Tensors;

namespace EdgeAssist.Inference.Features;

/// <summary>
/// Level, pitch and spectral tilt of one leg, frame by frame. Pitch is the best peak of the normalised autocorrelation
/// (Boersma 1993, without his window correction) of the last 64 ms at 8 kHz, 70 to 500 Hz. Allocates nothing after construction.
/// </summary>
internal sealed class VoiceFrames
{
    /// <summary>Samples of a frame at 16 kHz: 32 ms.</summary>
    public const int FrameSamples = 512;

    private const int Half = FrameSamples / 2;
    private const int Window = 2 * Half;
    private const int ShortestLag = 16;  // 500 Hz at 8 kHz: who shouts gets there
    private const int LongestLag = 114;  // 70 Hz
    private const double Voiced = 0.45;
    private const double OctaveCost = 0.02;

    private readonly float[] _window = new float[Window];
    private readonly double[] _energies = new double[Window + 1];

    /// <summary>Takes the next frame and looks at it.</summary>
    /// <exception cref="ArgumentException">It is not <see cref="FrameSamples"/> long.</exception>
    public VoiceFrame Next(ReadOnlySpan<float> frame)
    {
        Pass(frame);
        return Look(frame);
    }

    /// <summary>Takes the next frame, which nobody wants to know about.</summary>
    /// <exception cref="ArgumentException">It is not <see cref="FrameSamples"/> long.</exception>
    public void Pass(ReadOnlySpan<float> frame)
    {
        if (frame.Length != FrameSamples) throw new ArgumentException($"A frame has {FrameSamples} samples.", nameof(frame));

        _window.AsSpan(Half).CopyTo(_window);
        for (var i = 0; i < Half; i++) _window[Half + i] = 0.5f * (frame[2 * i] + frame[2 * i + 1]);
    }

    private VoiceFrame Look(ReadOnlySpan<float> frame)
    {
        ReadOnlySpan<float> now = _window.AsSpan(Half);
        var power = TensorPrimitives.SumOfSquares(frame) / FrameSamples;
        if (!float.IsFinite(power)) return new VoiceFrame(-120, double.NaN, double.NaN);

        var low = TensorPrimitives.SumOfSquares(now) + 1e-9f;
        var steps = 0f;
        for (var i = 1; i < now.Length; i++) steps += (now[i] - now[i - 1]) * (now[i] - now[i - 1]);
        var pitch = Pitch();
        return new VoiceFrame(10 * Math.Log10(power + 1e-12), pitch, double.IsNaN(pitch) ? double.NaN : 10 * Math.Log10(steps / low + 1e-6));
    }

    /// <summary>Audio was lost: the next frame does not follow the last.</summary>
    public void Reset() => _window.AsSpan().Clear();

    private double Pitch()
    {
        ReadOnlySpan<float> window = _window;
        for (var i = 0; i < Window; i++) _energies[i + 1] = _energies[i] + (double)window[i] * window[i];
        var (best, at) = (Voiced, 0);
        for (var lag = ShortestLag; lag <= LongestLag; lag++)
        {
            var norm = Math.Sqrt(_energies[Window - lag] * (_energies[Window] - _energies[lag]));
            if (!(norm >= 1e-7)) continue;

            // A multiple of the period fits as well as the period: the shorter one is preferred by a little.
            var fit = TensorPrimitives.Dot(window[..^lag], window[lag..]) / norm - OctaveCost * Math.Log2(lag / (double)ShortestLag);
            if (fit > best) (best, at) = (fit, lag);
        }

        return at == 0 ? double.NaN : 12 * Math.Log2(8000.0 / at / 55);
    }
}
