using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using EdgeAssist.Inference.Asr;
using EdgeAssist.Inference.Models;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgeAssist.Inference.Onnx;

/// <summary>
/// Moonshine (Jeffries et al. 2024) as two graphs: an encoder over the raw samples and a decoder whose first step makes the
/// keys and values of the encoder's states, while later steps extend only its own. Several threads may call at once.
/// </summary>
internal sealed class MoonshineModel : ISpeechModel
{
    private readonly InferenceSession _encoder;
    private readonly InferenceSession _decoder;
    private readonly RunOptions _run = new();
    private readonly MoonshineTensors _names;
    private readonly bool[] _no = [false];
    private readonly bool[] _yes = [true];
    private readonly OrtValue _firstStep;
    private readonly OrtValue _laterStep;

    private MoonshineModel(InferenceSession encoder, InferenceSession decoder, ModelEntry model)
    {
        _encoder = encoder;
        _decoder = decoder;
        _names = MoonshineTensors.Of(decoder, model);
        _firstStep = OrtValue.CreateTensorValueFromMemory(_no, [1]);
        _laterStep = OrtValue.CreateTensorValueFromMemory(_yes, [1]);
        OnnxSession.Require(encoder, model, [_names.Audio], [_names.EncodedStates]);
        OnnxSession.Require(decoder, model, _names.DecoderInputs, _names.FirstOutputs);
    }

    /// <exception cref="ModelException">Missing, altered, or not of this shape.</exception>
    public static MoonshineModel Load(ModelStore store, string name)
    {
        var model = store.Manifest.Find(name);
        var encoder = OnnxSession.Load(store, model, "encoder_model.onnx");
        InferenceSession? decoder = null;
        try
        {
            decoder = OnnxSession.Load(store, model, "decoder_model_merged.onnx");
            return new MoonshineModel(encoder, decoder, model);
        }
        catch (ModelException)
        {
            encoder.Dispose();
            decoder?.Dispose();
            throw;
        }
    }

    public ITokenDecoder Encode(ReadOnlyMemory<float> samples)
    {
        // The runtime only reads the samples; its type wants Memory.
        using var audio = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, MemoryMarshal.AsMemory(samples), [1, samples.Length]);
        var states = _encoder.Run(_run, [_names.Audio], [audio], [_names.EncodedStates]);
        return new Decoding(this, states[0]);
    }

    public void Dispose()
    {
        _firstStep.Dispose();
        _laterStep.Dispose();
        _run.Dispose();
        _encoder.Dispose();
        _decoder.Dispose();
    }

    /// <summary>
    /// The caches stay in the runtime's own values: nothing is copied to managed memory but the logits, which are read in
    /// place. <c>_past</c> holds one value for each of the decoder's past inputs.
    /// </summary>
    private sealed class Decoding : ITokenDecoder
    {
        private readonly MoonshineModel _model;
        private readonly OrtValue[] _inputs;
        private readonly long[] _token = new long[1];
        private float[] _scratch = [];
        private bool _started;

        public Decoding(MoonshineModel model, OrtValue states)
        {
            _model = model;
            var names = model._names;
            _inputs = new OrtValue[names.DecoderInputs.Length];
            _inputs[MoonshineTensors.Token] = OrtValue.CreateTensorValueFromMemory(_token, [1, 1]);
            _inputs[MoonshineTensors.States] = states;
            _inputs[MoonshineTensors.Cached] = model._firstStep;
            for (var i = MoonshineTensors.FirstPast; i < _inputs.Length; i++)
                _inputs[i] = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TensorElementType.Float, names.EmptyPast);
        }

        public ScoredToken Next(int token)
        {
            _token[0] = token;
            var names = _model._names;
            var outputs = _model._decoder.Run(_model._run, names.DecoderInputs, _inputs, _started ? names.LaterOutputs : names.FirstOutputs);
            var places = _started ? names.LaterPlaces : names.FirstPlaces;
            for (var i = 1; i < outputs.Count; i++)
            {
                _inputs[places[i]].Dispose();
                _inputs[places[i]] = outputs[i];
            }

            _inputs[MoonshineTensors.Cached] = _model._laterStep;
            _started = true;
            using var logits = outputs[0];
            return Likeliest(logits.GetTensorDataAsSpan<float>());
        }

        public void Dispose()
        {
            for (var i = 0; i < _inputs.Length; i++)
                if (i != MoonshineTensors.Cached) _inputs[i].Dispose();
        }

        private ScoredToken Likeliest(ReadOnlySpan<float> logits)
        {
            if (_scratch.Length < logits.Length) _scratch = new float[logits.Length];
            var best = TensorPrimitives.IndexOfMax(logits);
            var weights = _scratch.AsSpan(0, logits.Length);
            TensorPrimitives.Subtract(logits, logits[best], weights);
            TensorPrimitives.Exp(weights, weights);
            return new ScoredToken(best, 1f / TensorPrimitives.Sum(weights));
        }
    }
}
