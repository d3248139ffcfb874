using System.Numerics.Tensors;
using EdgeAssist.Inference.Sentiment;
using EdgeAssist.Training.Data;

namespace EdgeAssist.Training.Text;

/// <summary>What the trainer is told. Defaults are those of the committed model, chosen on the dev splits.</summary>
internal sealed record TextTrainerOptions
{
    public int Epochs { get; init; } = 3;

    /// <summary>Adagrad's step for the embeddings; falls linearly to a tenth.</summary>
    public float Rate { get; init; } = 0.12f;

    /// <summary>Share of an utterance's features left out at each step.</summary>
    public double FeatureDropout { get; init; } = 0.25;

    /// <summary>Pull of every embedding towards zero when it is used.</summary>
    public float Decay { get; init; } = 0.0005f;

    /// <summary>Share of the utterances roughened as a recogniser would.</summary>
    public double Roughened { get; init; } = 0.35;
}

/// <summary>
/// Trains a <see cref="TextNetwork"/>: one example at a time in a seeded order, masked cross-entropy, Adagrad (Duchi et al.
/// 2011). One thread, one order of additions: the same seed gives the same bits on the same kind of processor.
/// </summary>
internal sealed class TextTrainer(TextTrainerOptions options, FeatureVocabulary vocabulary, ulong seed)
{
    private const float Epsilon = 1e-6f;

    private readonly Seeded _random = new(seed);
    private readonly float[] _pooled = new float[TextNetwork.Width];
    private readonly float[] _pooledGradient = new float[TextNetwork.Width];
    private readonly float[] _hidden = new float[TextNetwork.Hidden];
    private readonly float[] _hiddenGradient = new float[TextNetwork.Hidden];
    private readonly float[] _logits = new float[Heads.Count];
    private readonly float[] _scratch = new float[TextNetwork.Width];
    private readonly float[] _squares = new float[TextNetwork.Width];

    /// <param name="examples">To learn from.</param>
    /// <param name="weight">How much a source counts.</param>
    /// <param name="told">Called after every pass with its number and mean loss.</param>
    public TextNetwork Train(IReadOnlyList<Example> examples, Func<Example, float> weight, Action<int, double> told)
    {
        var network = Heads.Network(vocabulary.Count + 1, _random);
        var sums = new Accumulators(network);
        var order = Enumerable.Range(0, examples.Count).ToArray();
        var roughener = new Roughener(seed + 17);
        for (var epoch = 0; epoch < options.Epochs; epoch++)
        {
            _random.Shuffle(order);
            var (loss, steps) = (0.0, 0);
            foreach (var index in order)
            {
                var example = examples[index];
                var words = UtteranceWords.Split(example.Text);
                if (words.Count == 0) continue;
                if (_random.Chance(options.Roughened)) words = roughener.Roughen(words);

                var progress = (epoch + (double)steps / order.Length) / options.Epochs;
                var rate = options.Rate * (float)(1 - 0.9 * progress);
                loss += Step(network, sums, Thin(vocabulary.Rows(words)), example, weight(example), rate);
                steps++;
            }

            told(epoch + 1, loss / Math.Max(1, steps));
        }

        return network;
    }

    private long[] Thin(long[] rows) =>
        [.. rows.Where(row => row == 0 || !_random.Chance(options.FeatureDropout))];

    private double Step(TextNetwork network, Accumulators sums, long[] rows, Example example, float weight, float rate)
    {
        var gates = network.Forward(rows, _pooled, _hidden, _logits);
        var truths = Heads.Truths(example);
        var loss = 0.0;
        Array.Clear(_pooledGradient);
        Array.Clear(_hiddenGradient);
        var denseRate = rate * 0.25f;
        for (var head = 0; head < Heads.Count; head++)
        {
            var truth = truths[head];
            if (float.IsNaN(truth)) continue;

            var p = Metrics.Sigmoid(_logits[head]);
            loss -= truth * Math.Log(Math.Max(1e-7, p)) + (1 - truth) * Math.Log(Math.Max(1e-7, 1 - p));
            var gradient = weight * (p - truth);
            var linear = network.LinearWeights.AsSpan(head * TextNetwork.Width, TextNetwork.Width);
            var output = network.OutputWeights.AsSpan(head * TextNetwork.Hidden, TextNetwork.Hidden);
            TensorPrimitives.MultiplyAdd(linear, gradient, _pooledGradient, _pooledGradient);
            UpdateOne(ref network.OutputBias[head], ref sums.OutputBias[head], gradient, denseRate);
            if (Heads.HasColumn(head)) continue;

            TensorPrimitives.MultiplyAdd(output, gradient, _hiddenGradient, _hiddenGradient);
            Update(linear.Slice(1, TextNetwork.Shared), sums.Linear.AsSpan(head * TextNetwork.Width + 1, TextNetwork.Shared), _pooled.AsSpan(1, TextNetwork.Shared), gradient, denseRate);
            Update(output, sums.Output.AsSpan(head * TextNetwork.Hidden, TextNetwork.Hidden), _hidden, gradient, denseRate);
        }

        BackHidden(network, sums, denseRate);
        BackEmbeddings(network, sums, rows, gates, rate);
        return loss;
    }

