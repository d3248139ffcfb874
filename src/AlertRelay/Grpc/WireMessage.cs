using System.Buffers;
using System.Text;
using Google.Protobuf;

namespace EdgeAssist.AlertRelay.Grpc;

/// <summary>
/// The next message of one stream: an ordinary one, or the shared bytes of an event with the stream's own fields behind
/// them. One object a stream, filled anew for every write: serialising happens before the write returns to its caller.
/// The order of fields within a message is free (protobuf encoding, "Field order"), so readers see one event like any other.
/// </summary>
internal sealed class WireMessage
{
    private const int MaxVarint = 5;

    private byte[] _own = new byte[320];
    private int _ownLength;
    private EncodedEvent? _event;
    private IMessage? _message;

    /// <summary>Bytes on the wire, without gRPC's five in front.</summary>
    public int Size => _event is { } shared
        ? 1 + VarintSize(shared.Body.Length + _ownLength) + shared.Body.Length + _ownLength
        : _message!.CalculateSize();

    public WireMessage With(IMessage message)
    {
        (_message, _event) = (message, null);
        return this;
    }

    public WireMessage With(EncodedEvent shared, string resumeToken, DateTimeOffset emitTime)
    {
        (_message, _event, _ownLength) = (null, shared, 0);
        var layout = shared.Layout;
        Grow(64 + resumeToken.Length + shared.Latency.Length + shared.Update.Length);

        Put(layout.ResumeToken, resumeToken.Length);
        _ownLength += Encoding.ASCII.GetBytes(resumeToken, _own.AsSpan(_ownLength));
        Put(layout.EmitTime, Timestamp.FromDateTimeOffset(emitTime));

        var hop = shared.LatencyEnd is { } end ? Hop(emitTime > end ? emitTime - end : TimeSpan.Zero) : null;
        var hopSize = hop?.CalculateSize() ?? 0;
        var latency = shared.Latency.Length + (hop is null ? 0 : 1 + VarintSize(hopSize) + hopSize);
        var latencyField = latency == 0 ? 0 : 1 + VarintSize(latency) + latency;
        if (layout.Update != 0 && shared.Update.Length > 0)
        {
            Put(layout.Update, shared.Update.Length + latencyField);
            Put(shared.Update);
        }

        if (latency == 0) return this;
        Put(layout.Latency, latency);
        Put(shared.Latency);
        if (hop is not null) Put(EventLayout.Hop, hop);
        return this;
    }

    public void WriteTo(IBufferWriter<byte> output)
    {
        if (_event is not { } shared)
        {
            _message!.WriteTo(output);
            return;
        }

        Span<byte> head = stackalloc byte[1 + MaxVarint];
        head[0] = EventLayout.Event;
        var length = 1 + Varint(head[1..], shared.Body.Length + _ownLength);
        output.Write(head[..length]);
        output.Write(shared.Body);
        output.Write(_own.AsSpan(0, _ownLength));
    }

    private static V1.HopTime Hop(TimeSpan took) => new() { Hop = V1.Hop.FanOut, Duration = Duration.FromTimeSpan(took) };

    private void Put(byte tag, IMessage message)
    {
        var size = message.CalculateSize();
        Put(tag, size);
        message.WriteTo(_own.AsSpan(_ownLength, size));
        _ownLength += size;
    }

    private void Put(byte tag, int length)
    {
        _own[_ownLength++] = tag;
        _ownLength += Varint(_own.AsSpan(_ownLength), length);
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_own.AsSpan(_ownLength));
        _ownLength += bytes.Length;
    }

    private void Grow(int needed)
    {
        if (_own.Length < needed) _own = new byte[needed];
    }

    private static int Varint(Span<byte> to, int value)
    {
        var length = 0;
        for (; value > 0x7F; value >>= 7) to[length++] = (byte)(value | 0x80);
        to[length++] = (byte)value;
        return length;
    }

    private static int VarintSize(int value)
    {
        var size = 1;
        for (; value > 0x7F; value >>= 7) size++;
        return size;
    }
}
