using EdgeAssist.Inference.Features;
using EdgeAssist.Inference.Models;
using Microsoft.ML.OnnxRuntime;

namespace EdgeAssist.Inference.Onnx;

/// <summary>An arousal model: <c>changes</c>, float [1, 3], in; <c>arousal</c>, float [1, 1], out. Several threads may call at once.</summary>
internal sealed class OnnxArousalModel : IArousalModel, IDisposable
{
    /// <summary>The built-in model's name in the manifest.</summary>
    public const string DefaultModel = "voice-arousal-v3";

    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();
    private readonly string[] _inputs;
    private readonly string[] _outputs;

    private OnnxArousalModel(InferenceSession session, ModelEntry model)
    {
        _session = session;
        _inputs = [model.Input("changes")];
        _outputs = [model.Output("arousal")];
        OnnxSession.Require(session, model, _inputs, _outputs);
    }

    /// <exception cref="ModelException">Missing, altered, or not of this shape.</exception>
    public static OnnxArousalModel Load(ModelStore store, string name = DefaultModel)
    {
        var model = store.Manifest.Find(name);
        var session = OnnxSession.Load(store, model, model.Files[0].Name, arena: false);
        try
        {
            var loaded = new OnnxArousalModel(session, model);
            loaded.Run([0, 0, 0]);
            return loaded;
        }
        catch (OnnxRuntimeException e)
        {
            session.Dispose();
            throw new ModelException($"The model \"{name}\" takes no {IArousalModel.Features} changes: {e.Message}", e);
        }
    }

    public float Run(ReadOnlySpan<float> changes)
    {
        using var input = OrtValue.CreateTensorValueFromMemory(changes.ToArray(), [1, changes.Length]);
        using var results = _session.Run(_run, _inputs, [input], _outputs);
        return results[0].GetTensorDataAsSpan<float>()[0];
    }

    public void Dispose()
    {
        _run.Dispose();
        _session.Dispose();
    }
}
