using EdgeAssist.Training.Data;
using EdgeAssist.Training.Text;

namespace EdgeAssist.Training.Onnx;

/// <summary>The ONNX graph of a <see cref="TextNetwork"/>: ids [1, n] in, probabilities [1, 6] out.</summary>
internal static class TextGraph
{
    private const int Opset = 17;

    public static byte[] Write(TextNetwork network, QuantizedTable table)
    {
        const int Width = TextNetwork.Width;
        const int Hidden = TextNetwork.Hidden;
        var onnx = new OnnxWriter("text-escalation");
        onnx.IdsInput("ids");
        onnx.FloatOutput("scores", Example.LabelCount);

        onnx.Bytes("table", table.Values, network.Rows, Width);
        onnx.Floats("table_scale", table.Scales, Width);
        onnx.Bytes("table_zero", table.Zeros, Width);
        var gateColumn = new float[Width];
        gateColumn[0] = 1;
        onnx.Floats("gate_column", gateColumn, Width, 1);
        onnx.Longs("over_ids", 1);
        onnx.Longs("flat", 1, Width);
        onnx.Floats("hidden_weights", network.HiddenWeights, Hidden, Width);
        onnx.Floats("hidden_bias", network.HiddenBias, Hidden);
        onnx.Floats("output_weights", network.OutputWeights, Example.LabelCount, Hidden);
        onnx.Floats("linear_weights", network.LinearWeights, Example.LabelCount, Width);
        onnx.Floats("output_bias", network.OutputBias, Example.LabelCount);

        onnx.Node("Gather", ["table", "ids"], "rows", ("axis", 0));
        onnx.Node("DequantizeLinear", ["rows", "table_scale", "table_zero"], "embeddings", ("axis", 2));
        onnx.Node("MatMul", ["embeddings", "gate_column"], "gate_exponents");
        onnx.Node("Exp", ["gate_exponents"], "gates");
        onnx.Node("Mul", ["embeddings", "gates"], "gated");
        onnx.Node("ReduceSum", ["gated", "over_ids"], "sum", ("keepdims", 1));
        onnx.Node("ReduceSum", ["gates", "over_ids"], "gate_sum", ("keepdims", 1));
        onnx.Node("Sqrt", ["gate_sum"], "gate_root");
        onnx.Node("Div", ["sum", "gate_root"], "pooled_rows");
        onnx.Node("Reshape", ["pooled_rows", "flat"], "pooled");
        onnx.Node("Gemm", ["pooled", "hidden_weights", "hidden_bias"], "hidden_sum", ("transB", 1));
        onnx.Node("Relu", ["hidden_sum"], "hidden");
        onnx.Node("Gemm", ["hidden", "output_weights", "output_bias"], "from_hidden", ("transB", 1));
        onnx.Node("Gemm", ["pooled", "linear_weights", "from_hidden"], "log_odds", ("transB", 1));
        onnx.Node("Sigmoid", ["log_odds"], "scores");
        return onnx.ToBytes("EdgeAssist training", "Escalation cues in an utterance; see MODEL_CARD.md.", Opset);
    }
}
