using System.Security.Cryptography;
using EdgeAssist.Inference.Sentiment;
using EdgeAssist.Training.Authored;
using EdgeAssist.Training.Data;
using EdgeAssist.Training.Onnx;

namespace EdgeAssist.Training.Text;

/// <summary>A finished text model.</summary>
/// <param name="Vocabulary">Its features.</param>
/// <param name="Network">Its weights, as 8 bits hold them, calibrated.</param>
/// <param name="Graph">The ONNX file.</param>
internal sealed record TextModel(FeatureVocabulary Vocabulary, TextNetwork Network, byte[] Graph)
{
    public NgramTextSentiment Sentiment { get; } = new(Vocabulary, Network);

    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(Graph));
}

/// <summary>The recipe of the committed text model, from the data to the file.</summary>
internal static class TextRecipe
{
    /// <summary>Rows of the table: 60,000 × 16 octets leave room for the rest below 1 MiB.</summary>
    public const int Features = 60_000;

    /// <summary>Utterances a feature must occur in.</summary>
    public const int FewestUtterances = 3;

    /// <summary>Different sentences drawn from a family of templates.</summary>
    public const int PerFamily = 60;

    /// <summary>Everything that may be trained on, the held-out tenth included.</summary>
    public static List<Example> Examples(string data, ulong seed) =>
        [.. Corpora.Trainable(data), .. AuthoredUtterances.Generate(PerFamily, seed)];

    /// <summary>How much a row of a set counts.</summary>
    public static float Weight(Example example) => example.Source switch
    {
        "goemotions" => 0.5f,
        "bitext" => 0.5f,
        _ => 1f,
    };

    /// <summary>Trains, quantises, calibrates on the held-out tenth, writes the graph.</summary>
    public static TextModel Run(IReadOnlyList<Example> examples, TextTrainerOptions options, int features, ulong seed, Action<string> tell)
    {
        var train = examples.Where(e => !Corpora.IsHeldOut(e)).ToList();
        var held = examples.Where(Corpora.IsHeldOut).ToList();
        tell($"{train.Count} utterances to learn from, {held.Count} held out");
        var vocabulary = FeatureSelection.Choose(train, Weight, features, FewestUtterances);
        tell($"{vocabulary.Count} features");
        var network = new TextTrainer(options, vocabulary, seed).Train(train, Weight, (pass, loss) => tell($"pass {pass}: loss {loss:0.0000}"));
        network = network.Mix(Heads.Mixture());
        var table = QuantizedTable.Round(network.Table, TextNetwork.Width);
        Calibrate(network, vocabulary, held);
        return new TextModel(vocabulary, network, TextGraph.Write(network, table));
    }

    /// <summary>Fits each output's slope and offset on the held-out rows whose set says something about it.</summary>
    private static void Calibrate(TextNetwork network, FeatureVocabulary vocabulary, IReadOnlyList<Example> held)
    {
        var logits = new float[Example.LabelCount];
        var pooled = new float[TextNetwork.Width];
        var hidden = new float[TextNetwork.Hidden];
        var scored = new List<(double Logit, bool Truth)>[Example.LabelCount];
        for (var i = 0; i < scored.Length; i++) scored[i] = [];
        foreach (var example in held)
        {
            var words = UtteranceWords.Split(example.Text);
            if (words.Count == 0) continue;
            network.Forward(vocabulary.Rows(words), pooled, hidden, logits);
            for (var label = 0; label < scored.Length; label++)
            {
                if (!float.IsNaN(example.Labels[label])) scored[label].Add((logits[label], example.Labels[label] >= 0.5f));
            }
        }

        var fits = scored.Select(Metrics.Platt).ToArray();
        network.Calibrate([.. fits.Select(f => f.Slope)], [.. fits.Select(f => f.Offset)]);
    }
}
