using System.Collections.Immutable;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Sentiment;
using Microsoft.ML.OnnxRuntime;

namespace EdgeAssist.Inference.Onnx;

/// <summary>
/// A text model with one input, int64 ids of shape [1, n] (the manifest's input <c>ids</c>), and one output, float scores of
/// shape [1, k] (its output <c>scores</c>), k being the number of the manifest's labels. Several threads may call at once.
/// </summary>
internal sealed class OnnxTextModel : ITextModel, IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();
    private readonly string[] _inputs;
    private readonly string[] _outputs;

    private OnnxTextModel(InferenceSession session, ModelEntry model)
    {
        _session = session;
        _inputs = [model.Input("ids")];
        _outputs = [model.Output("scores")];
        Labels = model.Labels;
        OnnxSession.Require(session, model, _inputs, _outputs);
    }

    /// <summary>What the columns of the output mean.</summary>
    public ImmutableArray<string> Labels { get; }

    /// <param name="store">Where the model is.</param>
    /// <param name="name">Its name in the manifest; its first <c>.onnx</c> file is the graph.</param>
    /// <exception cref="ModelException">Missing, altered, or not of this shape.</exception>
    public static OnnxTextModel Load(ModelStore store, string name)
    {
        var model = store.Manifest.Find(name);
        var graph = model.Files.FirstOrDefault(file => file.Name.EndsWith(".onnx", StringComparison.Ordinal))
            ?? throw new ModelException($"The model \"{name}\" lists no .onnx file.");
        if (model.Labels.IsEmpty) throw new ModelException($"The model \"{name}\" lists no labels.");

        var session = OnnxSession.Load(store, model, graph.Name);
        try
        {
            return new OnnxTextModel(session, model);
        }
        catch (ModelException)
        {
            session.Dispose();
            throw;
        }
    }

    /// <param name="ids">At least one token id.</param>
    /// <param name="scores">Receives one value a label.</param>
    /// <exception cref="ArgumentException">No ids, or room for another number of scores than there are labels.</exception>
    /// <exception cref="ModelException">The graph gives another number of scores.</exception>
    public void Run(ReadOnlyMemory<long> ids, Span<float> scores)
    {
        if (ids.IsEmpty) throw new ArgumentException("A text has at least one token.", nameof(ids));
        if (scores.Length != Labels.Length) throw new ArgumentException($"Room for {Labels.Length} scores is needed.", nameof(scores));

        // The runtime only reads the ids; its type wants Memory.
        using var input = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, System.Runtime.InteropServices.MemoryMarshal.AsMemory(ids), [1, ids.Length]);
        using var results = _session.Run(_run, _inputs, [input], _outputs);
        var given = results[0].GetTensorDataAsSpan<float>();
        if (given.Length != scores.Length)
            throw new ModelException($"The text model gave {given.Length} scores for {scores.Length} labels.");
        given.CopyTo(scores);
    }

    public void Dispose()
    {
        _run.Dispose();
        _session.Dispose();
    }
}
