using System.Buffers.Binary;

namespace EdgeAssist.MediaGateway.Codecs;

/// <summary>How the samples of a wave file are coded (the format tag of RIFF WAVE).</summary>
internal enum WaveCoding
{
    Pcm16 = 1,
    ALaw = 6,
    MuLaw = 7,
}

/// <summary>
/// A recording read from a RIFF WAVE file: linear 16-bit or G.711, any number of channels. Files are given by people, so
/// what is wrong is told as a sentence with the place.
/// </summary>
internal sealed class WaveFile
{
    private const int MaxBytes = 512 << 20;

    private WaveFile(WaveCoding coding, int sampleRate, int channels, byte[] data)
    {
        Coding = coding;
        SampleRate = sampleRate;
        Channels = channels;
        Data = data;
    }

    public WaveCoding Coding { get; }

    /// <summary>Samples a second and channel.</summary>
    public int SampleRate { get; }

    public int Channels { get; }

    /// <summary>The data chunk: channels interleaved.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    public TimeSpan Duration => TimeSpan.FromSeconds(Data.Length / (double)(BytesPerSample * Channels) / SampleRate);

    private int BytesPerSample => Coding == WaveCoding.Pcm16 ? 2 : 1;

    /// <exception cref="InvalidDataException">The file is not a wave file of a form we read; the message says which part.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static WaveFile Read(string path)
    {
        var length = new FileInfo(path).Length;
        if (length > MaxBytes) throw new InvalidDataException($"{path}: {length} octets; recordings up to {MaxBytes >> 20} MiB are read.");
        return Parse(File.ReadAllBytes(path), path);
    }

    /// <summary>The same from memory; <paramref name="name"/> stands in the messages.</summary>
    public static WaveFile Parse(ReadOnlySpan<byte> file, string name)
    {
        if (file.Length < 12 || !file[..4].SequenceEqual("RIFF"u8) || !file.Slice(8, 4).SequenceEqual("WAVE"u8))
            throw new InvalidDataException($"{name}: not a RIFF WAVE file.");

        (WaveCoding Coding, int Rate, int Channels)? format = null;
        for (var offset = 12; offset + 8 <= file.Length;)
        {
            var id = file.Slice(offset, 4);
            // Recorders that were killed leave 0 or 0xFFFFFFFF as the length of the last chunk: it then goes to the end.
            var told = BinaryPrimitives.ReadUInt32LittleEndian(file[(offset + 4)..]);
            var body = file.Slice(offset + 8, (int)Math.Min(told, (uint)(file.Length - offset - 8)));

            if (id.SequenceEqual("fmt "u8)) format = ParseFormat(body, name, offset);
            if (id.SequenceEqual("data"u8))
            {
                if (format is not { } known) throw new InvalidDataException($"{name}: the data chunk at octet {offset} comes before the format.");
                if (body.IsEmpty) body = file[(offset + 8)..];
                return new WaveFile(known.Coding, known.Rate, known.Channels, body.ToArray());
            }

            offset += 8 + body.Length + (body.Length & 1);
        }

        throw new InvalidDataException($"{name}: no data chunk.");
    }

    /// <summary>One channel as G.711 octets, ready for the wire.</summary>
    /// <param name="channel">From 0.</param>
    /// <param name="coding">The law wanted; a file of the other law is decoded and coded again.</param>
    /// <exception cref="InvalidDataException">Not 8 kHz, or no such channel.</exception>
    public byte[] ToG711(int channel, WaveCoding coding)
    {
        if (SampleRate != 8000) throw new InvalidDataException($"the recording has {SampleRate} samples a second; G.711 needs 8000: sox IN -r 8000 OUT");
        if (channel < 0 || channel >= Channels) throw new InvalidDataException($"channel {channel} was asked for; the recording has {Channels} (counted from 0)");
        if (coding is not (WaveCoding.MuLaw or WaveCoding.ALaw)) throw new ArgumentOutOfRangeException(nameof(coding), coding, "G.711 has two laws.");

        var span = Data.Span;
        var step = BytesPerSample * Channels;
        var result = new byte[span.Length / step];
        for (var i = 0; i < result.Length; i++)
        {
            var sample = span[(i * step + channel * BytesPerSample)..];
            result[i] = Coding == coding ? sample[0] : Encode(Decode(sample), coding);
        }

        return result;
    }

    /// <summary>One channel as linear samples, at the recording's own rate.</summary>
    /// <param name="channel">From 0.</param>
    /// <exception cref="InvalidDataException">There is no such channel.</exception>
    public short[] ToPcm(int channel)
    {
        if (channel < 0 || channel >= Channels) throw new InvalidDataException($"channel {channel} was asked for; the recording has {Channels} (counted from 0)");

        var span = Data.Span;
        var step = BytesPerSample * Channels;
        var result = new short[span.Length / step];
        for (var i = 0; i < result.Length; i++) result[i] = Decode(span[(i * step + channel * BytesPerSample)..]);
        return result;
    }

    private short Decode(ReadOnlySpan<byte> sample) => Coding switch
    {
        WaveCoding.MuLaw => G711.DecodeMuLaw(sample[0]),
        WaveCoding.ALaw => G711.DecodeALaw(sample[0]),
        _ => BinaryPrimitives.ReadInt16LittleEndian(sample),
    };

    private static byte Encode(short sample, WaveCoding coding) =>
        coding == WaveCoding.MuLaw ? G711.EncodeMuLaw(sample) : G711.EncodeALaw(sample);

    private static (WaveCoding, int, int) ParseFormat(ReadOnlySpan<byte> body, string name, int offset)
    {
        if (body.Length < 16) throw new InvalidDataException($"{name}: the format chunk at octet {offset} is {body.Length} octets long; 16 are needed.");

        int tag = BinaryPrimitives.ReadUInt16LittleEndian(body);
        int channels = BinaryPrimitives.ReadUInt16LittleEndian(body[2..]);
        var rate = BinaryPrimitives.ReadInt32LittleEndian(body[4..]);
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(body[14..]);
        // WAVE_FORMAT_EXTENSIBLE carries the real tag in the first two octets of the sub-format.
        if (tag == 0xFFFE && body.Length >= 26) tag = BinaryPrimitives.ReadUInt16LittleEndian(body[24..]);

        var fits = tag switch { 1 => bits == 16, 6 or 7 => bits == 8, _ => false };
        if (!fits) throw new InvalidDataException($"{name}: format tag {tag} with {bits} bits; 16-bit linear (1), A-law (6) and µ-law (7) are read.");
        if (channels is < 1 or > 16) throw new InvalidDataException($"{name}: {channels} channels; 1 to 16 are read.");
        if (rate is < 1000 or > 192_000) throw new InvalidDataException($"{name}: {rate} samples a second; 1000 to 192000 are read.");
        return ((WaveCoding)tag, rate, channels);
    }
}
