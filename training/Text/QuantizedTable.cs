namespace EdgeAssist.Training.Text;

/// <summary>An embedding table in 8 bits: each column has a scale and a zero point, as ONNX's DequantizeLinear wants them.</summary>
internal sealed class QuantizedTable
{
    private QuantizedTable(byte[] values, float[] scales, byte[] zeros) => (Values, Scales, Zeros) = (values, scales, zeros);

    /// <summary>[rows, columns].</summary>
    public byte[] Values { get; }

    public float[] Scales { get; }

    public byte[] Zeros { get; }

    /// <summary>Quantises <paramref name="table"/> and writes the values that 8 bits can hold back into it.</summary>
    public static QuantizedTable Round(float[] table, int columns)
    {
        var values = new byte[table.Length];
        var scales = new float[columns];
        var zeros = new byte[columns];
        for (var column = 0; column < columns; column++)
        {
            var (low, high) = (0f, 0f);
            for (var i = column; i < table.Length; i += columns) (low, high) = (MathF.Min(low, table[i]), MathF.Max(high, table[i]));
            var scale = scales[column] = MathF.Max(1e-6f, (high - low) / 255);
            var zero = zeros[column] = (byte)Math.Clamp(MathF.Round(-low / scale), 0, 255);
            for (var i = column; i < table.Length; i += columns)
            {
                values[i] = (byte)Math.Clamp(MathF.Round(table[i] / scale) + zero, 0, 255);
                table[i] = (values[i] - zero) * scale;
            }
        }

        return new QuantizedTable(values, scales, zeros);
    }
}
