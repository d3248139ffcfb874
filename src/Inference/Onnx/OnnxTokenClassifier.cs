using System.Collections.Immutable;
using System.Numerics.Tensors;
using EdgeAssist.Inference.Models;
using Microsoft.ML.OnnxRuntime;

namespace EdgeAssist.Inference.Onnx;

/// <summary>
/// A graph over the tokens of one text. Inputs, int64 of shape [1, n]: <c>ids</c>, and, where the manifest names them,
/// <c>mask</c> (ones) and <c>types</c> (zeros). Output, float of shape [1, k], under one of three roles that say what it holds:
/// <c>scores</c> (0 to 1), <c>sigmoid</c> (log-odds, each label on its own) or <c>softmax</c> (log-odds of one choice).
/// Several threads may call at once.
/// </summary>
internal sealed class OnnxTokenClassifier : IDisposable
{
    private static readonly string[] Ways = ["ids", "mask", "types"];
    private static readonly string[] Roles = ["scores", "sigmoid", "softmax"];

    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();
    private readonly string[] _inputs;
    private readonly string[] _outputs;
    private readonly string _role;
    private readonly ModelEntry _model;

    private OnnxTokenClassifier(InferenceSession session, ModelEntry model)
    {
        (_session, _model) = (session, model);
        _inputs = [.. Ways.Where((role, i) => i == 0 || model.Inputs.ContainsKey(role)).Select(model.Input)];
        _role = Roles.FirstOrDefault(model.Outputs.ContainsKey)
            ?? throw new ModelException($"The manifest names no output for the model \"{model.Name}\"; wanted is one of {string.Join(", ", Roles)}.");
        _outputs = [model.Output(_role)];
        OnnxSession.Require(session, model, _inputs, _outputs);
    }

    /// <summary>What the columns of the output mean.</summary>
    public ImmutableArray<string> Labels => _model.Labels;

    /// <exception cref="ModelException">Missing, altered, or not of this shape.</exception>
    public static OnnxTokenClassifier Load(ModelStore store, ModelEntry model)
    {
        var graph = model.Files.FirstOrDefault(file => file.Name.EndsWith(".onnx", StringComparison.Ordinal))
            ?? throw new ModelException($"The model \"{model.Name}\" lists no .onnx file.");
        var session = OnnxSession.Load(store, model, graph.Name);
        try
        {
            return new OnnxTokenClassifier(session, model);
        }
        catch (ModelException)
        {
            session.Dispose();
            throw;
        }
    }

    /// <param name="ids">At least one token id.</param>
    /// <param name="scores">Receives one value a label, 0 to 1.</param>
    /// <exception cref="ModelException">The graph refuses the tokens, or gives another number of scores than there are labels.</exception>
    public void Run(long[] ids, Span<float> scores)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var inputs = new OrtValue[_inputs.Length];
        try
        {
            inputs[0] = Tensor(ids);
            for (var i = 1; i < inputs.Length; i++)
            {
                var filler = new long[ids.Length];
                if (_inputs[i] == _model.Inputs.GetValueOrDefault("mask")) Array.Fill(filler, 1);
                inputs[i] = Tensor(filler);
            }

            using var results = _session.Run(_run, _inputs, inputs, _outputs);
            Take(results[0].GetTensorDataAsSpan<float>(), scores);
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelException($"The model \"{_model.Name}\" cannot be run: {e.Message}", e);
        }
        finally
        {
            foreach (var input in inputs) input?.Dispose();
        }
    }

    public void Dispose()
    {
        _run.Dispose();
        _session.Dispose();
    }

    private void Take(ReadOnlySpan<float> given, Span<float> scores)
    {
        if (given.Length != scores.Length)
            throw new ModelException($"The model \"{_model.Name}\" gave {given.Length} scores for {scores.Length} labels.");
        if (_role == "sigmoid") TensorPrimitives.Sigmoid(given, scores);
        else if (_role == "softmax") TensorPrimitives.SoftMax(given, scores);
        else given.CopyTo(scores);
    }

    private static OrtValue Tensor(long[] values) => OrtValue.CreateTensorValueFromMemory(values, [1, values.Length]);
}
