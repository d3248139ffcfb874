namespace EdgeAssist.Testing;

/// <summary>What was heard.</summary>
/// <param name="FrequencyHz">Of the strongest tone.</param>
/// <param name="LevelDb">Its amplitude against full scale (32 768).</param>
/// <param name="ResidueDb">RMS of everything else against full scale.</param>
public readonly record struct ToneReading(double FrequencyHz, double LevelDb, double ResidueDb);

/// <summary>Makes a tone to send into one end of a call and measures it at the other.</summary>
public static class ToneProbe
{
    private const double FullScale = 32_768;

    /// <summary>A sine.</summary>
    /// <param name="frequencyHz">Below half of <paramref name="sampleRate"/>.</param>
    /// <param name="levelDb">Amplitude against full scale, at most 0.</param>
    /// <param name="length">How long.</param>
    /// <param name="sampleRate">In Hz.</param>
    public static short[] Make(double frequencyHz, double levelDb, TimeSpan length, int sampleRate)
    {
        var amplitude = FullScale * Math.Pow(10, levelDb / 20);
        var tone = new short[(int)(length.TotalSeconds * sampleRate)];
        for (var i = 0; i < tone.Length; i++)
            tone[i] = (short)Math.Clamp(Math.Round(amplitude * Math.Sin(2 * Math.PI * frequencyHz * i / sampleRate)), short.MinValue, short.MaxValue);
        return tone;
    }

    /// <summary>Measures the strongest tone between 50 Hz and half the sampling rate.</summary>
    /// <exception cref="ArgumentException">There are fewer than 512 samples.</exception>
    public static ToneReading Measure(ReadOnlySpan<short> pcm, int sampleRate)
    {
        if (pcm.Length < 512) throw new ArgumentException("512 samples are needed to tell a tone.", nameof(pcm));

        var windowed = new double[pcm.Length];
        for (var i = 0; i < pcm.Length; i++) windowed[i] = pcm[i] * (0.5 - 0.5 * Math.Cos(2 * Math.PI * i / pcm.Length));

        var frequency = Coarse(windowed, sampleRate);
        for (var step = (double)sampleRate / pcm.Length; step > 1e-4; step /= 2) frequency = Best(windowed, sampleRate, frequency, step);
        return new ToneReading(frequency, Level(pcm, sampleRate, frequency), Residue(pcm, sampleRate, frequency));
    }

    /// <summary>The amplitude at one frequency against full scale, however strong other tones are.</summary>
    public static double Level(ReadOnlySpan<short> pcm, int sampleRate, double frequencyHz)
    {
        var (sine, cosine) = Fit(pcm, sampleRate, frequencyHz);
        return Db(Math.Sqrt(sine * sine + cosine * cosine) / FullScale);
    }

    private static double Residue(ReadOnlySpan<short> pcm, int sampleRate, double frequencyHz)
    {
        var (sine, cosine) = Fit(pcm, sampleRate, frequencyHz);
        var sum = 0.0;
        for (var i = 0; i < pcm.Length; i++)
        {
            var (s, c) = Math.SinCos(2 * Math.PI * frequencyHz * i / sampleRate);
            var rest = pcm[i] - sine * s - cosine * c;
            sum += rest * rest;
        }

        return Db(Math.Sqrt(sum / pcm.Length) / FullScale);
    }

    /// <summary>Least squares fit of one sine; Hann weights keep other tones out.</summary>
    private static (double Sine, double Cosine) Fit(ReadOnlySpan<short> pcm, int sampleRate, double frequencyHz)
    {
        double ss = 0, cc = 0, sc = 0, xs = 0, xc = 0;
        for (var i = 0; i < pcm.Length; i++)
        {
            var weight = 0.5 - 0.5 * Math.Cos(2 * Math.PI * i / pcm.Length);
            var (s, c) = Math.SinCos(2 * Math.PI * frequencyHz * i / sampleRate);
            ss += weight * s * s;
            cc += weight * c * c;
            sc += weight * s * c;
            xs += weight * pcm[i] * s;
            xc += weight * pcm[i] * c;
        }

        var determinant = ss * cc - sc * sc;
        return ((xs * cc - xc * sc) / determinant, (xc * ss - xs * sc) / determinant);
    }

    private static double Coarse(double[] windowed, int sampleRate)
    {
        // Twice as fine as the window's main lobe is wide, on the first 4,096 samples: enough to land on the right hill.
        var part = windowed.AsSpan(0, Math.Min(windowed.Length, 4_096));
        var step = (double)sampleRate / part.Length;
        var (best, bestPower) = (0.0, -1.0);
        for (var frequency = 50.0; frequency < sampleRate / 2.0; frequency += step)
        {
            var power = Power(part, sampleRate, frequency);
            if (power > bestPower) (best, bestPower) = (frequency, power);
        }

        return best;
    }

    private static double Best(double[] windowed, int sampleRate, double frequency, double step)
    {
        var here = Power(windowed, sampleRate, frequency);
        var below = Power(windowed, sampleRate, frequency - step);
        var above = Power(windowed, sampleRate, frequency + step);
        return below > here && below > above ? frequency - step : above > here ? frequency + step : frequency;
    }

    /// <summary>Goertzel's recurrence.</summary>
    private static double Power(ReadOnlySpan<double> samples, int sampleRate, double frequencyHz)
    {
        var coefficient = 2 * Math.Cos(2 * Math.PI * frequencyHz / sampleRate);
        double one = 0, two = 0;
        foreach (var sample in samples)
        {
            var next = sample + coefficient * one - two;
            two = one;
            one = next;
        }

        return one * one + two * two - coefficient * one * two;
    }

    private static double Db(double ratio) => 20 * Math.Log10(Math.Max(ratio, 1e-9));
}
