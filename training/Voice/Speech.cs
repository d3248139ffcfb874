using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace EdgeAssist.Training.Voice;

/// <summary>Recordings as the appliance would hear them: changed by sox, through 8 kHz and G.711 µ-law, back at 16 kHz.</summary>
internal static class Speech
{
    /// <param name="file">Any file sox reads.</param>
    /// <param name="gainDb">Level change.</param>
    /// <param name="cents">Pitch change, hundredths of a semitone.</param>
    /// <param name="trebleDb">Above about 1.5 kHz.</param>
    /// <param name="tempo">Speed, without a change of pitch.</param>
    /// <returns>Mono at 16 kHz in [-1, 1].</returns>
    /// <exception cref="InvalidOperationException">sox is missing or refuses the file; the message says which.</exception>
    public static float[] Read(string file, double gainDb = 0, double cents = 0, double trebleDb = 0, double tempo = 1)
    {
        string N(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
        var coded = Sox($"-V1 -R \"{file}\" -t ul -r 8000 -c 1 - gain {N(gainDb - 6)} pitch {N(cents)} treble {N(trebleDb)} 1500 tempo -s {N(tempo)}", []);
        return [.. MemoryMarshal.Cast<byte, short>(Sox("-V1 -R -t ul -r 8000 -c 1 - -t s16 -r 16000 -", coded)).ToArray().Select(s => s / 32768f)];
    }

    private static byte[] Sox(string arguments, byte[] input)
    {
        using var process = Process.Start(new ProcessStartInfo("sox", arguments) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new InvalidOperationException("sox cannot be started. Install it: apt-get install sox.");
        var feeding = Task.Run(() =>
        {
            process.StandardInput.BaseStream.Write(input);
            process.StandardInput.Close();
        });
        using var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        var said = process.StandardError.ReadToEnd();
        feeding.GetAwaiter().GetResult();
        process.WaitForExit();
        return process.ExitCode == 0 ? output.ToArray() : throw new InvalidOperationException($"sox {arguments}: {said.Trim()}");
    }
}
