using System.Collections.Immutable;
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
            if (packaged)
            {
                sessions.Add(OnnxSession.Load(store, model, "encoder_model.onnx"));
                sessions.Add(OnnxSession.Load(store, model, PackagedDecoder));
            }
            else
            {
                sessions.Add(OnnxSession.Load(store, model, "encode.onnx"));
                sessions.Add(OnnxSession.Load(store, model, "decode_spoken_first.onnx", arena: false));
                sessions.Add(OnnxSession.Load(store, model, "decode_spoken_later.onnx", arena: false));
            }
            return new MoonshineModel(sessions[0], sessions[1], sessions[^1], model);
        }
        catch (ModelException)
        {
            sessions.ForEach(session => session.Dispose());
            throw;
        }
    }

    public ITokenDecoder Encode(ReadOnlyMemory<float> samples, params ImmutableArray<ITokenBias> biases)
    {
        // The runtime only reads the samples; its type wants Memory.
        using var audio = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, MemoryMarshal.AsMemory(samples), [1, samples.Length]);
        return new Decoding(this, _encoder.Run(_run, _audio, [audio], _states)[0], biases);
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
    private sealed class Decoding : IParallelDecoder
    {
        private readonly MoonshineModel _model;
        private readonly ImmutableArray<ITokenBias> _biases;
        private readonly List<int> _fed = [];
        private readonly OrtValue?[] _slots;
        private readonly long[] _token = new long[1];
        private readonly OrtValue[] _firstInputs;
        private readonly OrtValue[] _laterInputs;
        private float[] _scratch = [];
        private bool _started;

        public Decoding(MoonshineModel model, OrtValue states, ImmutableArray<ITokenBias> biases)
        {
            (_model, _biases) = (model, biases);
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
            using var logits = Step(_slots[DecoderStep.Token]!);
            return Likeliest(token, logits.GetTensorMutableDataAsSpan<float>());
        }

        public void Begin(ReadOnlySpan<int> tokens, Span<ScoredToken> after)
        {
            var ids = new long[tokens.Length];
            for (var i = 0; i < ids.Length; i++) ids[i] = tokens[i];
            using var input = OrtValue.CreateTensorValueFromMemory(ids, [1, ids.Length]);
            using var logits = Step(input);
            var rows = logits.GetTensorMutableDataAsSpan<float>();
            var width = rows.Length / tokens.Length;
            for (var i = 0; i < tokens.Length; i++) after[i] = Likeliest(tokens[i], rows.Slice(i * width, width));
        }

        public void Keep(int tokens)
        {
            _fed.RemoveRange(tokens, _fed.Count - tokens);
            foreach (var slot in _model._later.OutputSlots.Skip(1)) _slots[slot] = Shortened(_slots[slot]!, tokens);
        }

        public void Dispose()
        {
            for (var i = 0; i < _slots.Length; i++)
                if (i != DecoderStep.Cached) _slots[i]?.Dispose();
        }

        /// <returns>The logits; the caller disposes them.</returns>
        private OrtValue Step(OrtValue tokens)
        {
            var (step, inputs) = _started ? (_model._later, _laterInputs) : (_model._first, _firstInputs);
            for (var i = 0; i < inputs.Length; i++) inputs[i] = step.InputSlots[i] == DecoderStep.Token ? tokens : _slots[step.InputSlots[i]]!;

            var outputs = step.Session.Run(_model._run, step.Inputs, inputs, step.Outputs);
            for (var i = 1; i < outputs.Count; i++)
            {
                _slots[step.OutputSlots[i]]?.Dispose();
                _slots[step.OutputSlots[i]] = outputs[i];
            }

            _slots[DecoderStep.Cached] = _model._cached;
            _started = true;
            return outputs[0];
        }

        // [1, heads, length, width] with the first tokens of each head; the one given is disposed.
        private static OrtValue Shortened(OrtValue cache, int tokens)
        {
            var shape = cache.GetTensorTypeAndShape().Shape;
            var (heads, length, width) = ((int)shape[1], (int)shape[2], (int)shape[3]);
            if (length <= tokens) return cache;

            var shorter = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TensorElementType.Float, [1, heads, tokens, width]);
            var from = cache.GetTensorDataAsSpan<float>();
            var to = shorter.GetTensorMutableDataAsSpan<float>();
            for (var head = 0; head < heads; head++) from.Slice(head * length * width, tokens * width).CopyTo(to[(head * tokens * width)..]);
            cache.Dispose();
            return shorter;
        }

        private ScoredToken Likeliest(int token, Span<float> logits)
        {
            if (_scratch.Length < logits.Length) _scratch = new float[logits.Length];
            var best = TensorPrimitives.IndexOfMax<float>(logits);
            var weights = _scratch.AsSpan(0, logits.Length);
            TensorPrimitives.Subtract(logits, logits[best], weights);
            TensorPrimitives.Exp(weights, weights);
            _fed.Add(token);
            if (_biases.Length > 0)
            {
                foreach (var bias in _biases) bias.Apply(CollectionsMarshal.AsSpan(_fed), logits);
                best = TensorPrimitives.IndexOfMax<float>(logits);
            }

            return new ScoredToken(best, weights[best] / TensorPrimitives.Sum<float>(weights));
        }
    }
}
