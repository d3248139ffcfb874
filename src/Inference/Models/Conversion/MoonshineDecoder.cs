namespace EdgeAssist.Inference.Models.Conversion;

/// <summary>
/// Makes two graphs of Moonshine's packaged decoder, which holds both in the branches of one <c>If</c>: the first step and the
/// later ones. In each, layers are written with the runtime's own operators (<see cref="LayerFusion"/>), the head multiplies
/// 8-bit numbers instead of widening 9.4 million weights to floats at every token, it knows the tokens of spoken English alone
/// (<see cref="SpokenTokens"/>), and the weights are int8 (<see cref="EightBitWeights"/>). Deterministic: the results' hashes are
/// pinned in the manifest.
/// </summary>
internal static class MoonshineDecoder
{
    private const int Layers = 6;
    private const int LongestText = 512;   // tokens; GreedyDecoding allows 188 for 30 s
    private const string Embedding = "model.decoder.embed_tokens.weight_merged_0_quantized";
    private const string HeadWeight = "head_weight";
    private const string HeadZeroPoint = "head_weight_zero_point";

    /// <summary>The graph of the first step: no past goes in, every cache comes out.</summary>
    /// <param name="merged">The packaged decoder.</param>
    /// <param name="tokens">The numbers of the tokens that are kept, in order: they are renumbered by their place here.</param>
    public static byte[] FirstStep(ReadOnlyMemory<byte> merged, int[] tokens) => Branch(merged, tokens, "else_branch", first: true, _ => true);

    /// <summary>The graph of the later steps: the past goes in, the decoder's own caches come out.</summary>
    /// <param name="merged">The packaged decoder.</param>
    /// <param name="tokens">As in <see cref="FirstStep"/>.</param>
    public static byte[] LaterSteps(ReadOnlyMemory<byte> merged, int[] tokens) =>
        Branch(merged, tokens, "then_branch", first: false, output => !output.Contains(".encoder.", StringComparison.Ordinal));

    private static byte[] Branch(ReadOnlyMemory<byte> merged, int[] tokens, string name, bool first, Func<string, bool> keepOutput)
    {
        var model = ProtoMessage.Parse(merged);
        var outer = OnnxFormat.GraphOf(model);
        var branch = OnnxFormat.Branch(outer, name);
        var tensors = OnnxFormat.TensorsOf(outer);
        tensors[Embedding] = OnnxFormat.Rows(tensors.GetValueOrDefault(Embedding) ?? throw new ModelException("The packaged decoder has no token embedding of 8 bits: it is not the model this conversion was made for."), tokens);
        var outputs = branch.All(OnnxFormat.GraphOutput).Where(output => keepOutput(OnnxFormat.NameOf(output))).ToList();
        var nodes = QuantiseHead(OnnxFormat.NodesOf(branch), tensors);
        nodes = Fused(nodes, tensors, first, outputs.Select(OnnxFormat.NameOf));
        EightBitWeights.Shift(nodes, tensors);
        return OnnxFormat.WithGraph(model, "moonshine_decoder_" + name, nodes, tensors, outer.All(OnnxFormat.GraphInput), outputs);
    }

    // In the first step the tokens are new and their caches come out; later the caches that go in are lengthened.
    private static List<ProtoMessage> Fused(List<ProtoMessage> nodes, Dictionary<string, ProtoMessage> tensors, bool first, IEnumerable<string> outputs)
    {
        var fusion = new LayerFusion(nodes, tensors);
        fusion.Normalise();
        fusion.Angles("/model/decoder/rotary_emb/Cast_1_output_0", LongestText, first ? null : "past_key_values.0.decoder.key");
        for (var layer = 0; layer < Layers; layer++)
        {
            var (name, past, present) = ($"/model/decoder/layers.{layer}", $"past_key_values.{layer}", $"present.{layer}");
            fusion.AttendToSelf(name + "/self_attn", causal: first, first ? null : (past + ".decoder.key", past + ".decoder.value"), (present + ".decoder.key", present + ".decoder.value"));
            var states = first ? present : past;
            fusion.AttendToStates(name + "/encoder_attn", states + ".encoder.key", states + ".encoder.value");
        }

        return fusion.Needed(outputs);
    }

    // Transpose(weight) → DequantizeLinear → MatMul becomes DynamicQuantizeLinear → MatMulInteger → Cast → Mul.
    private static List<ProtoMessage> QuantiseHead(List<ProtoMessage> nodes, Dictionary<string, ProtoMessage> tensors)
    {
        var head = nodes.Find(node => OnnxFormat.OutputsOf(node).Contains("logits") && node.Text(OnnxFormat.NodeOperator) == "MatMul");
        var widen = nodes.Find(node => head is not null && OnnxFormat.OutputsOf(node).Contains(OnnxFormat.InputsOf(head)[1]));
        var transpose = nodes.Find(node => widen is not null && OnnxFormat.OutputsOf(node).Contains(OnnxFormat.InputsOf(widen)[0]));
        if (head is null || widen is null || transpose is null || widen.Text(OnnxFormat.NodeOperator) != "DequantizeLinear" || transpose.Text(OnnxFormat.NodeOperator) != "Transpose")
            throw new ModelException("The packaged decoder's head is not of the form this conversion was made for.");

        var (scale, zeroPoint) = (OnnxFormat.InputsOf(widen)[1], OnnxFormat.InputsOf(widen)[2]);
        tensors[HeadWeight] = OnnxFormat.Transposed(tensors[OnnxFormat.InputsOf(transpose)[0]], HeadWeight);
        tensors[HeadZeroPoint] = OnnxFormat.Renamed(tensors[zeroPoint], HeadZeroPoint);
        return
        [
            .. nodes.Where(node => node != head && node != widen && node != transpose),
            OnnxFormat.Node("DynamicQuantizeLinear", [OnnxFormat.InputsOf(head)[0]], ["head_quantised", "head_scale", "head_zero_point"]),
            OnnxFormat.Node("MatMulInteger", ["head_quantised", HeadWeight, "head_zero_point", HeadZeroPoint], ["head_integer"]),
            OnnxFormat.Node("Cast", ["head_integer"], ["head_float"], OnnxFormat.IntegerAttribute("to", OnnxFormat.Float)),
            OnnxFormat.Node("Mul", ["head_scale", scale], ["head_scales"]),
            OnnxFormat.Node("Mul", ["head_float", "head_scales"], ["logits"]),
        ];
    }
}
