using System.Globalization;
using System.Runtime.InteropServices;
using EdgeAssist.Contracts;
using EdgeAssist.Training.Data;

namespace EdgeAssist.Training.Voice;

/// <summary>Programs that speak.</summary>
internal enum SpeechEngine
{
    /// <summary>Unit selection from recordings: recognised about as well as people.</summary>
    Flite,

    /// <summary>Formants: half of its words are misheard.</summary>
    EspeakNg,
}

/// <summary>One party's synthetic voice, changed and brought to telephone quality by sox. The same party and words give the same samples.</summary>
/// <param name="Engine">Who speaks.</param>
/// <param name="Name">The voice, as the engine names it.</param>
/// <param name="Cents">Pitch against the voice's own, in hundredths of a semitone.</param>
internal sealed record SyntheticVoice(SpeechEngine Engine, string Name, int Cents)
{
    /// <summary>Samples a second.</summary>
    public const int Rate = 8000;

    private const double CalmDb = -26;
    private const double QuietBelowPeakDb = 40;
    private const int Frame = Rate / 100;

    /// <summary>Words a minute that flite says by itself.</summary>
    private const double FlitePace = 170;

    // What a louder voice is besides: higher and sharper, as a raised voice of the generator (0.4 semitones a decibel) and of vocal effort.
    private const double SemitonesPerDb = 0.4, TreblePerDb = 0.5;

    // Every other one is a customer's, so that the parties of a call differ.
    private static readonly string[] FliteNames = ["slt", "rms", "awb", "kal16"];
    private static readonly string[] EspeakNames = ["en-us", "en-us+m3", "en-us+f2", "en-gb", "en-gb-x-rp", "en-us+f4", "en-us+m1", "en-gb+f3"];

    /// <summary>The program that must be there.</summary>
    public static string ProgramOf(SpeechEngine engine) => engine == SpeechEngine.Flite ? "flite" : "espeak-ng";

    /// <summary>A voice drawn for a party; agent and customer of a call are given different ones.</summary>
    public static SyntheticVoice Draw(SpeechEngine engine, Seeded random, PartyRole role)
    {
        var names = engine == SpeechEngine.Flite ? FliteNames : EspeakNames;
        return new(engine, names[2 * random.Next(names.Length / 2) + (role == PartyRole.Agent ? 1 : 0)], random.Next(200) - 100);
    }

    /// <summary>Says a sentence.</summary>
    /// <param name="text">The words.</param>
    /// <param name="wordsPerMinute">How fast.</param>
    /// <param name="louderDb">Above the calm voice; also higher and sharper.</param>
    /// <returns>Mono at <see cref="Rate"/> in [-1, 1], from the first sound to the last.</returns>
    /// <exception cref="InvalidOperationException">The engine or sox is missing or refuses; the message says which.</exception>
    public float[] Say(string text, double wordsPerMinute, double louderDb)
    {
        string N(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
        var pace = Math.Clamp(wordsPerMinute, 120, 230);
        var spoken = Engine == SpeechEngine.Flite
            ? ExternalProgram.Run("flite", ["-voice", Name, "--setf", $"duration_stretch={N(FlitePace / pace)}", "-t", text, "-o", "/dev/stdout"], [])
            : ExternalProgram.Run("espeak-ng", ["-v", Name, "-s", N(pace), "--stdout", text], []);
        // The engines do not know the length beforehand: sox is told to read to the end.
        var telephone = ExternalProgram.Run("sox", ["-V1", "-R", "-D", "--ignore-length", "-t", "wav", "-", "-t", "raw", "-e", "signed", "-b", "16", "-c", "1", "-r", N(Rate), "-",
            "gain", "-8", "pitch", N(Cents + 100 * SemitonesPerDb * louderDb), "treble", N(TreblePerDb * louderDb), "1500", "highpass", "200"], spoken);
        return Level([.. MemoryMarshal.Cast<byte, short>(telephone).ToArray().Select(s => s / 32768f)], CalmDb + louderDb);
    }

    private static float[] Level(float[] samples, double db)
    {
        var powers = samples.Chunk(Frame).Select(frame => frame.Sum(x => x * x) / frame.Length).ToList();
        var floor = powers.Count == 0 ? 0 : powers.Max() * Math.Pow(10, -QuietBelowPeakDb / 10);
        var (first, last) = (powers.FindIndex(p => p > floor), powers.FindLastIndex(p => p > floor));
        if (first < 0) return [];

        var gain = (float)(Math.Pow(10, db / 20) / Math.Sqrt(powers.Where(p => p > floor).Average()));
        return [.. samples[(first * Frame)..Math.Min(samples.Length, (last + 1) * Frame)].Select(x => Math.Clamp(gain * x, -0.95f, 0.95f))];
    }
}
