namespace EdgeAssist.MediaGateway.Codecs;

/// <summary>Tables of ITU-T G.722 that encoder and decoder share, for its mode 1 (64 kbit/s).</summary>
internal static class G722Tables
{
    private static readonly short[] s_mirror = [3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11];
    private static readonly short[] s_low6 =
    [
        -136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232, -9360, -8576, -7856,
        -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400, -2032, -1688, -1360, -1040, -728,
        24808, 21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456,
        4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136, -432, -136,
    ];
    private static readonly short[] s_low4 = [0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584, 1200, 0];
    private static readonly short[] s_lowMultipliers = [-60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60];
    private static readonly short[] s_high2 = [-7408, -1616, 7408, 1616];
    private static readonly short[] s_highMultipliers = [798, -214, 798, -214];

    /// <summary>Impulse response of the quadrature mirror filters (table 4), every second tap.</summary>
    public static ReadOnlySpan<short> Mirror => s_mirror;

    /// <summary>Lower band, six bits (table 7, QM6): inverse quantiser of the signal.</summary>
    public static ReadOnlySpan<short> Low6 => s_low6;

    /// <summary>Lower band, its four upper bits (QM4): inverse quantiser of the adaptation.</summary>
    public static ReadOnlySpan<short> Low4 => s_low4;

    /// <summary>W of the four upper bits (WL by RL42).</summary>
    public static ReadOnlySpan<short> LowMultipliers => s_lowMultipliers;

    /// <summary>Higher band (QM2).</summary>
    public static ReadOnlySpan<short> High2 => s_high2;

    /// <summary>W of the higher band's code (WH by RH2).</summary>
    public static ReadOnlySpan<short> HighMultipliers => s_highMultipliers;

    public static G722Band NewLow() => new(firstScale: 32, highestLog: 18_432, scaleShift: 8);

    public static G722Band NewHigh() => new(firstScale: 8, highestLog: 22_528, scaleShift: 10);
}

/// <summary>
/// ITU-T G.722 decoder at 64 kbit/s: an octet gives two samples at 16 kHz. In RTP its clock is 8 kHz all the same (RFC 3551
/// §4.5.2). One for each stream; keep it across packets. Allocates nothing after construction.
/// </summary>
internal sealed class G722Decoder
{
    private const int Taps = 24;

    private readonly int[] _line = new int[Taps];
    private G722Band _low = G722Tables.NewLow();
    private G722Band _high = G722Tables.NewHigh();

    /// <summary>Forgets the past: another stream follows.</summary>
    public void Reset()
    {
        (_low, _high) = (G722Tables.NewLow(), G722Tables.NewHigh());
        Array.Clear(_line);
    }

    /// <summary>Decodes octets to twice as many samples.</summary>
    /// <exception cref="ArgumentException"><paramref name="pcm"/> is too short.</exception>
    public int Decode(ReadOnlySpan<byte> encoded, Span<short> pcm)
    {
        if (pcm.Length < 2 * encoded.Length) throw new ArgumentException($"{2 * encoded.Length} samples do not fit into {pcm.Length}.", nameof(pcm));

        for (var i = 0; i < encoded.Length; i++)
        {
            var low = DecodeLow(encoded[i] & 0x3F);
            var high = DecodeHigh(encoded[i] >> 6);
            (pcm[2 * i], pcm[2 * i + 1]) = Merge(low, high);
        }

        return 2 * encoded.Length;
    }

    private int DecodeLow(int code)
    {
        var signal = Limit(_low.Prediction + (_low.Scale * G722Tables.Low6[code] >> 15));
        var difference = _low.Scale * G722Tables.Low4[code >> 2] >> 15;
        _low.AdaptScale(G722Tables.LowMultipliers[code >> 2]);
        _low.Predict(difference);
        return signal;
    }

    private int DecodeHigh(int code)
    {
        var difference = _high.Scale * G722Tables.High2[code] >> 15;
        var signal = Limit(_high.Prediction + difference);
        _high.AdaptScale(G722Tables.HighMultipliers[code]);
        _high.Predict(difference);
        return signal;
    }

