using System.Numerics;
using System.Runtime.InteropServices;

namespace EdgeAssist.MediaGateway.Codecs;

/// <summary>The inner product of a finite filter, in the machine's vectors.</summary>
internal static class FilterKernel
{
    /// <summary>Sum of products. A length that is a multiple of 16 needs no rest.</summary>
    public static float Dot(ReadOnlySpan<float> samples, ReadOnlySpan<float> taps)
    {
        var left = MemoryMarshal.Cast<float, Vector<float>>(samples);
        var right = MemoryMarshal.Cast<float, Vector<float>>(taps);
        var sum = Vector<float>.Zero;
        for (var i = 0; i < right.Length; i++) sum += left[i] * right[i];

        var total = Vector.Sum(sum);
        for (var i = right.Length * Vector<float>.Count; i < taps.Length; i++) total += samples[i] * taps[i];
        return total;
    }

    public static short Saturate(float value) => (short)Math.Clamp(MathF.Round(value), short.MinValue, short.MaxValue);
}
