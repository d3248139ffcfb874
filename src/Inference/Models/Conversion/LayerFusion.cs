namespace EdgeAssist.Inference.Models.Conversion;

/// <summary>
/// Writes the layers of a graph with the runtime's own operators: a layer normalisation in place of eight nodes, a rotary
/// embedding in place of a dozen, an attention in place of fifteen. The packaged graphs spell all of them out, and at one token a
/// step the runtime spends more time between the nodes than in them. Names are those the packaged Moonshine graphs have.
/// </summary>
/// <param name="nodes">The graph's nodes, in order.</param>
/// <param name="tensors">Its constants by name; what is made is added.</param>
internal sealed class LayerFusion(List<ProtoMessage> nodes, Dictionary<string, ProtoMessage> tensors)
{
    private const int Heads = 8;
    private const int RotatedWidth = 32;   // of a head's 36
    private const string Cosines = "rotary_cosines";
    private const string Sines = "rotary_sines";
    private const string Position = "rotary_position";

    private readonly Dictionary<string, ProtoMessage> _made = nodes
        .SelectMany(node => OnnxFormat.OutputsOf(node), (node, output) => (node, output))
        .ToDictionary(pair => pair.output, pair => pair.node, StringComparer.Ordinal);

    /// <summary>Replaces every layer normalisation: (x − mean) / √(variance + ε), times a weight.</summary>
    public void Normalise()
    {
        const string End = "/Div_output_0";
        foreach (var divided in _made.Keys.Where(name => name.EndsWith("norm" + End, StringComparison.Ordinal)).ToList())
        {
            var block = divided[..^End.Length];
            var scaled = nodes.Find(node => OnnxFormat.InputsOf(node).Contains(divided)) ?? throw new ModelException($"Nothing weighs \"{divided}\": it is not the model this conversion was made for.");
            var (output, weight) = (OnnxFormat.OutputsOf(scaled)[0], OnnxFormat.InputsOf(scaled).Single(input => input != divided));
            var epsilon = OnnxFormat.Floats(Tensor(OnnxFormat.InputsOf(Maker(block + "/Add_output_0"))[1])).Single();
            var input = OnnxFormat.InputsOf(Maker(block + "/ReduceMean_output_0"))[0];
            Replace(output, OnnxFormat.Node("LayerNormalization", [input, weight], [output],
                OnnxFormat.IntegerAttribute("axis", ulong.MaxValue), OnnxFormat.FloatAttribute("epsilon", epsilon)));
        }
    }

    /// <summary>Makes what the rotary embeddings look their angles up in.</summary>
    /// <param name="inverse">The constant with the inverse frequencies, of shape [1, 16, 1].</param>
    /// <param name="positions">Positions there may be.</param>
    /// <param name="past">A cache that is as long as what lies before the first token; null when nothing does.</param>
    public void Angles(string inverse, int positions, string? past)
    {
        Add(OnnxFormat.FloatTensor("rotary_positions", [positions, 1], [.. Enumerable.Range(0, positions).Select(position => (float)position)]));
        Add(OnnxFormat.FloatTensor("rotary_inverse", [1, RotatedWidth / 2], OnnxFormat.Floats(Tensor(inverse))));
        var made = new List<ProtoMessage>
        {
            OnnxFormat.Node("MatMul", ["rotary_positions", "rotary_inverse"], ["rotary_angles"]),
            OnnxFormat.Node("Cos", ["rotary_angles"], [Cosines]),
            OnnxFormat.Node("Sin", ["rotary_angles"], [Sines]),
        };
        if (past is null) Add(OnnxFormat.IntegerTensor(Position, 0));
        else
        {
            Add(OnnxFormat.IntegerTensor("rotary_length_axis", 2));
            made.Add(OnnxFormat.Node("Shape", [past], ["rotary_past_shape"]));
            made.Add(OnnxFormat.Node("Gather", ["rotary_past_shape", "rotary_length_axis"], [Position]));
        }

        nodes.InsertRange(0, made);
    }

