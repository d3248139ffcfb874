namespace EdgeAssist.Testing.Audio;

/// <summary>What a line carries when nobody speaks, made here from nothing: seeded, so the same every time. Mono at 8 kHz.</summary>
public static class LineSounds
{
    private const int Rate = 8000;

    /// <summary>Name and maker of each kind; the maker takes seconds and a seed.</summary>
    public static IReadOnlyList<(string Name, Func<int, int, Clip> Make)> All { get; } =
    [
        ("digital silence", (seconds, _) => new Clip(Rate, new short[seconds * Rate])),
        ("comfort noise", (seconds, seed) => Make(seconds, seed, Comfort)),
        ("line noise", (seconds, seed) => Make(seconds, seed, Line)),
        ("ringback", (seconds, seed) => Make(seconds, seed, (t, _, _) => Cadence(t, 6, 2) * Pair(t, 440, 480))),
        ("ringback, double", (seconds, seed) => Make(seconds, seed, (t, _, _) => (t % 3 < 0.4 || t % 3 is > 0.6 and < 1 ? 1 : 0) * Pair(t, 400, 450))),
        ("busy and dial tones", (seconds, seed) => Make(seconds, seed, (t, _, _) => t % 20 < 10 ? Cadence(t, 1, 0.5) * Pair(t, 480, 620) : Pair(t, 350, 440))),
        ("keys", (seconds, seed) => Make(seconds, seed, Keys)),
        ("fax", (seconds, seed) => Make(seconds, seed, Fax)),
        ("hold music, piano", (seconds, seed) => Make(seconds, seed, (t, dice, state) => Music(t, dice, state, Piano))),
        ("hold music, strings", (seconds, seed) => Make(seconds, seed, (t, dice, state) => Music(t, dice, state, Strings))),
        ("hold music, drums", (seconds, seed) => Make(seconds, seed, Drums)),
    ];

    private static Clip Make(int seconds, int seed, Func<double, Random, double[], double> sample)
    {
        var (dice, state, samples) = (new Random(seed), new double[16], new short[seconds * Rate]);
        for (var i = 0; i < samples.Length; i++) samples[i] = (short)(Math.Clamp(sample((double)i / Rate, dice, state), -1, 1) * 32_000);
        return new Clip(Rate, samples);
    }

    private static double Noise(Random dice) => (dice.NextDouble() * 2) - 1;

    private static double Comfort(double t, Random dice, double[] state)
    {
        // One pole, a level that drifts between -58 and -46 dB.
        state[0] = (0.8 * state[0]) + (0.2 * Noise(dice));
        return state[0] * 0.01 * (1 + (0.6 * Math.Sin(t / 7)));
    }

    private static double Line(double t, Random dice, double[] state)
    {
        if (dice.NextDouble() < 0.0002) state[1] = 0.3;   // a crackle
        state[1] *= 0.97;
        return (0.02 * Math.Sin(2 * Math.PI * 50 * t)) + (0.01 * Math.Sin(2 * Math.PI * 150 * t)) + (0.012 * Noise(dice)) + (state[1] * Noise(dice));
    }

    private static double Pair(double t, double a, double b) => 0.15 * (Math.Sin(2 * Math.PI * a * t) + Math.Sin(2 * Math.PI * b * t));

    private static double Cadence(double t, double period, double on) => t % period < on ? 1 : 0;

    private static double Keys(double t, Random dice, double[] state)
    {
        double[] low = [697, 770, 852, 941], high = [1209, 1336, 1477];
        var beat = Math.Floor(t / 0.4);
        if (beat != state[0]) (state[0], state[1], state[2]) = (beat, low[dice.Next(4)], high[dice.Next(3)]);
        return t % 0.4 < 0.15 ? Pair(t, state[1], state[2]) : 0;
    }

    private static double Fax(double t, Random dice, double[] state) =>
        t % 4 < 0.5 ? 0.3 * Math.Sin(2 * Math.PI * 1100 * t) : t % 4 < 1 ? 0.3 * Math.Sin(2 * Math.PI * 2100 * t) : 0.2 * Math.Sin((2 * Math.PI * 1800 * t) + (dice.Next(4) * Math.PI / 2));

    private static double Music(double t, Random dice, double[] state, Func<double, double, double> voice)
    {
        // Four notes of a chord each beat, the chord changing every second one.
        double[] roots = [220, 174.6, 196, 164.8];
        double[] steps = [1, 1.2599, 1.4983, 2, 2.5198];
        var beat = Math.Floor(t / 0.45);
        if (beat != state[0])
        {
            state[0] = beat;
            state[1] = t;
            for (var n = 2; n < 5; n++) state[n] = roots[(int)(beat / 4) % 4] * steps[dice.Next(steps.Length)];
        }

        var age = t - state[1];
        return 0.12 * (voice(age, state[2] * t) + voice(age, state[3] * t) + voice(age, state[4] * t));
    }

    private static double Piano(double age, double turns) =>
        Math.Exp(-3 * age) * (Math.Sin(2 * Math.PI * turns) + (0.5 * Math.Sin(4 * Math.PI * turns)) + (0.25 * Math.Sin(6 * Math.PI * turns)));

    private static double Strings(double age, double turns)
    {
        var vibrato = turns + (0.02 * Math.Sin(2 * Math.PI * 5.5 * age));
        return Math.Min(1, age * 8) * 0.5 * Enumerable.Range(1, 6).Sum(n => Math.Sin(2 * Math.PI * n * vibrato) / n);
    }

    private static double Drums(double t, Random dice, double[] state)
    {
        var beat = t % 0.5;
        var kick = Math.Exp(-18 * beat) * Math.Sin(2 * Math.PI * 70 * beat);
        var snare = t % 1 > 0.5 ? Math.Exp(-25 * beat) * Noise(dice) : 0;
        return (0.35 * kick) + (0.2 * snare) + (0.6 * Music(t, dice, state, Piano));
    }
}
