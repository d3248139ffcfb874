using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Vad;
using Microsoft.ML.OnnxRuntime;

namespace EdgeAssist.Inference.Onnx;

/// <summary>
/// Silero voice activity detection: 64 samples of the frame before and 512 new ones in, a probability out, and a state of
/// [2, 1, 128] carried from frame to frame. Several legs may run at once.
/// </summary>
internal sealed class SileroVad : IVoiceActivityModel
{
    private const int Context = 64;
    private const int StateLength = 2 * 1 * 128;

    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();
    private readonly string[] _inputs;
    private readonly string[] _outputs;

    private SileroVad(InferenceSession session, ModelEntry model)
    {
        _session = session;
        _inputs = [model.Input("audio"), model.Input("state"), .. model.Inputs.GetValueOrDefault("rate") is { } rate ? [rate] : Array.Empty<string>()];
        _outputs = [model.Output("probability"), model.Output("state")];
        OnnxSession.Require(session, model, _inputs, _outputs);
    }

    /// <exception cref="ModelException">Missing, altered, or not of this shape.</exception>
    public static SileroVad Load(ModelStore store, string name)
    {
        var model = store.Manifest.Find(name);
        var session = OnnxSession.Load(store, model, model.Files[0].Name);
        try
        {
            return new SileroVad(session, model);
        }
        catch (ModelException)
        {
            session.Dispose();
            throw;
        }
    }

    public IVoiceActivity Begin() => new Leg(this);

    public void Dispose()
    {
        _run.Dispose();
        _session.Dispose();
    }

    /// <summary>A leg's tensors, made once. Two states take turns as input and output.</summary>
    private sealed class Leg : IVoiceActivity
    {
        private readonly SileroVad _model;
        private readonly float[] _audio = new float[Context + VadFrame.Samples];
        private readonly float[] _stateA = new float[StateLength];
        private readonly float[] _stateB = new float[StateLength];
        private readonly float[] _probability = new float[1];
        private readonly OrtValue[] _aToB;
        private readonly OrtValue[] _bToA;
        private readonly OrtValue[] _resultsInB;
        private readonly OrtValue[] _resultsInA;
        private bool _newestIsB;

        public Leg(SileroVad model)
        {
            _model = model;
            var audio = OrtValue.CreateTensorValueFromMemory(_audio, [1, _audio.Length]);
            var a = OrtValue.CreateTensorValueFromMemory(_stateA, [2, 1, 128]);
            var b = OrtValue.CreateTensorValueFromMemory(_stateB, [2, 1, 128]);
            var probability = OrtValue.CreateTensorValueFromMemory(_probability, [1, 1]);
            (_aToB, _bToA) = ([audio, a], [audio, b]);
            if (model._inputs.Length > 2)   // a graph for several rates
            {
                var rate = OrtValue.CreateTensorValueFromMemory(new long[] { 16_000 }, []);
                (_aToB, _bToA) = ([audio, a, rate], [audio, b, rate]);
            }

            (_resultsInB, _resultsInA) = ([probability, b], [probability, a]);
        }

        public float Next(ReadOnlySpan<float> frame)
        {
            if (frame.Length != VadFrame.Samples) throw new ArgumentException($"A frame has {VadFrame.Samples} samples.", nameof(frame));

            frame.CopyTo(_audio.AsSpan(Context));
            if (_newestIsB) _model._session.Run(_model._run, _model._inputs, _bToA, _model._outputs, _resultsInA);
            else _model._session.Run(_model._run, _model._inputs, _aToB, _model._outputs, _resultsInB);
            _newestIsB = !_newestIsB;
            frame[^Context..].CopyTo(_audio);
            return _probability[0];
        }

        public void Reset()
        {
            _audio.AsSpan().Clear();
            _stateA.AsSpan().Clear();
            _stateB.AsSpan().Clear();
        }

        public void Dispose()
        {
            foreach (var value in _aToB.Concat(_bToA).Concat(_resultsInA)) value.Dispose();
        }
    }
}
