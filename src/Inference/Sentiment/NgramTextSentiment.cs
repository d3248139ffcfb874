using System.Collections.Immutable;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Onnx;

namespace EdgeAssist.Inference.Sentiment;

/// <summary>
/// Scores an utterance by its words and letter runs; a fragment also together with the one before (<see cref="FragmentReading"/>).
/// </summary>
internal sealed class NgramTextSentiment(FeatureVocabulary vocabulary, ITextModel model) : ITextSentiment, IDisposable
{
    private const int Outputs = 6;

    /// <summary>The built-in model's name in the manifest.</summary>
    public const string DefaultModel = "text-escalation-v1";

    /// <summary>The outputs, in the order of <see cref="TextScores"/>, as the manifest must name them.</summary>
    public static readonly ImmutableArray<string> Labels = ["negative", "anger", "complaint", "asks_for_manager", "threat_to_leave", "abuse"];

    /// <summary>Loads a model and the vocabulary beside it (its <c>.vocab</c> file).</summary>
    /// <exception cref="ModelException">Missing, altered, or with other labels than <see cref="Labels"/>.</exception>
    public static NgramTextSentiment Load(ModelStore store, string name = DefaultModel)
    {
        var entry = store.Manifest.Find(name);
        var file = entry.Files.FirstOrDefault(f => f.Name.EndsWith(".vocab", StringComparison.Ordinal))
            ?? throw new ModelException($"The model \"{name}\" lists no .vocab file.");
        if (!entry.Labels.SequenceEqual(Labels))
            throw new ModelException($"The model \"{name}\" has the labels {string.Join(", ", entry.Labels)}; wanted are {string.Join(", ", Labels)}.");
        if (!FeatureVocabulary.TryParse(store.Read(entry, file.Name), out var vocabulary, out var wrong))
            throw new ModelException($"The file {file.Name} of the model \"{name}\" is no vocabulary: {wrong}.");

        var model = OnnxTextModel.Load(store, name);
        var sentiment = new NgramTextSentiment(vocabulary, model);
        sentiment.Score("warm up", []);
        return sentiment;
    }

    public void Dispose() => (model as IDisposable)?.Dispose();

    public TextScores Score(string text, IReadOnlyList<string> before)
    {
        var words = UtteranceWords.Split(text);
        if (words.Count == 0) return default;

        Span<float> alone = stackalloc float[Outputs];
        model.Run(vocabulary.Rows(words), alone);
        if (before.Count == 0) return Named(alone);

        var earlier = UtteranceWords.Split(before[^1]);
        if (!FragmentReading.Joins(words.Count, earlier.Count)) return Named(alone);

        Span<float> first = stackalloc float[Outputs];
        Span<float> joined = stackalloc float[Outputs];
        model.Run(vocabulary.Rows(earlier), first);
        model.Run(vocabulary.Rows([.. earlier, .. words]), joined);
        FragmentReading.Merge(alone, first, joined);
        return Named(alone);
    }

    private static TextScores Named(ReadOnlySpan<float> p) => new(p[0], p[1], p[2], p[3], p[4], p[5]);
}
