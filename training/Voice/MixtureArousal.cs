using EdgeAssist.Inference.Features;
using EdgeAssist.Training.Onnx;
using EdgeAssist.Training.Text;

namespace EdgeAssist.Training.Voice;

/// <summary>
/// The arousal model: one Gaussian of the changes for each kind of line and mood. How likely the heated ones are against the
/// others is the answer, so that level counts where it rose as only a line that passes level lets it.
/// </summary>
internal sealed class MixtureArousal : IArousalModel
{
    private const int Size = IArousalModel.Features;

    /// <summary>Added to each variance, in the square of its unit: the generated clips vary less than people do.</summary>
    private const double Slack = 0.5;

    private readonly List<Gaussian> _heated = [];
    private readonly List<Gaussian> _others = [];

    /// <summary>Fits by moments; heated and not heated are as likely, and so are the groups of either side.</summary>
    /// <param name="groups">The frames of one kind of line and one mood; each has at least two.</param>
    public static MixtureArousal Fit(IReadOnlyList<(bool Heated, IReadOnlyList<float[]> Changes)> groups)
    {
        var model = new MixtureArousal();
        foreach (var (heated, changes) in groups) (heated ? model._heated : model._others).Add(Gaussian.Of(changes, 1.0 / groups.Count(g => g.Heated == heated)));
        return model;
    }

    /// <summary>The same order of voices, with a share of calm frames at a threshold or above.</summary>
    /// <param name="threshold">0 to 1.</param>
    /// <param name="share">0 to 1.</param>
    /// <param name="calm">Changes of calm frames; at least one.</param>
    public MixtureArousal At(double threshold, double share, IEnumerable<float[]> calm)
    {
        var odds = calm.Select(c => LogOdds(c)).Order().ToList();
        var shift = Math.Log(threshold / (1 - threshold)) - odds[(int)((1 - share) * (odds.Count - 1))];
        var moved = new MixtureArousal();
        moved._heated.AddRange(_heated.Select(g => g with { LogScale = g.LogScale + shift }));
        moved._others.AddRange(_others);
        return moved;
    }

    public float Run(ReadOnlySpan<float> changes) => (float)Metrics.Sigmoid(LogOdds(changes));

    public double LogOdds(ReadOnlySpan<float> changes) => LogSum(_heated, changes) - LogSum(_others, changes);

    public byte[] ToOnnx()
    {
        Gaussian[] all = [.. _heated, .. _others];
        var whitening = new float[Size * Size * all.Length];
        var shift = new float[Size * all.Length];
        for (var k = 0; k < all.Length; k++)
        {
            for (var row = 0; row < Size; row++)
            {
                for (var i = 0; i < Size; i++) whitening[i * shift.Length + k * Size + row] = (float)all[k].Whitening[row, i];
                for (var i = 0; i < Size; i++) shift[k * Size + row] -= (float)(all[k].Whitening[row, i] * all[k].Mean[i]);
            }
        }

        var onnx = new OnnxWriter("voice-arousal");
        onnx.FloatsInput("changes", Size);
        onnx.FloatOutput("arousal", 1);
        onnx.Floats("whitening", whitening, Size, shift.Length);
        onnx.Floats("shift", shift, shift.Length);
        onnx.Node("MatMul", ["changes", "whitening"], "turned");
        onnx.Node("Add", ["turned", "shift"], "distances");
        onnx.Node("Mul", ["distances", "distances"], "squares");
        Side(onnx, "heated", _heated, 0, all.Length);
        Side(onnx, "others", _others, _heated.Count, all.Length);
        onnx.Node("Sub", ["heated", "others"], "log_odds");
        onnx.Node("Sigmoid", ["log_odds"], "arousal");
        return onnx.ToBytes("EdgeAssist training", "How heated a voice is; see MODEL_CARD.md.", 17);
    }

    private static void Side(OnnxWriter onnx, string name, List<Gaussian> side, int first, int all)
    {
        var halves = new float[Size * all * side.Count];
        for (var k = 0; k < side.Count; k++)
        {
            for (var row = 0; row < Size; row++) halves[((first + k) * Size + row) * side.Count + k] = -0.5f;
        }

        onnx.Floats($"{name}_halves", halves, Size * all, side.Count);
        onnx.Floats($"{name}_scales", [.. side.Select(g => (float)g.LogScale)], side.Count);
        onnx.Node("MatMul", ["squares", $"{name}_halves"], $"{name}_exponents");
        onnx.Node("Add", [$"{name}_exponents", $"{name}_scales"], $"{name}_densities");
        onnx.Node("ReduceLogSumExp", [$"{name}_densities"], name, ("keepdims", 1));
    }

    private static double LogSum(List<Gaussian> side, ReadOnlySpan<float> changes)
    {
        var (most, sum) = (double.NegativeInfinity, 0.0);
        foreach (var gaussian in side) most = Math.Max(most, gaussian.LogDensity(changes));
        foreach (var gaussian in side) sum += Math.Exp(gaussian.LogDensity(changes) - most);
        return most + Math.Log(sum);
    }

    /// <summary>One kind of line and mood.</summary>
    /// <param name="Mean">Of the changes.</param>
    /// <param name="Whitening">The inverse of the covariance's Cholesky factor; lower triangle.</param>
    /// <param name="LogScale">Logarithm of its share and its height, but for the constant that all have.</param>
    private sealed record Gaussian(double[] Mean, double[,] Whitening, double LogScale)
    {
        public static Gaussian Of(IReadOnlyList<float[]> changes, double share)
        {
            var mean = new double[Size];
            var factor = new double[Size, Size];
            for (var i = 0; i < Size; i++) mean[i] = changes.Average(c => (double)c[i]);
            for (var i = 0; i < Size; i++)
            {
                for (var j = 0; j <= i; j++)
                {
                    var rest = changes.Average(c => (c[i] - mean[i]) * (c[j] - mean[j])) + (i == j ? Slack : 0);
                    for (var k = 0; k < j; k++) rest -= factor[i, k] * factor[j, k];
                    factor[i, j] = i == j ? Math.Sqrt(rest) : rest / factor[j, j];
                }
            }

            var logScale = Math.Log(share);
            for (var i = 0; i < Size; i++) logScale -= Math.Log(factor[i, i]);
            return new Gaussian(mean, Inverse(factor), logScale);
        }

        public double LogDensity(ReadOnlySpan<float> changes)
        {
            var exponent = 0.0;
            for (var row = 0; row < Size; row++)
            {
                var distance = 0.0;
                for (var i = 0; i <= row; i++) distance += Whitening[row, i] * (changes[i] - Mean[i]);
                exponent += distance * distance;
            }

            return LogScale - exponent / 2;
        }

        private static double[,] Inverse(double[,] lower)
        {
            var inverse = new double[Size, Size];
            for (var column = 0; column < Size; column++)
            {
                for (var row = column; row < Size; row++)
                {
                    var rest = row == column ? 1.0 : 0.0;
                    for (var k = column; k < row; k++) rest -= lower[row, k] * inverse[k, column];
                    inverse[row, column] = rest / lower[row, row];
                }
            }

            return inverse;
        }
    }
}
