using System.Globalization;
using System.Runtime.InteropServices;

namespace EdgeAssist.Training.Voice;

/// <summary>Recordings as the appliance would hear them: changed by sox, through 8 kHz and G.711 µ-law, back at 16 kHz.</summary>
internal static class Speech
{
    /// <summary>Ahead of what may raise the level, where the peak is set afterwards.</summary>
    private const double HeadroomDb = -20;

    /// <param name="file">Any file sox reads.</param>
    /// <param name="gainDb">Level change.</param>
    /// <param name="cents">Pitch change, hundredths of a semitone.</param>
    /// <param name="trebleDb">Above about 1.5 kHz.</param>
    /// <param name="tempo">Speed, without a change of pitch.</param>
    /// <param name="samePeak">The line brings every recording to one peak, whatever its gain.</param>
    /// <returns>Mono at 16 kHz in [-1, 1].</returns>
    /// <exception cref="InvalidOperationException">sox is missing or refuses the file; the message says which.</exception>
    public static float[] Read(string file, double gainDb = 0, double cents = 0, double trebleDb = 0, double tempo = 1, bool samePeak = false)
    {
        string N(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
        List<string> arguments = ["-V1", "-R", file, "-t", "ul", "-r", "8000", "-c", "1", "-", "gain", N(samePeak ? HeadroomDb : gainDb - 6), "pitch", N(cents), "treble", N(trebleDb), "1500", "tempo", "-s", N(tempo)];
        if (samePeak) arguments.AddRange(["gain", "-n", "-3"]);
        return Wide(Sox([.. arguments], []));
    }

    /// <summary>What a telephone makes of a voice.</summary>
    /// <param name="samples">Mono at 8 kHz in [-1, 1].</param>
    /// <returns>Mono at 16 kHz in [-1, 1].</returns>
    /// <exception cref="InvalidOperationException">sox is missing or refuses; the message says which.</exception>
    public static float[] OverTelephone(float[] samples)
    {
        short[] pcm = [.. samples.Select(x => (short)Math.Clamp(32768 * x, -32768, 32767))];
        return Wide(Sox(["-V1", "-R", "-t", "s16", "-r", "8000", "-c", "1", "-", "-t", "ul", "-"], MemoryMarshal.AsBytes(pcm.AsSpan()).ToArray()));
    }

    private static float[] Wide(byte[] coded) =>
        [.. MemoryMarshal.Cast<byte, short>(Sox(["-V1", "-R", "-t", "ul", "-r", "8000", "-c", "1", "-", "-t", "s16", "-r", "16000", "-"], coded)).ToArray().Select(s => s / 32768f)];

    private static byte[] Sox(string[] arguments, byte[] input) => ExternalProgram.Run("sox", arguments, input);
}
