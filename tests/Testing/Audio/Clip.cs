using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace EdgeAssist.Testing.Audio;

/// <summary>Mono 16-bit audio.</summary>
/// <param name="SampleRate">Samples a second.</param>
/// <param name="Samples">The samples.</param>
public sealed record Clip(int SampleRate, short[] Samples)
{
    /// <summary>What decodes FLAC on this machine, or null. Looked up once.</summary>
    public static string? FlacTool { get; } = FindOnPath("flac") ?? FindOnPath("sox");

    public double Seconds => (double)Samples.Length / SampleRate;

    /// <summary>Reads a RIFF WAVE file, mono: 16-bit PCM or G.711 µ-law.</summary>
    public static Clip ReadWav(string path) => ParseWav(File.ReadAllBytes(path));

    /// <summary>Reads a FLAC file with the flac or sox program.</summary>
    /// <exception cref="InvalidOperationException">Neither program is there, or it refused the file.</exception>
    public static Clip ReadFlac(string path)
    {
        var tool = FlacTool ?? throw new InvalidOperationException("Neither flac nor sox is installed.");
        string[] arguments = Path.GetFileName(tool) == "flac" ? ["-d", "-s", "-c", path] : ["-V1", path, "-t", "wav", "-b", "16", "-c", "1", "-"];
        using var process = Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true, UseShellExecute = false })
            ?? throw new InvalidOperationException($"{tool} did not start.");
        using var wav = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(wav);
        process.WaitForExit();
        return process.ExitCode == 0 ? ParseWav(wav.ToArray()) : throw new InvalidOperationException($"{tool} could not read {path}.");
    }

    /// <summary>This clip as it sounds behind a telephone line at 16 kHz: G.711 µ-law at 8 kHz, then twice the rate.</summary>
    public Clip OverTelephone()
    {
        var narrow = SampleRate switch
        {
            8000 => Samples,
            16_000 => HalfBand.Halve(Samples),
            _ => throw new InvalidOperationException($"Audio at {SampleRate} Hz is not foreseen."),
        };
        return new Clip(16_000, HalfBand.Double([.. narrow.Select(sample => MuLaw.Decode(MuLaw.Encode(sample)))]));
    }

    /// <summary>This clip at 16 kHz.</summary>
    public Clip Wide() => SampleRate == 8000 ? new Clip(16_000, HalfBand.Double(Samples)) : this;

    public float[] ToFloat() => [.. Samples.Select(sample => sample / 32768f)];

    private static Clip ParseWav(ReadOnlySpan<byte> wav)
    {
        var (rate, bits, at) = (0, 16, 12);
        while (at + 8 <= wav.Length)
        {
            var id = wav.Slice(at, 4);
            var length = (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(wav[(at + 4)..]), (uint)(wav.Length - at - 8));
            var body = wav.Slice(at + 8, length);
            if (id.SequenceEqual("fmt "u8)) (rate, bits) = Format(body);
            if (id.SequenceEqual("data"u8)) return new Clip(rate, Decode(body, bits));
            at += 8 + length + (length & 1);
        }

        throw new InvalidDataException("The file holds no audio.");
    }

    private static (int Rate, int Bits) Format(ReadOnlySpan<byte> format)
    {
        var (tag, channels) = (BinaryPrimitives.ReadInt16LittleEndian(format), BinaryPrimitives.ReadInt16LittleEndian(format[2..]));
        var (rate, bits) = (BinaryPrimitives.ReadInt32LittleEndian(format[4..]), BinaryPrimitives.ReadInt16LittleEndian(format[14..]));
        return (tag, channels, bits) is (1 or -2, 1, 16) or (7, 1, 8)
            ? (rate, bits)
            : throw new InvalidDataException($"Mono audio of 16 bits or µ-law is read here, not format {tag} with {channels} channels of {bits} bits.");
    }

    private static short[] Decode(ReadOnlySpan<byte> body, int bits)
    {
        if (bits == 16) return MemoryMarshal.Cast<byte, short>(body[..(body.Length & ~1)]).ToArray();

        var samples = new short[body.Length];
        for (var i = 0; i < samples.Length; i++) samples[i] = MuLaw.Decode(body[i]);
        return samples;
    }

    private static string? FindOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
