using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace EdgeAssist.Inference.Models.Conversion;

/// <summary>What of the ONNX format (onnx.proto, IR version 10) the conversion touches: field numbers, nodes and 8-bit tensors.</summary>
internal static class OnnxFormat
{
    public const int ModelGraph = 7;
    public const int GraphNode = 1;
    public const int GraphName = 2;
    public const int GraphInitializer = 5;
    public const int GraphInput = 11;
    public const int GraphOutput = 12;
    public const int NodeInput = 1;
    public const int NodeOutput = 2;
    public const int NodeOperator = 4;
    public const int NodeAttribute = 5;
    public const int AttributeName = 1;
    public const int AttributeGraph = 6;
    public const int TensorName = 8;
    public const int ValueName = 1;

    /// <summary>The domain of the runtime's own operators.</summary>
    public const string RuntimeDomain = "com.microsoft";

    /// <summary>TensorProto.DataType.FLOAT.</summary>
    public const ulong Float = 1;

    private const int ModelOperatorSet = 8;
    private const int NodeDomain = 7;
    private const int OperatorSetDomain = 1;
    private const int OperatorSetVersion = 2;
    private const int AttributeFloat = 2;
    private const int AttributeInteger = 3;
    private const int AttributeText = 4;
    private const int AttributeTensor = 5;
    private const int AttributeType = 20;
    private const int TensorDims = 1;
    private const int TensorType = 2;
    private const int TensorFloats = 4;
    private const int TensorInt32 = 5;
    private const int TensorRaw = 9;
    private const ulong UInt8 = 2;
    private const ulong Int8 = 3;
    private const ulong Int64 = 7;

    public static ProtoMessage Node(string type, string[] inputs, string[] outputs, params ProtoMessage[] attributes) => new(
    [
        .. inputs.Select(input => ProtoField.Of(NodeInput, input)),
        .. outputs.Select(output => ProtoField.Of(NodeOutput, output)),
        ProtoField.Of(NodeOperator, type),
        .. attributes.Select(attribute => ProtoField.Of(NodeAttribute, attribute)),
    ]);

    /// <summary>A model's graph.</summary>
    public static ProtoMessage GraphOf(ProtoMessage model) => ProtoMessage.Parse(model.All(ModelGraph).FirstOrDefault().Bytes);

    /// <summary>A graph's nodes, in order.</summary>
    public static List<ProtoMessage> NodesOf(ProtoMessage graph) => [.. graph.All(GraphNode).Select(field => ProtoMessage.Parse(field.Bytes))];

    /// <summary>A graph's constants by name.</summary>
    public static Dictionary<string, ProtoMessage> TensorsOf(ProtoMessage graph) =>
        graph.All(GraphInitializer).Select(field => ProtoMessage.Parse(field.Bytes)).ToDictionary(tensor => tensor.Text(TensorName), StringComparer.Ordinal);

    /// <summary>The name of an input or output of a graph.</summary>
    public static string NameOf(ProtoField valueInfo) => ProtoMessage.Parse(valueInfo.Bytes).Text(ValueName);

    /// <summary>The names of what goes into a node, in order.</summary>
    public static string[] InputsOf(ProtoMessage node) => [.. node.All(NodeInput).Select(input => input.Text)];

    /// <summary>The names of what comes out of a node, in order.</summary>
    public static List<string> OutputsOf(ProtoMessage node) => [.. node.All(NodeOutput).Select(output => output.Text)];

    public static ProtoMessage IntegerAttribute(string name, ulong value) =>
        new([ProtoField.Of(AttributeName, name), ProtoField.Of(AttributeInteger, value), ProtoField.Of(AttributeType, 2UL)]);

    public static ProtoMessage TextAttribute(string name, string value) =>
        new([ProtoField.Of(AttributeName, name), ProtoField.Of(AttributeText, value), ProtoField.Of(AttributeType, 3UL)]);

