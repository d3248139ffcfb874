using System.Numerics;

namespace EdgeAssist.AlertRelay.Measures.Statistics;

/// <summary>
/// xoshiro256** seeded by SplitMix64 (Blackman and Vigna 2021, <c>prng.di.unimi.it</c>): the same seed gives the same numbers
/// on every machine and in every version, which the framework's generator does not promise.
/// </summary>
internal sealed class SeededRandom
{
    private ulong _s0, _s1, _s2, _s3;

    public SeededRandom(ulong seed)
    {
        var mix = seed;
        (_s0, _s1, _s2, _s3) = (SplitMix(ref mix), SplitMix(ref mix), SplitMix(ref mix), SplitMix(ref mix));
    }

    /// <summary>The next number of SplitMix64; moves <paramref name="state"/> on.</summary>
    public static ulong SplitMix(ref ulong state)
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    public ulong NextBits()
    {
        var result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        var t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>0 inclusive to 1 exclusive, 53 bits.</summary>
    public double NextUnit() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>0 to <paramref name="below"/> − 1, by multiplication (Lemire 2019; the bias is below 2⁻⁵³ × <paramref name="below"/>).</summary>
    public int NextInt(int below) => (int)(NextUnit() * below);

    /// <summary>Standard normal, by the quantile of a uniform number.</summary>
    public double NextNormal() => Distributions.NormalQuantile((NextUnit() + 0.5 / (1UL << 53)) is var u && u < 1 ? u : 1 - 1e-16);
}
