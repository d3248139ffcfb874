namespace EdgeAssist.MediaGateway.Codecs;

/// <summary>
/// One sub-band of ITU-T G.722: the adaptive predictor and the adaptive scale factor, the same in encoder and decoder. Names
/// of blocks and signals are the recommendation's (§6); arithmetic is its 16-bit fixed point with saturation.
/// </summary>
internal sealed class G722Band(int firstScale, int highestLog, int scaleShift)
{
    private const int Poles = 2;
    private const int Zeros = 6;

    /// <summary>Table 11: the inverse log of 0…31/32, in 11 fractional bits.</summary>
    private static readonly short[] s_inverseLog =
    [
        2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834,
        2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
    ];

    private readonly int[] _a = new int[Poles + 1];       // pole coefficients, 14 fractional bits
    private readonly int[] _b = new int[Zeros + 1];       // zero coefficients
    private readonly int[] _d = new int[Zeros + 1];       // quantised differences, newest first
    private readonly int[] _r = new int[Poles + 1];       // reconstructed signal
    private readonly int[] _p = new int[Poles + 1];       // partially reconstructed signal
    private int _zeroPart;                                // SZ
    private int _logScale;                                // NB

    /// <summary>DET, the scale factor.</summary>
    public int Scale { get; private set; } = firstScale;

    /// <summary>S, what the predictor expects next.</summary>
    public int Prediction { get; private set; }

    /// <summary>Blocks LOGSCL and SCALEL (or H): the scale follows the codes.</summary>
    /// <param name="multiplier">W of the code just coded, from the recommendation's table.</param>
    public void AdaptScale(int multiplier)
    {
        _logScale = Math.Clamp((_logScale * 127 >> 7) + multiplier, 0, highestLog);
        var fraction = s_inverseLog[(_logScale >> 6) & 31];
        var shift = scaleShift - (_logScale >> 11);
        Scale = (shift < 0 ? fraction << -shift : fraction >> shift) << 2;
    }

    /// <summary>Block 4: reconstructs, adapts both predictors, and predicts the next sample.</summary>
    /// <param name="difference">D, the quantised difference.</param>
    public void Predict(int difference)
    {
        _d[0] = difference;
        _r[0] = Saturate(Prediction + difference);     // RECONS
        _p[0] = Saturate(_zeroPart + difference);      // PARREC
        var (a1, a2) = AdaptPoles();
        AdaptZeros(difference);

        for (var i = Zeros; i > 0; i--) _d[i] = _d[i - 1];   // DELAYA
        for (var i = Poles; i > 0; i--) (_r[i], _p[i]) = (_r[i - 1], _p[i - 1]);
        (_a[1], _a[2]) = (a1, a2);

        var polePart = Saturate((_a[1] * Saturate(2 * _r[1]) >> 15) + (_a[2] * Saturate(2 * _r[2]) >> 15));   // FILTEP
        var sum = 0;
        for (var i = 1; i <= Zeros; i++) sum += _b[i] * Saturate(2 * _d[i]) >> 15;   // FILTEZ
        _zeroPart = Saturate(sum);
        Prediction = Saturate(polePart + _zeroPart);   // PREDIC
    }

    public static int Saturate(int value) => Math.Clamp(value, short.MinValue, short.MaxValue);

    /// <summary>UPPOL2 and UPPOL1, with their stability limits.</summary>
    private (int A1, int A2) AdaptPoles()
    {
        var sign = _p[0] >> 15;
        var scaled = Saturate(4 * _a[1]);
        var second = Math.Min(sign == _p[1] >> 15 ? -scaled : scaled, short.MaxValue) >> 7;
        second += sign == _p[2] >> 15 ? 128 : -128;
        second = Math.Clamp(second + (_a[2] * 32_512 >> 15), -12_288, 12_288);

        var first = Saturate((sign == _p[1] >> 15 ? 192 : -192) + (_a[1] * 32_640 >> 15));
        var limit = Saturate(15_360 - second);
        return (Math.Clamp(first, -limit, limit), second);
    }

    /// <summary>UPZERO.</summary>
    private void AdaptZeros(int difference)
    {
        var step = difference == 0 ? 0 : 128;
        var sign = difference >> 15;
        for (var i = 1; i <= Zeros; i++) _b[i] = Saturate((sign == _d[i] >> 15 ? step : -step) + (_b[i] * 32_640 >> 15));
    }
}
