using System.Collections.Immutable;
using System.Globalization;
using EdgeAssist.Inference.Models;
using Microsoft.ML.OnnxRuntime;

namespace EdgeAssist.Inference.Onnx;

/// <summary>
/// The names of Moonshine's tensors, read from the graph, and which output of a step becomes which input of the next. The
/// caches are named <c>past_key_values.LAYER.decoder|encoder.key|value</c> going in and <c>present.…</c> coming out.
/// </summary>
internal sealed record MoonshineTensors
{
    public const int Token = 0;
    public const int States = 1;
    public const int Cached = 2;
    public const int FirstPast = 3;

    public required string Audio { get; init; }

    public required string EncodedStates { get; init; }

    /// <summary>Token, states, «is there a cache», then the past.</summary>
    public required string[] DecoderInputs { get; init; }

    /// <summary>The logits and every cache.</summary>
    public required string[] FirstOutputs { get; init; }

    /// <summary>For each of <see cref="FirstOutputs"/> the index of the input it feeds; the logits feed none.</summary>
    public required ImmutableArray<int> FirstPlaces { get; init; }

    /// <summary>The logits and the decoder's own caches: the encoder's do not change after the first step.</summary>
    public required string[] LaterOutputs { get; init; }

    public required ImmutableArray<int> LaterPlaces { get; init; }

    /// <summary>Shape of a cache with nothing in it; the graph tells the number of heads and their width.</summary>
    public required long[] EmptyPast { get; init; }

    /// <exception cref="ModelException">The graph has no caches of that form.</exception>
    public static MoonshineTensors Of(InferenceSession decoder, ModelEntry model)
    {
        var prefix = model.Input("past") + ".";
        var past = decoder.InputMetadata.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToArray();
        if (past.Length == 0)
            throw new ModelException(string.Create(CultureInfo.InvariantCulture, $"The decoder of \"{model.Name}\" has no input \"{prefix}…\"."));

        var present = past.Select(name => model.Output("present") + name[(prefix.Length - 1)..]).ToArray();
        var changing = Enumerable.Range(0, past.Length).Where(i => past[i].Contains(".decoder.", StringComparison.Ordinal)).ToArray();
        var shape = decoder.InputMetadata[past[0]].Dimensions;   // [batch, heads, length, width]
        if (shape.Length != 4 || shape[1] <= 0 || shape[3] <= 0)
            throw new ModelException($"The decoder of \"{model.Name}\" does not say how wide its caches are.");

        return new MoonshineTensors
        {
            Audio = model.Input("audio"),
            EncodedStates = model.Output("states"),
            DecoderInputs = [model.Input("tokens"), model.Input("states"), model.Input("cached"), .. past],
            FirstOutputs = [model.Output("logits"), .. present],
            FirstPlaces = [-1, .. Enumerable.Range(FirstPast, past.Length)],
            LaterOutputs = [model.Output("logits"), .. changing.Select(i => present[i])],
            LaterPlaces = [-1, .. changing.Select(i => FirstPast + i)],
            EmptyPast = [0, shape[1], 1, shape[3]],
        };
    }
}
