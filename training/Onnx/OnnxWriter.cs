using Google.Protobuf;

namespace EdgeAssist.Training.Onnx;

/// <summary>
/// Writes an ONNX graph, field by field, with the numbers of onnx.proto (IR version 8): enough for a plain graph with
/// initialisers. The same calls give the same bytes.
/// </summary>
internal sealed class OnnxWriter(string graphName)
{
    private const int Float = 1;
    private const int UInt8 = 2;
    private const int Int64 = 7;

    private readonly List<byte[]> _nodes = [];
    private readonly List<byte[]> _initialisers = [];
    private readonly List<byte[]> _inputs = [];
    private readonly List<byte[]> _outputs = [];

    /// <summary>Adds an int64 input of shape [1, n].</summary>
    public void IdsInput(string name) => _inputs.Add(ValueInfo(name, Int64, 1, null));

    /// <summary>Adds a float input of shape [1, <paramref name="columns"/>].</summary>
    public void FloatsInput(string name, int columns) => _inputs.Add(ValueInfo(name, Float, 1, columns));

    /// <summary>Adds a float output of shape [1, <paramref name="columns"/>].</summary>
    public void FloatOutput(string name, int columns) => _outputs.Add(ValueInfo(name, Float, 1, columns));

    public void Floats(string name, ReadOnlySpan<float> values, params ReadOnlySpan<long> shape) =>
        _initialisers.Add(Tensor(name, Float, shape, System.Runtime.InteropServices.MemoryMarshal.AsBytes(values)));

    public void Bytes(string name, ReadOnlySpan<byte> values, params ReadOnlySpan<long> shape) =>
        _initialisers.Add(Tensor(name, UInt8, shape, values));

    public void Longs(string name, params ReadOnlySpan<long> values) =>
        _initialisers.Add(Tensor(name, Int64, [values.Length], System.Runtime.InteropServices.MemoryMarshal.AsBytes(values)));

    /// <summary>Adds a node with integer attributes.</summary>
    public void Node(string operation, ReadOnlySpan<string> inputs, string output, params (string Name, long Value)[] attributes)
    {
        var names = inputs.ToArray();
        _nodes.Add(Message(o =>
        {
            foreach (var input in names) Text(o, 1, input);
            Text(o, 2, output);
            Text(o, 3, $"{operation}_{output}");
            Text(o, 4, operation);
            foreach (var (name, value) in attributes)
            {
                Nested(o, 5, Message(a =>
                {
                    Text(a, 1, name);
                    Number(a, 3, value);
                    Number(a, 20, 2); // INT
                }));
            }
        }));
    }

    /// <summary>The model's bytes.</summary>
    public byte[] ToBytes(string producer, string about, int opset)
    {
        var graph = Message(o =>
        {
            foreach (var node in _nodes) Nested(o, 1, node);
            Text(o, 2, graphName);
            foreach (var initialiser in _initialisers) Nested(o, 5, initialiser);
            foreach (var input in _inputs) Nested(o, 11, input);
            foreach (var output in _outputs) Nested(o, 12, output);
        });
        return Message(o =>
        {
            Number(o, 1, 8);
            Text(o, 2, producer);
            Text(o, 6, about);
            Nested(o, 7, graph);
            Nested(o, 8, Message(v => Number(v, 2, opset)));
        });
    }

    private static byte[] Tensor(string name, int type, ReadOnlySpan<long> shape, ReadOnlySpan<byte> raw)
    {
        var dimensions = shape.ToArray();
        var bytes = raw.ToArray();
        return Message(o =>
        {
            foreach (var dimension in dimensions) Number(o, 1, dimension);
            Number(o, 2, type);
            Text(o, 8, name);
            Nested(o, 9, bytes);
        });
    }

    private static byte[] ValueInfo(string name, int type, int rows, int? columns) => Message(o =>
    {
        Text(o, 1, name);
        Nested(o, 2, Message(t => Nested(t, 1, Message(tensor =>
        {
            Number(tensor, 1, type);
            Nested(tensor, 2, Message(shape =>
            {
                Nested(shape, 1, Message(d => Number(d, 1, rows)));
                Nested(shape, 1, Message(d =>
                {
                    if (columns is { } known) Number(d, 1, known);
                    else Text(d, 2, "n");
                }));
            }));
        }))));
    });

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true)) write(output);
        return stream.ToArray();
    }

    private static void Text(CodedOutputStream output, int field, string value)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteString(value);
    }

    private static void Number(CodedOutputStream output, int field, long value)
    {
        output.WriteTag(field, WireFormat.WireType.Varint);
        output.WriteInt64(value);
    }

    private static void Nested(CodedOutputStream output, int field, byte[] bytes)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(bytes));
    }
}
