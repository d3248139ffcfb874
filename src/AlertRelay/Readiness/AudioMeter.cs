namespace EdgeAssist.AlertRelay.Readiness;

/// <summary>Measures a party's audio by energy alone: level, noise, clipping, and how much of it somebody speaks.</summary>
public static class AudioMeter
{
    /// <summary>Full scale minus rounding of the companding laws: G.711 µ-law ends at 32,124, A-law at 32,256.</summary>
    private const int Full = 32_000;

    private const double ActiveAboveNoiseDb = 10, ActiveAboveDbfs = -50, FloorDbfs = -96;

    /// <param name="name">For the finding.</param>
    /// <param name="samples">Mono PCM.</param>
    /// <param name="sampleRate">Samples a second.</param>
    public static AudioQuality Measure(string name, ReadOnlySpan<short> samples, int sampleRate)
    {
        var frame = Math.Max(1, sampleRate / 50);
        var levels = new List<double>(samples.Length / frame + 1);
        for (var at = 0; at + frame <= samples.Length; at += frame) levels.Add(Level(samples.Slice(at, frame)));
        if (levels.Count == 0) return new AudioQuality(name, FloorDbfs, FloorDbfs, 0, 0);

        var sorted = levels.Order().ToArray();
        var noise = sorted[sorted.Length / 10];
        var active = levels.Count(level => level >= noise + ActiveAboveNoiseDb && level >= ActiveAboveDbfs);
        return new AudioQuality(name, sorted[(int)(sorted.Length * 0.9)], noise, ClippedShare(samples), (double)active / levels.Count);
    }

    private static double Level(ReadOnlySpan<short> samples)
    {
        var power = 0.0;
        foreach (var sample in samples) power += (double)sample * sample;
        return Math.Max(FloorDbfs, 10 * Math.Log10(power / samples.Length / (32768.0 * 32768.0) + 1e-12));
    }

    // One sample at the end of the scale may be loud speech; three in a row of one sign are a flat top.
    private static double ClippedShare(ReadOnlySpan<short> samples)
    {
        var (clipped, run, sign) = (0L, 0, 0);
        foreach (var sample in samples)
        {
            var now = sample >= Full ? 1 : sample <= -Full ? -1 : 0;
            run = now != 0 && now == sign ? run + 1 : now == 0 ? 0 : 1;
            sign = now;
            if (run == 3) clipped += 3;
            else if (run > 3) clipped++;
        }

        return samples.Length == 0 ? 0 : (double)clipped / samples.Length;
    }
}
