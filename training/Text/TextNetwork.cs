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

    /// <summary>Columns after the gate that the heads share; those behind belong to one head each.</summary>
    public const int Shared = 12;

    /// <summary>Units of the hidden layer.</summary>
    public const int Hidden = 24;

    /// <summary>Gates stay between e⁻³ and e³.</summary>
    public const float GateLimit = 3;

    public TextNetwork(int rows, int outputs, Seeded random)
    {
        (Rows, Outputs) = (rows, outputs);
        Table = new float[rows * Width];
        for (var i = 0; i < Table.Length; i++) Table[i] = IsShared(i % Width) ? (float)(0.02 * random.NextNormal()) : 0;
        HiddenWeights = Normal(Hidden * Width, 0.3, random);
        HiddenBias = new float[Hidden];
        OutputWeights = Normal(outputs * Hidden, 0.2, random);
        LinearWeights = Normal(outputs * Width, 0.5, random);
        OutputBias = new float[outputs];
        for (var i = 0; i < LinearWeights.Length; i++) LinearWeights[i] *= IsShared(i % Width) ? 1 : 0;
        for (var i = 0; i < HiddenWeights.Length; i++) HiddenWeights[i] *= IsShared(i % Width) ? 1 : 0;
    }

    /// <summary>A network with other outputs over the same embeddings and hidden layer.</summary>
    private TextNetwork(TextNetwork other, int outputs)
    {
        (Rows, Outputs, Table) = (other.Rows, outputs, other.Table);
        (HiddenWeights, HiddenBias) = (other.HiddenWeights, other.HiddenBias);
        OutputWeights = new float[outputs * Hidden];
        LinearWeights = new float[outputs * Width];
        OutputBias = new float[outputs];
    }

    public int Rows { get; }

    /// <summary>Log-odds it gives: the trainer's heads, later the model's labels.</summary>
    public int Outputs { get; }

    /// <summary>[rows, <see cref="Width"/>].</summary>
    public float[] Table { get; }

    /// <summary>[<see cref="Hidden"/>, <see cref="Width"/>].</summary>
    public float[] HiddenWeights { get; }

    public float[] HiddenBias { get; }

    /// <summary>[outputs, <see cref="Hidden"/>].</summary>
    public float[] OutputWeights { get; }

    /// <summary>[outputs, <see cref="Width"/>].</summary>
    public float[] LinearWeights { get; }

    public float[] OutputBias { get; }

    public void Run(ReadOnlyMemory<long> ids, Span<float> scores)
    {
        Span<float> pooled = stackalloc float[Width];
        Span<float> hidden = stackalloc float[Hidden];
        Forward(ids.Span, pooled, hidden, scores);
        for (var i = 0; i < Outputs; i++) scores[i] = Metrics.Sigmoid(scores[i]);
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
        for (var i = 0; i < Outputs; i++)
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
        for (var i = 0; i < Outputs; i++)
        {
            var slope = (float)slopes[i];
            TensorPrimitives.Multiply(OutputWeights.AsSpan(i * Hidden, Hidden), slope, OutputWeights.AsSpan(i * Hidden, Hidden));
            TensorPrimitives.Multiply(LinearWeights.AsSpan(i * Width, Width), slope, LinearWeights.AsSpan(i * Width, Width));
            OutputBias[i] = OutputBias[i] * slope + (float)offsets[i];
        }
    }

    /// <summary>Makes each output a weighted sum of this network's log-odds.</summary>
    /// <param name="mixture">One row an output, one weight a present output.</param>
    public TextNetwork Mix(float[][] mixture)
    {
        var mixed = new TextNetwork(this, mixture.Length);
        for (var i = 0; i < mixture.Length; i++)
        {
            for (var j = 0; j < Outputs; j++)
            {
                var weight = mixture[i][j];
                mixed.OutputBias[i] += weight * OutputBias[j];
                for (var k = 0; k < Hidden; k++) mixed.OutputWeights[i * Hidden + k] += weight * OutputWeights[j * Hidden + k];
                for (var k = 0; k < Width; k++) mixed.LinearWeights[i * Width + k] += weight * LinearWeights[j * Width + k];
            }
        }

        return mixed;
    }

    private static bool IsShared(int column) => column is >= 1 and <= Shared;

    private static float[] Normal(int count, double deviation, Seeded random)
    {
        var values = new float[count];
        for (var i = 0; i < count; i++) values[i] = (float)(deviation * random.NextNormal());
        return values;
    }
}