    /// <summary>Replaces the attention of a layer to itself, with queries and keys rotated by their position.</summary>
    /// <param name="attention">Its name: <c>/layers.0/self_attn</c>.</param>
    /// <param name="causal">True when a token attends only to those before it.</param>
    /// <param name="past">Caches of keys and values that lie before, or null.</param>
    /// <param name="present">Where the caches with the new keys and values go, or null.</param>
    public void AttendToSelf(string attention, bool causal, (string Key, string Value)? past, (string Key, string Value)? present)
    {
        var (query, key) = (attention + "/query_rotated", attention + "/key_rotated");
        var output = InputOf(attention + "/dense");
        string[] outputs = present is { } kept ? [output, kept.Key, kept.Value] : [output];
        Replace(output,
            Rotated(attention + "/q_proj/MatMul_output_0", query),
            Rotated(attention + "/k_proj/MatMul_output_0", key),
            Attention([query, key, attention + "/v_proj/MatMul_output_0", .. past is { } before ? new[] { "", "", "", before.Key, before.Value } : []], outputs, causal));
        if (present is { } replaced) Forget(replaced.Key, replaced.Value);
    }

    /// <summary>Replaces the attention of a layer to the encoder's states.</summary>
    /// <param name="attention">Its name: <c>/layers.0/encoder_attn</c>.</param>
    /// <param name="key">Keys of the states, [1, heads, n, width].</param>
    /// <param name="value">Their values.</param>
    public void AttendToStates(string attention, string key, string value)
    {
        var output = InputOf(attention + "/dense");
        Replace(output, Attention([attention + "/q_proj/MatMul_output_0", key, value], [output], causal: false));
    }

    /// <summary>The nodes that the outputs need, in their order.</summary>
    public List<ProtoMessage> Needed(IEnumerable<string> outputs)
    {
        var wanted = outputs.ToHashSet(StringComparer.Ordinal);
        var needed = new List<ProtoMessage>();
        foreach (var node in Enumerable.Reverse(nodes))
        {
            if (!OnnxFormat.OutputsOf(node).Exists(wanted.Contains)) continue;
            needed.Add(node);
            wanted.UnionWith(OnnxFormat.InputsOf(node));
        }

        needed.Reverse();
        return needed;
    }

    private static ProtoMessage Rotated(string from, string to) => OnnxFormat.Node("RotaryEmbedding", [from, Position, Cosines, Sines], [to],
        OnnxFormat.IntegerAttribute("interleaved", 1), OnnxFormat.IntegerAttribute("num_heads", Heads), OnnxFormat.IntegerAttribute("rotary_embedding_dim", RotatedWidth)).In(OnnxFormat.RuntimeDomain);

    private static ProtoMessage Attention(string[] inputs, string[] outputs, bool causal) => OnnxFormat.Node("MultiHeadAttention", inputs, outputs,
        OnnxFormat.IntegerAttribute("num_heads", Heads), OnnxFormat.IntegerAttribute("unidirectional", causal ? 1UL : 0)).In(OnnxFormat.RuntimeDomain);

    /// <summary>What goes into a projection: it is quantised first.</summary>
    private string InputOf(string projection) =>
        OnnxFormat.InputsOf(Maker(OnnxFormat.InputsOf(Maker(projection + "/MatMul_output_0_output_quantized"))[0]))[0];

    private ProtoMessage Maker(string output) =>
        _made.GetValueOrDefault(output) ?? throw new ModelException($"The graph makes no \"{output}\": it is not the model this conversion was made for.");

    private ProtoMessage Tensor(string name) =>
        tensors.GetValueOrDefault(name) ?? throw new ModelException($"The graph has no constant \"{name}\": it is not the model this conversion was made for.");

    private void Add(ProtoMessage tensor) => tensors.Add(tensor.Text(OnnxFormat.TensorName), tensor);

    private void Replace(string output, params IEnumerable<ProtoMessage> by)
    {
        var at = nodes.IndexOf(Maker(output));
        nodes.RemoveAt(at);
        nodes.InsertRange(at, by);
    }

    // The old makers of what a new node gives.
    private void Forget(params IEnumerable<string> outputs)
    {
        foreach (var output in outputs) nodes.Remove(Maker(output));
    }
}
