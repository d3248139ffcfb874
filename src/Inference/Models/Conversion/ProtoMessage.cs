using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace EdgeAssist.Inference.Models.Conversion;

/// <summary>One field of a protobuf message as it lies on the wire.</summary>
/// <param name="Number">Field number.</param>
/// <param name="Wire">Wire type: 0 varint, 1 eight octets, 2 length-delimited, 5 four octets.</param>
/// <param name="Value">The number, for wire types 0, 1 and 5.</param>
/// <param name="Bytes">The octets, for wire type 2.</param>
internal readonly record struct ProtoField(int Number, int Wire, ulong Value, ReadOnlyMemory<byte> Bytes)
{
    public string Text => Encoding.UTF8.GetString(Bytes.Span);

    public static ProtoField Of(int number, ReadOnlyMemory<byte> bytes) => new(number, 2, 0, bytes);

    public static ProtoField Of(int number, string text) => Of(number, Encoding.UTF8.GetBytes(text));

    public static ProtoField Of(int number, ProtoMessage message) => Of(number, message.ToBytes());

    public static ProtoField Of(int number, ulong value) => new(number, 0, value, default);
}

/// <summary>
/// A protobuf message as a list of fields, in their order, without knowing what they mean: what is not touched is written back
/// octet for octet, so that a conversion is reproducible.
/// </summary>
internal sealed class ProtoMessage(IEnumerable<ProtoField> fields)
{
    public List<ProtoField> Fields { get; } = [.. fields];

    /// <exception cref="ModelException">The octets are no protobuf message.</exception>
    public static ProtoMessage Parse(ReadOnlyMemory<byte> bytes)
    {
        var fields = new List<ProtoField>();
        for (var at = 0; at < bytes.Length;)
        {
            var key = ReadVarint(bytes.Span, ref at);
            var (number, wire) = ((int)(key >> 3), (int)(key & 7));
            fields.Add(wire switch
            {
                0 => new ProtoField(number, wire, ReadVarint(bytes.Span, ref at), default),
                1 => new ProtoField(number, wire, BinaryPrimitives.ReadUInt64LittleEndian(Take(bytes, 8, ref at).Span), default),
                2 => new ProtoField(number, wire, 0, Take(bytes, ReadVarint(bytes.Span, ref at), ref at)),
                5 => new ProtoField(number, wire, BinaryPrimitives.ReadUInt32LittleEndian(Take(bytes, 4, ref at).Span), default),
                _ => throw Broken(),
            });
        }

        return new ProtoMessage(fields);
    }

    public IEnumerable<ProtoField> All(int number) => Fields.Where(field => field.Number == number);

    /// <summary>The first field of that number as text; empty when there is none.</summary>
    public string Text(int number) => Fields.Find(field => field.Number == number) is { Wire: 2 } field ? field.Text : "";

    public byte[] ToBytes()
    {
        var output = new ArrayBufferWriter<byte>(16 + Fields.Sum(field => field.Bytes.Length + 16));
        foreach (var field in Fields)
        {
            WriteVarint(output, (ulong)field.Number << 3 | (uint)field.Wire);
            switch (field.Wire)
            {
                case 0:
                    WriteVarint(output, field.Value);
                    break;
                case 1:
                    BinaryPrimitives.WriteUInt64LittleEndian(output.GetSpan(8), field.Value);
                    output.Advance(8);
                    break;
                case 2:
                    WriteVarint(output, (ulong)field.Bytes.Length);
                    output.Write(field.Bytes.Span);
                    break;
                default:
                    BinaryPrimitives.WriteUInt32LittleEndian(output.GetSpan(4), (uint)field.Value);
                    output.Advance(4);
                    break;
            }
        }

        return output.WrittenSpan.ToArray();
    }

    private static ReadOnlyMemory<byte> Take(ReadOnlyMemory<byte> bytes, ulong count, ref int at)
    {
        if (count > (ulong)(bytes.Length - at)) throw Broken();
        var taken = bytes.Slice(at, (int)count);
        at += (int)count;
        return taken;
    }

    private static ulong ReadVarint(ReadOnlySpan<byte> bytes, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; shift < 64 && at < bytes.Length; shift += 7)
        {
            var octet = bytes[at++];
            value |= (ulong)(octet & 0x7F) << shift;
            if (octet < 0x80) return value;
        }

        throw Broken();
    }

    private static void WriteVarint(ArrayBufferWriter<byte> output, ulong value)
    {
        while (value >= 0x80)
        {
            output.Write([(byte)(value | 0x80)]);
            value >>= 7;
        }

        output.Write([(byte)value]);
    }

    private static ModelException Broken() => new("The model to convert is not a protobuf message.");
}
