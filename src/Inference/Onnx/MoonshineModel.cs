using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using EdgeAssist.Inference.Asr;
using EdgeAssist.Inference.Models;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgeAssist.Inference.Onnx;

/// <summary>
/// Moonshine (Jeffries et al. 2024): an encoder over the raw samples and a decoder whose first step makes the keys and values
/// of the encoder's states, while later steps extend only its own. The decoder comes as two graphs, or packaged as one with a
/// branch. Several threads may call at once.
/// </summary>
internal sealed class MoonshineModel : ISpeechModel
{
    private const string PackagedDecoder = "decoder_model_merged.onnx";

    private readonly InferenceSession _encoder;
    private readonly DecoderStep _first;
    private readonly DecoderStep _later;
    private readonly RunOptions _run = new();
    private readonly string[] _audio;
    private readonly string[] _states;
    private readonly int _caches;
    private readonly long[] _emptyCache;
    private readonly bool[] _no = [false];
    private readonly bool[] _yes = [true];
    private readonly OrtValue _notCached;
    private readonly OrtValue _cached;

    private MoonshineModel(InferenceSession encoder, InferenceSession first, InferenceSession later, ModelEntry model)
    {
        var caches = DecoderStep.Caches(later, model);
        _encoder = encoder;
        _first = DecoderStep.Of(first, model, caches, first: true);
        _later = DecoderStep.Of(later, model, caches, first: false);
        (_audio, _states, _caches) = ([model.Input("audio")], [model.Output("states")], caches.Length);
        OnnxSession.Require(encoder, model, _audio, _states);

        var shape = later.InputMetadata[caches[0]].Dimensions;   // [batch, heads, length, width]
        if (shape.Length != 4 || shape[1] <= 0 || shape[3] <= 0)
            throw new ModelException($"The decoder of \"{model.Name}\" does not say how wide its caches are.");
        _emptyCache = [0, shape[1], 1, shape[3]];
        _notCached = OrtValue.CreateTensorValueFromMemory(_no, [1]);
        _cached = OrtValue.CreateTensorValueFromMemory(_yes, [1]);
    }

    /// <exception cref="ModelException">Missing, altered, or not of this shape.</exception>
    public static MoonshineModel Load(ModelStore store, string name)
    {
        var model = store.Manifest.Find(name);
        var packaged = model.Files.Any(file => file.Name == PackagedDecoder);
        var sessions = new List<InferenceSession>();
        try
        {
            sessions.Add(OnnxSession.Load(store, model, "encoder_model.onnx"));
            if (packaged) sessions.Add(OnnxSession.Load(store, model, PackagedDecoder));
            else
            {
                sessions.Add(OnnxSession.Load(store, model, "decoder_first.onnx", arena: false));
                sessions.Add(OnnxSession.Load(store, model, "decoder_later.onnx", arena: false));
            }
            return new MoonshineModel(sessions[0], sessions[1], sessions[^1], model);
        }
        catch (ModelException)
        {
            sessions.ForEach(session => session.Dispose());
            throw;
        }
    }

    public ITokenDecoder Encode(ReadOnlyMemory<float> samples, ITokenBias? bias = null)
    {
        // The runtime only reads the samples; its type wants Memory.
        using var audio = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, MemoryMarshal.AsMemory(samples), [1, samples.Length]);
        return new Decoding(this, _encoder.Run(_run, _audio, [audio], _states)[0], bias);
    }

    public void Dispose()
    {
        _notCached.Dispose();
        _cached.Dispose();
        _run.Dispose();
        _encoder.Dispose();
        _first.Session.Dispose();
        if (_later.Session != _first.Session) _later.Session.Dispose();
    }

    /// <summary>
    /// One utterance. The caches stay in the runtime's own values: nothing is copied to managed memory, and the logits are read
    /// in place.
    /// </summary>
    private sealed class Decoding : ITokenDecoder
    {
        private readonly MoonshineModel _model;
        private readonly ITokenBias? _bias;
        private readonly OrtValue?[] _slots;
        private readonly long[] _token = new long[1];
        private readonly OrtValue[] _firstInputs;
        private readonly OrtValue[] _laterInputs;
        private float[] _scratch = [];
        private bool _started;

        public Decoding(MoonshineModel model, OrtValue states, ITokenBias? bias)
        {
            (_model, _bias) = (model, bias);
            _slots = new OrtValue?[DecoderStep.FirstPast + model._caches];
            _slots[DecoderStep.Token] = OrtValue.CreateTensorValueFromMemory(_token, [1, 1]);
            _slots[DecoderStep.States] = states;
            _slots[DecoderStep.Cached] = model._notCached;
            _firstInputs = new OrtValue[model._first.Inputs.Length];
            _laterInputs = new OrtValue[model._later.Inputs.Length];

            // The packaged decoder wants empty caches in its first step; the split one wants none.
            foreach (var slot in model._first.InputSlots.Where(slot => slot >= DecoderStep.FirstPast))
                _slots[slot] = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TensorElementType.Float, model._emptyCache);
        }

        public ScoredToken Next(int token)
        {
            _token[0] = token;
            var (step, inputs) = _started ? (_model._later, _laterInputs) : (_model._first, _firstInputs);
            for (var i = 0; i < inputs.Length; i++) inputs[i] = _slots[step.InputSlots[i]]!;

            var outputs = step.Session.Run(_model._run, step.Inputs, inputs, step.Outputs);
            for (var i = 1; i < outputs.Count; i++)
            {
                _slots[step.OutputSlots[i]]?.Dispose();
                _slots[step.OutputSlots[i]] = outputs[i];
            }

            _slots[DecoderStep.Cached] = _model._cached;
            _started = true;
            using var logits = outputs[0];
            return Likeliest(token, logits.GetTensorMutableDataAsSpan<float>());
        }

        public void Dispose()
        {
            for (var i = 0; i < _slots.Length; i++)
                if (i != DecoderStep.Cached) _slots[i]?.Dispose();
        }

        private ScoredToken Likeliest(int token, Span<float> logits)
        {
            if (_scratch.Length < logits.Length) _scratch = new float[logits.Length];
            var best = TensorPrimitives.IndexOfMax<float>(logits);
            var weights = _scratch.AsSpan(0, logits.Length);
            TensorPrimitives.Subtract(logits, logits[best], weights);
            TensorPrimitives.Exp(weights, weights);
            if (_bias is not null)
            {
                _bias.Apply(token, logits);
                best = TensorPrimitives.IndexOfMax<float>(logits);
            }

            return new ScoredToken(best, weights[best] / TensorPrimitives.Sum<float>(weights));
        }
    }
}
