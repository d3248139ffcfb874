namespace EdgeAssist.Testing.Audio;

/// <summary>G.711 µ-law, by the formula of the recommendation: a second opinion beside the product's tables.</summary>
public static class MuLaw
{
    private const int Bias = 0x84;
    private const int Clip = 32_635;

    public static byte Encode(short sample)
    {
        var sign = sample < 0 ? 0x80 : 0;
        var magnitude = Math.Min(Math.Abs((int)sample), Clip) + Bias;
        var exponent = int.Log2(magnitude) - 7;
        var mantissa = magnitude >> (exponent + 3) & 0x0F;
        return (byte)~(sign | exponent << 4 | mantissa);
    }

    public static short Decode(byte octet)
    {
        var bits = ~octet & 0xFF;
        var magnitude = (((bits & 0x0F) << 3) + Bias << (bits >> 4 & 7)) - Bias;
        return (short)((bits & 0x80) != 0 ? -magnitude : magnitude);
    }
}
