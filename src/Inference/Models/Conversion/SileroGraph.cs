namespace EdgeAssist.Inference.Models.Conversion;

/// <summary>
/// Silero's voice activity detection as one straight graph for one frame of 16 kHz. The packaged file holds a graph for each
/// sampling rate and asks at every frame which it is, how many dimensions there are, and puts the weights of its recurrent layer
/// in order; this one has the weights and does the arithmetic alone. Deterministic: the result's hash is pinned in the manifest.
/// </summary>
internal static class SileroGraph
{
    private const string Prefix = "If_0_then_branch__Inline_0__";
    private const int Width = 128;     // of the recurrent layer
    private const int Bins = 129;      // of the spectrum
    private const int Frame = 512;     // samples
    private const int Context = 64;    // samples of the frame before
    private const int Padding = 64;    // samples behind the frame, mirrored

    /// <exception cref="ModelException">It is not the model this conversion was made for.</exception>
    public static byte[] Wideband(ReadOnlyMemory<byte> packaged)
    {
        var model = ProtoMessage.Parse(packaged);
        var outer = OnnxFormat.GraphOf(model);
        var branch = OnnxFormat.NodesOf(OnnxFormat.Branch(outer, "then_branch"));
        var tensors = new Dictionary<string, ProtoMessage>(StringComparer.Ordinal);
        foreach (var name in new[] { "stft.forward_basis_buffer", "decoder.decoder.2.weight", "decoder.decoder.2.bias" }) Keep(name);
        for (var layer = 0; layer < 4; layer++)
        {
            Keep($"encoder.{layer}.reparam_conv.weight");
            Keep($"encoder.{layer}.reparam_conv.bias");
        }

        Add(OnnxFormat.FloatTensor("recurrent_input", [1, 4 * Width, Width], Gates(Weights("decoder.rnn.weight_ih"))));
        Add(OnnxFormat.FloatTensor("recurrent_state", [1, 4 * Width, Width], Gates(Weights("decoder.rnn.weight_hh"))));
        Add(OnnxFormat.FloatTensor("recurrent_bias", [1, 8 * Width], [.. Gates(Weights("decoder.rnn.bias_ih")), .. Gates(Weights("decoder.rnn.bias_hh"))]));
        Add(OnnxFormat.IntegerTensor("padding", 0, 0, 0, Padding));
        Add(OnnxFormat.IntegerTensor("channel_axis", 1));
        Add(OnnxFormat.IntegerTensor("bins", Bins, Bins));
        Add(OnnxFormat.IntegerTensor("features_shape", 1, 1, Width));
        Add(OnnxFormat.IntegerTensor("column_shape", 1, Width, 1));
        Add(OnnxFormat.IntegerTensor("output_shape", 1, 1));

        List<ProtoMessage> nodes =
        [
            OnnxFormat.Node("Pad", ["input", "padding"], ["padded"], OnnxFormat.TextAttribute("mode", "reflect")),
            OnnxFormat.Node("Unsqueeze", ["padded", "channel_axis"], ["channel"]),
            Convolution("/stft/Conv_output_0", ["channel", "stft.forward_basis_buffer"], "spectrum"),
            OnnxFormat.Node("Split", ["spectrum", "bins"], ["real", "imaginary"], OnnxFormat.IntegerAttribute("axis", 1)),
            OnnxFormat.Node("Mul", ["real", "real"], ["real_power"]),
            OnnxFormat.Node("Mul", ["imaginary", "imaginary"], ["imaginary_power"]),
            OnnxFormat.Node("Add", ["real_power", "imaginary_power"], ["power"]),
            OnnxFormat.Node("Sqrt", ["power"], ["layer_0"]),
        ];
        for (var layer = 0; layer < 4; layer++)
        {
            nodes.Add(Convolution($"/encoder/{layer}/reparam_conv/Conv_output_0", [$"layer_{layer}", $"encoder.{layer}.reparam_conv.weight", $"encoder.{layer}.reparam_conv.bias"], $"convolved_{layer}"));
            nodes.Add(OnnxFormat.Node("Relu", [$"convolved_{layer}"], [$"layer_{layer + 1}"]));
        }

        nodes.AddRange(
        [
            OnnxFormat.Node("Reshape", ["layer_4", "features_shape"], ["features"]),
            OnnxFormat.Node("Split", ["state"], ["hidden", "cell"], OnnxFormat.IntegerAttribute("axis", 0)),
            OnnxFormat.Node("LSTM", ["features", "recurrent_input", "recurrent_state", "recurrent_bias", "", "hidden", "cell"], ["", "new_hidden", "new_cell"], OnnxFormat.IntegerAttribute("hidden_size", Width)),
            OnnxFormat.Node("Concat", ["new_hidden", "new_cell"], ["stateN"], OnnxFormat.IntegerAttribute("axis", 0)),
            OnnxFormat.Node("Relu", ["new_hidden"], ["heard"]),
            OnnxFormat.Node("Reshape", ["heard", "column_shape"], ["column"]),
            Convolution("/decoder/decoder/2/Conv_output_0", ["column", "decoder.decoder.2.weight", "decoder.decoder.2.bias"], "logit"),
            OnnxFormat.Node("Sigmoid", ["logit"], ["probability"]),
            OnnxFormat.Node("Reshape", ["probability", "output_shape"], ["output"]),
        ]);
        ProtoMessage[] inputs = [OnnxFormat.FloatValue("input", 1, Context + Frame), OnnxFormat.FloatValue("state", 2, 1, Width)];
        ProtoMessage[] outputs = [OnnxFormat.FloatValue("output", 1, 1), OnnxFormat.FloatValue("stateN", 2, 1, Width)];
        return OnnxFormat.WithGraph(model, "silero_vad_16k", nodes, tensors,
            inputs.Select(input => ProtoField.Of(OnnxFormat.GraphInput, input)), outputs.Select(output => ProtoField.Of(OnnxFormat.GraphOutput, output)));

        void Add(ProtoMessage tensor) => tensors.Add(tensor.Text(OnnxFormat.TensorName), tensor);

        void Keep(string name) => Add(OnnxFormat.Renamed(OnnxFormat.ConstantOf(Maker(name)), name));

        float[] Weights(string name) => OnnxFormat.Floats(OnnxFormat.ConstantOf(Maker(name)));

        ProtoMessage Maker(string output) => branch.Find(node => OnnxFormat.OutputsOf(node).Contains(Prefix + output))
            ?? throw new ModelException($"The packaged voice activity model makes no \"{output}\": it is not the model this conversion was made for.");

        // With the strides and paddings it has there.
        ProtoMessage Convolution(string packagedAs, string[] from, string to) => OnnxFormat.Node("Conv", from, [to],
            [.. Maker(packagedAs).All(OnnxFormat.NodeAttribute).Select(attribute => ProtoMessage.Parse(attribute.Bytes))]);
    }

    // Input, forget, cell, output as they were trained; ONNX wants input, output, forget, cell.
    private static float[] Gates(float[] trained)
    {
        var gate = trained.Length / 4;
        return [.. trained[..gate], .. trained[(3 * gate)..], .. trained[gate..(3 * gate)]];
    }
}
