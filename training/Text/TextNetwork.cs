using System.Numerics.Tensors;
using EdgeAssist.Inference.Sentiment;
using EdgeAssist.Training.Data;

namespace EdgeAssist.Training.Text;

/// <summary>
/// The network: an embedding a feature, summed with a learnt gate (column 0 of the embedding, as an exponent) and divided by
/// the root of the gates' sum, then a linear part and a small hidden layer side by side, then one probability a label.
/// </summary>
internal sealed class TextNetwork : ITextModel
{
    /// <summary>Columns of an embedding; the first is the gate.</summary>
    public const int Width = 16;

    /// <summary>Units of the hidden layer.</summary>
    public const int Hidden = 24;

    /// <summary>Gates stay between e⁻³ and e³.</summary>
    public const float GateLimit = 3;

    public TextNetwork(int rows, Seeded random)
    {
        Rows = rows;
        Table = new float[rows * Width];
        for (var i = 0; i < Table.Length; i++) Table[i] = i % Width == 0 ? 0 : (float)(0.02 * random.NextNormal());
        HiddenWeights = Normal(Hidden * Width, 0.3, random);
        HiddenBias = new float[Hidden];
        OutputWeights = Normal(Example.LabelCount * Hidden, 0.2, random);
        LinearWeights = Normal(Example.LabelCount * Width, 0.5, random);
        OutputBias = new float[Example.LabelCount];
        for (var i = 0; i < LinearWeights.Length; i += Width) LinearWeights[i] = 0;
        for (var i = 0; i < HiddenWeights.Length; i += Width) HiddenWeights[i] = 0;
    }

    public int Rows { get; }

    /// <summary>[rows, <see cref="Width"/>].</summary>
    public float[] Table { get; }

    /// <summary>[<see cref="Hidden"/>, <see cref="Width"/>].</summary>
    public float[] HiddenWeights { get; }

    public float[] HiddenBias { get; }

    /// <summary>[labels, <see cref="Hidden"/>].</summary>
    public float[] OutputWeights { get; }

    /// <summary>[labels, <see cref="Width"/>].</summary>
    public float[] LinearWeights { get; }

    public float[] OutputBias { get; }

    public void Run(ReadOnlyMemory<long> ids, Span<float> scores)
    {
        Span<float> pooled = stackalloc float[Width];
        Span<float> hidden = stackalloc float[Hidden];
        Forward(ids.Span, pooled, hidden, scores);
        for (var i = 0; i < Example.LabelCount; i++) scores[i] = Metrics.Sigmoid(scores[i]);
    }

    /// <summary>Computes the log-odds; returns the sum of the gates.</summary>
    public float Forward(ReadOnlySpan<long> rows, Span<float> pooled, Span<float> hidden, Span<float> logits)
    {
        pooled.Clear();
        var gates = 0f;
        foreach (var row in rows)
        {
            var embedding = Table.AsSpan((int)row * Width, Width);
            var gate = MathF.Exp(embedding[0]);
            gates += gate;
            TensorPrimitives.MultiplyAdd(embedding, gate, pooled, pooled);
        }

        TensorPrimitives.Multiply(pooled, 1 / MathF.Sqrt(gates), pooled);
        for (var i = 0; i < Hidden; i++)
            hidden[i] = MathF.Max(0, HiddenBias[i] + TensorPrimitives.Dot(HiddenWeights.AsSpan(i * Width, Width), pooled));
        for (var i = 0; i < Example.LabelCount; i++)
        {
            logits[i] = OutputBias[i]
                + TensorPrimitives.Dot(LinearWeights.AsSpan(i * Width, Width), pooled)
                + TensorPrimitives.Dot(OutputWeights.AsSpan(i * Hidden, Hidden), hidden);
        }

        return gates;
    }

    /// <summary>Scales and shifts each label's log-odds (Platt), by changing the weights.</summary>
    public void Calibrate(ReadOnlySpan<double> slopes, ReadOnlySpan<double> offsets)
    {
        for (var i = 0; i < Example.LabelCount; i++)
        {
            var slope = (float)slopes[i];
            TensorPrimitives.Multiply(OutputWeights.AsSpan(i * Hidden, Hidden), slope, OutputWeights.AsSpan(i * Hidden, Hidden));
            TensorPrimitives.Multiply(LinearWeights.AsSpan(i * Width, Width), slope, LinearWeights.AsSpan(i * Width, Width));
            OutputBias[i] = OutputBias[i] * slope + (float)offsets[i];
        }
    }

    private static float[] Normal(int count, double deviation, Seeded random)
    {
        var values = new float[count];
        for (var i = 0; i < count; i++) values[i] = (float)(deviation * random.NextNormal());
        return values;
    }
}