    private void BackHidden(TextNetwork network, Accumulators sums, float rate)
    {
        for (var i = 0; i < TextNetwork.Hidden; i++)
        {
            if (_hidden[i] <= 0) continue;

            var weights = network.HiddenWeights.AsSpan(i * TextNetwork.Width, TextNetwork.Width);
            TensorPrimitives.MultiplyAdd(weights, _hiddenGradient[i], _pooledGradient, _pooledGradient);
            Update(weights.Slice(1, TextNetwork.Shared), sums.Hidden.AsSpan(i * TextNetwork.Width + 1, TextNetwork.Shared), _pooled.AsSpan(1, TextNetwork.Shared), _hiddenGradient[i], rate);
            UpdateOne(ref network.HiddenBias[i], ref sums.HiddenBias[i], _hiddenGradient[i], rate);
        }
    }

    private void BackEmbeddings(TextNetwork network, Accumulators sums, long[] rows, float gates, float rate)
    {
        var root = 1 / MathF.Sqrt(gates);
        _pooledGradient[0] = 0; // the gate column of the sum is read by nobody
        var shared = _pooledGradient.AsSpan(0, 1 + TextNetwork.Shared); // heads with a column of their own do not move the gate
        var common = 0.5f * TensorPrimitives.Dot(shared, _pooled.AsSpan(0, shared.Length)) / gates;
        foreach (var row in rows)
        {
            var embedding = network.Table.AsSpan((int)row * TextNetwork.Width, TextNetwork.Width);
            var gate = MathF.Exp(embedding[0]);
            TensorPrimitives.Multiply(_pooledGradient, gate * root, _scratch);
            _scratch[0] = gate * (TensorPrimitives.Dot(shared, embedding[..shared.Length]) * root - common);
            for (var i = 0; i < _scratch.Length; i++)
            {
                if (_pooledGradient[i] != 0) _scratch[i] += options.Decay * embedding[i];
            }

            var squares = sums.Table.AsSpan((int)row * TextNetwork.Width, TextNetwork.Width);
            TensorPrimitives.MultiplyAdd(_scratch, _scratch, squares, squares);
            TensorPrimitives.Sqrt(squares, _squares);
            TensorPrimitives.Add(_squares, 1e-3f, _squares);
            TensorPrimitives.Divide(_scratch, _squares, _scratch);
            TensorPrimitives.MultiplyAdd(_scratch, -rate, embedding, embedding);
            embedding[0] = Math.Clamp(embedding[0], -TextNetwork.GateLimit, TextNetwork.GateLimit);
        }
    }

    private static void Update(Span<float> weights, Span<float> squares, ReadOnlySpan<float> inputs, float gradient, float rate)
    {
        for (var i = 0; i < weights.Length; i++) UpdateOne(ref weights[i], ref squares[i], inputs[i] * gradient, rate);
    }

    private static void UpdateOne(ref float weight, ref float square, float gradient, float rate)
    {
        square += gradient * gradient;
        weight -= rate * gradient / (MathF.Sqrt(square) + Epsilon);
    }

    private sealed class Accumulators(TextNetwork network)
    {
        public float[] Table { get; } = new float[network.Table.Length];

        public float[] Hidden { get; } = new float[network.HiddenWeights.Length];

        public float[] HiddenBias { get; } = new float[network.HiddenBias.Length];

        public float[] Output { get; } = new float[network.OutputWeights.Length];

        public float[] OutputBias { get; } = new float[network.OutputBias.Length];

        public float[] Linear { get; } = new float[network.LinearWeights.Length];
    }
}
