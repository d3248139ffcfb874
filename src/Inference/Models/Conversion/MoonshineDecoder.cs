namespace EdgeAssist.Inference.Models.Conversion;

/// <summary>
/// Makes two graphs of Moonshine's packaged decoder, which holds both in the branches of one <c>If</c>: the first step and the
/// later ones. In each, the head multiplies 8-bit numbers instead of widening 9.4 million weights to floats at every token, and
/// the weights are shifted from uint8 to int8 (each value and its zero point less 128, so the products are the same), the form
/// for which processors have an instruction (VNNI). Deterministic: the results' hashes are pinned in the manifest.
/// </summary>
internal static class MoonshineDecoder
{
    private const string HeadWeight = "head_weight";
    private const string HeadZeroPoint = "head_weight_zero_point";

    /// <summary>The graph of the first step: no past goes in, every cache comes out.</summary>
    public static byte[] FirstStep(ReadOnlyMemory<byte> merged) => Branch(merged, "else_branch", _ => true);

    /// <summary>The graph of the later steps: the past goes in, the decoder's own caches come out.</summary>
    public static byte[] LaterSteps(ReadOnlyMemory<byte> merged) =>
        Branch(merged, "then_branch", output => !output.Contains(".encoder.", StringComparison.Ordinal));

    private static byte[] Branch(ReadOnlyMemory<byte> merged, string name, Func<string, bool> keepOutput)
    {
        var model = ProtoMessage.Parse(merged);
        var outer = ProtoMessage.Parse(model.All(OnnxFormat.ModelGraph).FirstOrDefault().Bytes);
        var branch = FindBranch(outer, name);
        var tensors = outer.All(OnnxFormat.GraphInitializer).Select(field => ProtoMessage.Parse(field.Bytes)).ToDictionary(tensor => tensor.Text(OnnxFormat.TensorName), StringComparer.Ordinal);
        var nodes = QuantiseHead([.. branch.All(OnnxFormat.GraphNode).Select(field => ProtoMessage.Parse(field.Bytes))], tensors);
        ShiftWeights(nodes, tensors);

        var used = nodes.SelectMany(node => node.All(OnnxFormat.NodeInput)).Select(input => input.Text).ToHashSet(StringComparer.Ordinal);
        var graph = new ProtoMessage(
        [
            .. nodes.Select(node => ProtoField.Of(OnnxFormat.GraphNode, node)),
            ProtoField.Of(OnnxFormat.GraphName, "moonshine_decoder_" + name),
            .. tensors.Where(tensor => used.Contains(tensor.Key)).OrderBy(tensor => tensor.Key, StringComparer.Ordinal).Select(tensor => ProtoField.Of(OnnxFormat.GraphInitializer, tensor.Value)),
            .. outer.All(OnnxFormat.GraphInput).Where(input => used.Contains(NameOf(input))),
            .. branch.All(OnnxFormat.GraphOutput).Where(output => keepOutput(NameOf(output))),
        ]);
        return new ProtoMessage(model.Fields.Select(field => field.Number == OnnxFormat.ModelGraph ? ProtoField.Of(OnnxFormat.ModelGraph, graph) : field)).ToBytes();
    }

    private static ProtoMessage FindBranch(ProtoMessage outer, string name)
    {
        foreach (var node in outer.All(OnnxFormat.GraphNode).Select(field => ProtoMessage.Parse(field.Bytes)).Where(node => node.Text(OnnxFormat.NodeOperator) == "If"))
        foreach (var attribute in node.All(OnnxFormat.NodeAttribute).Select(field => ProtoMessage.Parse(field.Bytes)).Where(attribute => attribute.Text(OnnxFormat.AttributeName) == name))
            return ProtoMessage.Parse(attribute.All(OnnxFormat.AttributeGraph).First().Bytes);

        throw new ModelException($"The packaged decoder has no {name}: it is not the model this conversion was made for.");
    }

    // Transpose(weight) → DequantizeLinear → MatMul becomes DynamicQuantizeLinear → MatMulInteger → Cast → Mul.
    private static List<ProtoMessage> QuantiseHead(List<ProtoMessage> nodes, Dictionary<string, ProtoMessage> tensors)
    {
        var head = nodes.Find(node => Outputs(node, "logits") && node.Text(OnnxFormat.NodeOperator) == "MatMul");
        var widen = nodes.Find(node => head is not null && Outputs(node, Inputs(head)[1]));
        var transpose = nodes.Find(node => widen is not null && Outputs(node, Inputs(widen)[0]));
        if (head is null || widen is null || transpose is null || widen.Text(OnnxFormat.NodeOperator) != "DequantizeLinear" || transpose.Text(OnnxFormat.NodeOperator) != "Transpose")
            throw new ModelException("The packaged decoder's head is not of the form this conversion was made for.");

        var (scale, zeroPoint) = (Inputs(widen)[1], Inputs(widen)[2]);
        tensors[HeadWeight] = OnnxFormat.Transposed(tensors[Inputs(transpose)[0]], HeadWeight);
        tensors[HeadZeroPoint] = OnnxFormat.Renamed(tensors[zeroPoint], HeadZeroPoint);
        return
        [
            .. nodes.Where(node => node != head && node != widen && node != transpose),
            OnnxFormat.Node("DynamicQuantizeLinear", [Inputs(head)[0]], ["head_quantised", "head_scale", "head_zero_point"]),
            OnnxFormat.Node("MatMulInteger", ["head_quantised", HeadWeight, "head_zero_point", HeadZeroPoint], ["head_integer"]),
            OnnxFormat.Node("Cast", ["head_integer"], ["head_float"], OnnxFormat.IntegerAttribute("to", OnnxFormat.Float)),
            OnnxFormat.Node("Mul", ["head_scale", scale], ["head_scales"]),
            OnnxFormat.Node("Mul", ["head_float", "head_scales"], ["logits"]),
        ];
    }

    private static void ShiftWeights(List<ProtoMessage> nodes, Dictionary<string, ProtoMessage> tensors)
    {
        foreach (var inputs in nodes.Where(node => node.Text(OnnxFormat.NodeOperator) == "MatMulInteger").Select(Inputs))
        foreach (var name in new[] { inputs[1], inputs[3] })
            tensors[name] = OnnxFormat.Shifted(tensors[name]);
    }

    private static string[] Inputs(ProtoMessage node) => [.. node.All(OnnxFormat.NodeInput).Select(input => input.Text)];

    private static bool Outputs(ProtoMessage node, string name) => node.All(OnnxFormat.NodeOutput).Any(output => output.Text == name);

    private static string NameOf(ProtoField valueInfo) => ProtoMessage.Parse(valueInfo.Bytes).Text(OnnxFormat.ValueName);
}
