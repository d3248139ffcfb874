using System.Collections.Immutable;
using EdgeAssist.Inference.Models;
using Microsoft.ML.OnnxRuntime;

namespace EdgeAssist.Inference.Onnx;

/// <summary>
/// One kind of decoding step: which graph, which values go in and where what comes out is kept for the next step. Values are
/// kept in numbered slots: the token, the encoder's states, «is there a cache», then one for each cache.
/// </summary>
internal sealed record DecoderStep
{
    public const int Token = 0;
    public const int States = 1;
    public const int Cached = 2;
    public const int FirstPast = 3;

    public required InferenceSession Session { get; init; }

    /// <summary>Input names of the graph.</summary>
    public required string[] Inputs { get; init; }

    /// <summary>For each of <see cref="Inputs"/> its slot.</summary>
    public required ImmutableArray<int> InputSlots { get; init; }

    /// <summary>The logits, then caches.</summary>
    public required string[] Outputs { get; init; }

    /// <summary>For each of <see cref="Outputs"/> the slot it is kept in; the logits have none.</summary>
    public required ImmutableArray<int> OutputSlots { get; init; }

    /// <summary>The names of the caches going in, in the order of their slots: <c>past_key_values.LAYER.decoder|encoder.key|value</c>.</summary>
    /// <exception cref="ModelException">The graph has none.</exception>
    public static ImmutableArray<string> Caches(InferenceSession session, ModelEntry model)
    {
        var prefix = model.Input("past") + ".";
        var caches = session.InputMetadata.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToImmutableArray();
        return caches.Length > 0 ? caches : throw new ModelException($"The decoder of \"{model.Name}\" has no input \"{prefix}…\".");
    }

    /// <summary>The step that takes of the slots what the graph has inputs for.</summary>
    /// <param name="session">The graph.</param>
    /// <param name="model">Names the tensors.</param>
    /// <param name="caches">The names of the caches, in the order of their slots.</param>
    /// <param name="first">True for the first step, from which every cache is kept; later only the decoder's own change.</param>
    /// <exception cref="ModelException">The graph lacks an input or output.</exception>
    public static DecoderStep Of(InferenceSession session, ModelEntry model, ImmutableArray<string> caches, bool first)
    {
        string[] slots = [model.Input("tokens"), model.Input("states"), model.Input("cached"), .. caches];
        var taken = Enumerable.Range(0, slots.Length).Where(slot => session.InputMetadata.ContainsKey(slots[slot])).ToImmutableArray();
        var kept = Enumerable.Range(0, caches.Length).Where(i => first || caches[i].Contains(".decoder.", StringComparison.Ordinal)).ToImmutableArray();
        var past = model.Input("past").Length;
        string[] outputs = [model.Output("logits"), .. kept.Select(i => model.Output("present") + caches[i][past..])];
        OnnxSession.Require(session, model, [slots[Token]], outputs);
        return new DecoderStep
        {
            Session = session,
            Inputs = [.. taken.Select(slot => slots[slot])],
            InputSlots = taken,
            Outputs = outputs,
            OutputSlots = [-1, .. kept.Select(i => FirstPast + i)],
        };
    }
}