    public static ProtoMessage FloatAttribute(string name, float value) =>
        new([ProtoField.Of(AttributeName, name), new ProtoField(AttributeFloat, 5, BitConverter.SingleToUInt32Bits(value), default), ProtoField.Of(AttributeType, 1UL)]);

    /// <summary>The node with an operator of another domain than ONNX's own.</summary>
    public static ProtoMessage In(this ProtoMessage node, string domain) => new([.. node.Fields, ProtoField.Of(NodeDomain, domain)]);

    /// <summary>
    /// A model with another graph: the constants and inputs that its nodes use, constants by name; operators may be the runtime's
    /// own as well.
    /// </summary>
    public static byte[] WithGraph(ProtoMessage model, string name, List<ProtoMessage> nodes, Dictionary<string, ProtoMessage> tensors, IEnumerable<ProtoField> inputs, IEnumerable<ProtoField> outputs)
    {
        var used = nodes.SelectMany(InputsOf).ToHashSet(StringComparer.Ordinal);
        var graph = new ProtoMessage(
        [
            .. nodes.Select(node => ProtoField.Of(GraphNode, node)),
            ProtoField.Of(GraphName, name),
            .. tensors.Where(tensor => used.Contains(tensor.Key)).OrderBy(tensor => tensor.Key, StringComparer.Ordinal).Select(tensor => ProtoField.Of(GraphInitializer, tensor.Value)),
            .. inputs.Where(input => used.Contains(NameOf(input))),
            .. outputs,
        ]);
        var own = new ProtoMessage([ProtoField.Of(OperatorSetDomain, RuntimeDomain), ProtoField.Of(OperatorSetVersion, 1UL)]);
        return new ProtoMessage([.. model.Fields.Select(field => field.Number == ModelGraph ? ProtoField.Of(ModelGraph, graph) : field), ProtoField.Of(ModelOperatorSet, own)]).ToBytes();
    }

    /// <summary>The values of a tensor of floats.</summary>
    public static float[] Floats(ProtoMessage tensor)
    {
        if (tensor.All(TensorType).First().Value != Float) throw new ModelException($"{tensor.Text(TensorName)} holds no floats.");
        return tensor.All(TensorRaw).ToArray() is [var raw]
            ? MemoryMarshal.Cast<byte, float>(raw.Bytes.Span).ToArray()
            : [.. tensor.All(TensorFloats).SelectMany(field => field.Wire == 5 ? [BitConverter.UInt32BitsToSingle((uint)field.Value)] : MemoryMarshal.Cast<byte, float>(field.Bytes.Span).ToArray())];
    }

    public static ProtoMessage FloatTensor(string name, int[] dims, float[] values) => Tensor(name, dims, Float, MemoryMarshal.AsBytes<float>(values).ToArray());

    /// <summary>A vector of whole numbers.</summary>
    public static ProtoMessage IntegerTensor(string name, params long[] values) => Tensor(name, [values.Length], Int64, MemoryMarshal.AsBytes<long>(values).ToArray());

    /// <summary>An input or output of a graph: floats of fixed dimensions.</summary>
    public static ProtoMessage FloatValue(string name, params int[] dims)
    {
        var shape = new ProtoMessage(dims.Select(dim => ProtoField.Of(1, new ProtoMessage([ProtoField.Of(1, (ulong)dim)]))));
        var tensor = new ProtoMessage([ProtoField.Of(1, Float), ProtoField.Of(2, shape)]);
        return new ProtoMessage([ProtoField.Of(ValueName, name), ProtoField.Of(2, new ProtoMessage([ProtoField.Of(1, tensor)]))]);
    }

    /// <summary>The graph in a branch of an <c>If</c> of a graph.</summary>
    /// <exception cref="ModelException">There is none.</exception>
    public static ProtoMessage Branch(ProtoMessage graph, string name)
    {
        foreach (var node in NodesOf(graph).Where(node => node.Text(NodeOperator) == "If"))
        foreach (var attribute in node.All(NodeAttribute).Select(field => ProtoMessage.Parse(field.Bytes)).Where(attribute => attribute.Text(AttributeName) == name))
            return ProtoMessage.Parse(attribute.All(AttributeGraph).First().Bytes);

        throw new ModelException($"The packaged model has no {name}: it is not the model this conversion was made for.");
    }

