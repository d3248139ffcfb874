using System.Numerics.Tensors;

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

    /// <summary>TensorProto.DataType.FLOAT.</summary>
    public const ulong Float = 1;

    private const int AttributeInteger = 3;
    private const int AttributeType = 20;
    private const int TensorDims = 1;
    private const int TensorType = 2;
    private const int TensorInt32 = 5;
    private const int TensorRaw = 9;
    private const ulong UInt8 = 2;
    private const ulong Int8 = 3;

    public static ProtoMessage Node(string type, string[] inputs, string[] outputs, params ProtoMessage[] attributes) => new(
    [
        .. inputs.Select(input => ProtoField.Of(NodeInput, input)),
        .. outputs.Select(output => ProtoField.Of(NodeOutput, output)),
        ProtoField.Of(NodeOperator, type),
        .. attributes.Select(attribute => ProtoField.Of(NodeAttribute, attribute)),
    ]);

    public static ProtoMessage IntegerAttribute(string name, ulong value) =>
        new([ProtoField.Of(AttributeName, name), ProtoField.Of(AttributeInteger, value), ProtoField.Of(AttributeType, 2UL)]);

    public static ProtoMessage Renamed(ProtoMessage tensor, string name) =>
        new(tensor.Fields.Select(field => field.Number == TensorName ? ProtoField.Of(TensorName, name) : field));

    /// <summary>A uint8 matrix with its rows as columns.</summary>
    public static ProtoMessage Transposed(ProtoMessage tensor, string name)
    {
        int[] dims = [.. tensor.All(TensorDims).SelectMany(Integers)];
        var (values, rows, columns) = (Octets(tensor), dims[0], dims[1]);
        var turned = new byte[values.Length];
        for (var row = 0; row < rows; row++)
        for (var column = 0; column < columns; column++)
            turned[column * rows + row] = values[row * columns + column];
        return Tensor(name, [columns, rows], UInt8, turned);
    }

    /// <summary>A uint8 tensor as int8, every value less 128; one that is int8 already stays.</summary>
    public static ProtoMessage Shifted(ProtoMessage tensor)
    {
        var type = tensor.All(TensorType).First().Value;
        if (type == Int8) return tensor;
        if (type != UInt8) throw new ModelException($"The weights {tensor.Text(TensorName)} are not of 8 bits.");

        int[] dims = [.. tensor.All(TensorDims).SelectMany(Integers)];
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