    /// <summary>The receive mirror filter: two bands at 8 kHz become one at 16 kHz.</summary>
    private (short First, short Second) Merge(int low, int high)
    {
        Array.Copy(_line, 2, _line, 0, Taps - 2);
        (_line[Taps - 2], _line[Taps - 1]) = (low + high, low - high);

        var mirror = G722Tables.Mirror;
        var (first, second) = (0, 0);
        for (var i = 0; i < mirror.Length; i++)
        {
            second += _line[2 * i] * mirror[i];
            first += _line[2 * i + 1] * mirror[^(i + 1)];
        }

        return ((short)G722Band.Saturate(first >> 11), (short)G722Band.Saturate(second >> 11));
    }

    private static int Limit(int value) => Math.Clamp(value, -16_384, 16_383);
}

/// <summary>ITU-T G.722 encoder at 64 kbit/s: two samples at 16 kHz give an octet. One for each stream.</summary>
internal sealed class G722Encoder
{
    private const int Taps = 24;
    private const int HighDecision = 564;

    /// <summary>Decision levels of the lower band (table 5, Q6).</summary>
    private static readonly short[] s_lowDecisions =
    [
        0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714,
        786, 858, 940, 1023, 1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919,
    ];

    private readonly int[] _line = new int[Taps];
    private readonly G722Band _low = G722Tables.NewLow();
    private readonly G722Band _high = G722Tables.NewHigh();

    /// <summary>Encodes pairs of samples to octets; an odd last sample is left out.</summary>
    /// <returns>The octets written.</returns>
    /// <exception cref="ArgumentException"><paramref name="encoded"/> is too short.</exception>
    public int Encode(ReadOnlySpan<short> pcm, Span<byte> encoded)
    {
        var count = pcm.Length / 2;
        if (encoded.Length < count) throw new ArgumentException($"{count} octets do not fit into {encoded.Length}.", nameof(encoded));

        for (var i = 0; i < count; i++)
        {
            var (low, high) = Split(pcm[2 * i], pcm[2 * i + 1]);
            encoded[i] = (byte)(EncodeHigh(high) << 6 | EncodeLow(low));
        }

        return count;
    }

    /// <summary>The transmit mirror filter: one band at 16 kHz becomes two at 8 kHz.</summary>
    private (int Low, int High) Split(short first, short second)
    {
        Array.Copy(_line, 2, _line, 0, Taps - 2);
        (_line[Taps - 2], _line[Taps - 1]) = (first, second);

        var mirror = G722Tables.Mirror;
        var (even, odd) = (0, 0);
        for (var i = 0; i < mirror.Length; i++)
        {
            odd += _line[2 * i] * mirror[i];
            even += _line[2 * i + 1] * mirror[^(i + 1)];
        }

        return (even + odd >> 14, even - odd >> 14);
    }

    private int EncodeLow(int sample)
    {
        var error = G722Band.Saturate(sample - _low.Prediction);   // SUBTRA
        var magnitude = error >= 0 ? error : -(error + 1);
        var level = 1;
        while (level < s_lowDecisions.Length && magnitude >= s_lowDecisions[level] * _low.Scale >> 12) level++;   // QUANTL

        // Table 6: 61 down to 32 above zero; below it 63, 62, then 31 down to 4.
        var code = error >= 0 ? 62 - level : level <= 2 ? 64 - level : 34 - level;
        var difference = _low.Scale * G722Tables.Low4[code >> 2] >> 15;
        _low.AdaptScale(G722Tables.LowMultipliers[code >> 2]);
        _low.Predict(difference);
        return code;
    }

    private int EncodeHigh(int sample)
    {
        var error = G722Band.Saturate(sample - _high.Prediction);
        var magnitude = error >= 0 ? error : -(error + 1);
        var outer = magnitude >= HighDecision * _high.Scale >> 12;   // QUANTH
        var code = (error < 0, outer) switch { (true, true) => 0, (true, false) => 1, (false, true) => 2, _ => 3 };
        var difference = _high.Scale * G722Tables.High2[code] >> 15;
        _high.AdaptScale(G722Tables.HighMultipliers[code]);
        _high.Predict(difference);
        return code;
    }
}
