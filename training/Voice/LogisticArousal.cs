using EdgeAssist.Inference.Features;
using EdgeAssist.Training.Onnx;
using EdgeAssist.Training.Text;

namespace EdgeAssist.Training.Voice;

/// <summary>The arousal model: one weight a change, and a bias. What it says can be read off its four numbers.</summary>
internal sealed class LogisticArousal(double bias, double[] weights) : IArousalModel
{
    private const int Steps = 4000;
    private const double Rate = 0.02;

    public double Bias => bias;

    public IReadOnlyList<double> Weights => weights;

    /// <summary>Fits by gradient descent; no weight may be negative: louder, higher and sharper never calm.</summary>
    public static LogisticArousal Fit(IReadOnlyList<(float[] Changes, bool Heated)> frames)
    {
        var weights = new double[IArousalModel.Features];
        var bias = 0.0;
        for (var step = 0; step < Steps; step++)
        {
            var gradient = new double[weights.Length];
            var gradientOfBias = 0.0;
            foreach (var (changes, heated) in frames)
            {
                var logit = bias;
                for (var i = 0; i < weights.Length; i++) logit += weights[i] * changes[i];
                var error = Metrics.Sigmoid(logit) - (heated ? 1 : 0);
                gradientOfBias += error;
                for (var i = 0; i < weights.Length; i++) gradient[i] += error * changes[i];
            }

            bias -= 10 * Rate * gradientOfBias / frames.Count;
            for (var i = 0; i < weights.Length; i++) weights[i] = Math.Max(0, weights[i] - Rate * gradient[i] / frames.Count);
        }

        return new LogisticArousal(bias, weights);
    }

    public float Run(ReadOnlySpan<float> changes) => (float)Metrics.Sigmoid(LogOdds(changes));

    public double LogOdds(ReadOnlySpan<float> changes)
    {
        var logit = bias;
        for (var i = 0; i < weights.Length; i++) logit += weights[i] * changes[i];
        return logit;
    }

    public byte[] ToOnnx()
    {
        var onnx = new OnnxWriter("voice-arousal");
        onnx.FloatsInput("changes", weights.Length);
        onnx.FloatOutput("arousal", 1);
        onnx.Floats("weights", [.. weights.Select(w => (float)w)], weights.Length, 1);
        onnx.Floats("bias", [(float)bias], 1);
        onnx.Node("MatMul", ["changes", "weights"], "sum");
        onnx.Node("Add", ["sum", "bias"], "log_odds");
        onnx.Node("Sigmoid", ["log_odds"], "arousal");
        return onnx.ToBytes("EdgeAssist training", "How heated a voice is; see MODEL_CARD.md.", 17);
    }
}