    /// <summary>The tensor of a <c>Constant</c> node.</summary>
    public static ProtoMessage ConstantOf(ProtoMessage node) => ProtoMessage.Parse(ProtoMessage.Parse(node.All(NodeAttribute).First().Bytes).All(AttributeTensor).First().Bytes);

    public static ProtoMessage Renamed(ProtoMessage tensor, string name) =>
        new(tensor.Fields.Select(field => field.Number == TensorName ? ProtoField.Of(TensorName, name) : field));

    /// <summary>A uint8 matrix with its rows as columns.</summary>
    public static ProtoMessage Transposed(ProtoMessage tensor, string name)
    {
        var dims = Dims(tensor);
        var (values, rows, columns) = (Octets(tensor), dims[0], dims[1]);
        var turned = new byte[values.Length];
        for (var row = 0; row < rows; row++)
        for (var column = 0; column < columns; column++)
            turned[column * rows + row] = values[row * columns + column];
        return Tensor(name, [columns, rows], UInt8, turned);
    }

    /// <summary>A uint8 matrix with some of its rows, in the order asked for.</summary>
    /// <exception cref="ModelException">It has fewer rows.</exception>
    public static ProtoMessage Rows(ProtoMessage tensor, int[] rows)
    {
        var (name, dims, values) = (tensor.Text(TensorName), Dims(tensor), Octets(tensor));
        if (rows.Length == 0 || rows.Max() >= dims[0]) throw new ModelException($"{name} has {dims[0]} rows; row {rows.DefaultIfEmpty().Max()} was asked for.");
        var chosen = new byte[rows.Length * dims[1]];
        for (var i = 0; i < rows.Length; i++) values.AsSpan(rows[i] * dims[1], dims[1]).CopyTo(chosen.AsSpan(i * dims[1]));
        return Tensor(name, [rows.Length, dims[1]], UInt8, chosen);
    }

    /// <summary>A uint8 tensor as int8, every value less 128; one that is int8 already stays.</summary>
    public static ProtoMessage Shifted(ProtoMessage tensor)
    {
        var type = tensor.All(TensorType).First().Value;
        if (type == Int8) return tensor;
        if (type != UInt8) throw new ModelException($"The weights {tensor.Text(TensorName)} are not of 8 bits.");

        var dims = Dims(tensor);
        var values = Octets(tensor);
        TensorPrimitives.Xor(values, (byte)0x80, values);
        return Tensor(tensor.Text(TensorName), dims, Int8, values);
    }

    private static ProtoMessage Tensor(string name, int[] dims, ulong type, byte[] values) => new(
    [
        .. dims.Select(dim => ProtoField.Of(TensorDims, (ulong)dim)),
        ProtoField.Of(TensorType, type),
        ProtoField.Of(TensorName, name),
        ProtoField.Of(TensorRaw, values),
    ]);

    private static int[] Dims(ProtoMessage tensor) => [.. tensor.All(TensorDims).SelectMany(Integers)];

    // Small tensors may come as numbers, large ones as octets.
    private static byte[] Octets(ProtoMessage tensor) => tensor.All(TensorRaw).ToArray() is [var raw]
        ? raw.Bytes.ToArray()
        : [.. tensor.All(TensorInt32).SelectMany(Integers).Select(value => (byte)value)];

    // Packed or one by one, as the writer pleased.
    private static IEnumerable<int> Integers(ProtoField field)
    {
        if (field.Wire == 0) return [(int)field.Value];

        var values = new List<int>();
        var (value, shift) = (0UL, 0);
        foreach (var octet in field.Bytes.Span)
        {
            value |= (ulong)(octet & 0x7F) << shift;
            shift += 7;
            if (octet >= 0x80) continue;
            values.Add((int)value);
            (value, shift) = (0, 0);
        }

        return values;
    }
}
