namespace EdgeAssist.Inference.Models.Conversion;

/// <summary>
/// Shifts the weights of integer multiplications from uint8 to int8: each value and its zero point less 128, so the products are
/// the same. It is the form for which processors have an instruction (VNNI); on those without, the session asks for the exact
/// kernel (<see cref="Onnx.OnnxSession"/>).
/// </summary>
internal static class EightBitWeights
{
    /// <param name="nodes">A graph's nodes.</param>
    /// <param name="tensors">Its constants by name; changed in place.</param>
    public static void Shift(IEnumerable<ProtoMessage> nodes, Dictionary<string, ProtoMessage> tensors)
    {
        foreach (var inputs in nodes.Where(node => node.Text(OnnxFormat.NodeOperator) == "MatMulInteger").Select(OnnxFormat.InputsOf))
        foreach (var name in new[] { inputs[1], inputs[3] })
            tensors[name] = OnnxFormat.Shifted(tensors[name]);
    }
}
