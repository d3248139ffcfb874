using System.Collections.Immutable;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Onnx;
using Microsoft.ML.Tokenizers;

namespace EdgeAssist.Inference.Sentiment;

/// <summary>
/// A classifier of the BERT kind: WordPiece tokens in, one value a label out. Ours, or an operator's own that is brought by a
/// manifest alone: its <c>vocab.txt</c>, its graph, the names of its tensors and what its columns mean. Labels other than the
/// six of <see cref="TextScores"/> are ignored; those it lacks stay 0.
/// </summary>
internal sealed class WordPieceTextSentiment : ITextSentiment, IDisposable
{
    /// <summary>Tokens read of an utterance, its frame included; what lies behind is left out.</summary>
    public const int MostTokens = 64;

    private const string Vocabulary = "vocab.txt";

    private readonly BertTokenizer _tokenizer;
    private readonly OnnxTokenClassifier _model;
    private readonly bool _spoken;
    private readonly ImmutableArray<int> _columns; // for each output, the model's column; -1 for none

    private WordPieceTextSentiment(BertTokenizer tokenizer, OnnxTokenClassifier model, bool spoken)
    {
        (_tokenizer, _model, _spoken) = (tokenizer, model, spoken);
        _columns = [.. NgramTextSentiment.Labels.Select(label => model.Labels.IndexOf(label))];
    }

    /// <summary>Whether an entry of the manifest is a model of this kind.</summary>
    public static bool Fits(ModelEntry entry) => entry.Files.Any(file => file.Name == Vocabulary);

    /// <exception cref="ModelException">Missing, altered, not of this shape, or without any label we know.</exception>
    public static WordPieceTextSentiment Load(ModelStore store, string name)
    {
        var entry = store.Manifest.Find(name);
        if (!entry.Labels.Any(label => NgramTextSentiment.Labels.Contains(label)))
            throw new ModelException($"The model \"{name}\" has the labels {string.Join(", ", entry.Labels)}; wanted is at least one of {string.Join(", ", NgramTextSentiment.Labels)}.");
        if (entry.Prepare is not (null or "spoken"))
            throw new ModelException($"The model \"{name}\" wants its text prepared as \"{entry.Prepare}\"; known is \"spoken\".");

        var model = OnnxTokenClassifier.Load(store, entry);
        try
        {
            var sentiment = new WordPieceTextSentiment(Tokenizer(store, entry), model, entry.Prepare == "spoken");
            sentiment.Score("warm up", []);
            return sentiment;
        }
        catch (ModelException)
        {
            model.Dispose();
            throw;
        }
    }

    public void Dispose() => _model.Dispose();

    public TextScores Score(string text, IReadOnlyList<string> before)
    {
        var prepared = Prepare(text);
        if (prepared.Length == 0) return default;

        Span<float> alone = stackalloc float[6];
        Run(prepared, alone);
        if (before.Count == 0) return Named(alone);

        var earlier = Prepare(before[^1]);
        if (!FragmentReading.Joins(Words(prepared), Words(earlier))) return Named(alone);

        Span<float> first = stackalloc float[6];
        Span<float> joined = stackalloc float[6];
        Run(earlier, first);
        Run($"{earlier} {prepared}", joined);
        FragmentReading.Merge(alone, first, joined);
        return Named(alone);
    }

    /// <summary>The token ids of a text, framed; at most <see cref="MostTokens"/>.</summary>
    internal long[] Tokens(string prepared)
    {
        var ids = _tokenizer.EncodeToIds(prepared);
        var tokens = new long[Math.Min(ids.Count, MostTokens)];
        for (var i = 0; i < tokens.Length; i++) tokens[i] = ids[i];
        tokens[^1] = ids[^1]; // the closing mark stays
        return tokens;
    }

    internal string Prepare(string text) => _spoken ? SpokenText.Of(text) : text.Trim();

    private void Run(string prepared, Span<float> scores)
    {
        Span<float> columns = stackalloc float[_model.Labels.Length];
        _model.Run(Tokens(prepared), columns);
        for (var i = 0; i < scores.Length; i++) scores[i] = _columns[i] < 0 ? 0 : columns[_columns[i]];
    }

    private static BertTokenizer Tokenizer(ModelStore store, ModelEntry entry)
    {
        using var stream = new MemoryStream(store.Read(entry, Vocabulary));
        try
        {
            return BertTokenizer.Create(stream, new BertOptions { LowerCaseBeforeTokenization = !entry.Cased });
        }
        catch (Exception e) when (e is ArgumentException or InvalidDataException or KeyNotFoundException or InvalidOperationException)
        {
            throw new ModelException($"The file {Vocabulary} of the model \"{entry.Name}\" is no word-piece vocabulary: {e.Message}", e);
        }
    }

    private static int Words(string text) => text.Length == 0 ? 0 : text.AsSpan().Count(' ') + 1;

    private static TextScores Named(ReadOnlySpan<float> p) => new(p[0], p[1], p[2], p[3], p[4], p[5]);
}
