using System.Buffers.Binary;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Rtp;

namespace EdgeAssist.MediaGateway.Relay;

/// <summary>What became of a packet on its way to the other side.</summary>
internal enum FlowVerdict
{
    Forward = 0,

    /// <summary>Its payload type has no meaning there.</summary>
    UnknownPayloadType,

    /// <summary>Of a source that another has displaced.</summary>
    Displaced,
}

/// <summary>One direction of a relayed stream: payload types and numbers, from what the sender uses to what the receiver knows.</summary>
internal sealed class RelayFlow
{
    /// <summary>How long packets numbered by the description before are still taken (PROTOCOLS: a re-INVITE overtakes them).</summary>
    private static readonly TimeSpan s_oldFormats = TimeSpan.FromMilliseconds(200);

    private PayloadTypeBridge _types = PayloadTypeBridge.Empty;
    private PayloadTypeBridge _typesBefore = PayloadTypeBridge.Empty;
    private Instant _beforeUntil = new(long.MinValue);

    private Instant _lastPacketAt = Instant.Never;
    private InterarrivalJitter _jitter;
    private uint _ssrc, _timestamp;

    /// <summary>Numbers on the way; a field, for it is changed in place.</summary>
    public StreamContinuity Numbers;

    /// <summary>Interarrival jitter of what the sender sends, by its own numbers (RFC 3550 §A.8).</summary>
    public TimeSpan Jitter => _jitter.Time;

    /// <summary>Meaning of the sender's payload types.</summary>
    public PayloadTypeMap Formats => _types.Formats;

    /// <summary>The receiver's number for a sender's payload type, <see cref="PayloadTypeBridge.None"/> when it has none.</summary>
    public byte PayloadTypeOut(byte payloadType, Instant now)
    {
        var type = _types[payloadType];
        return type == PayloadTypeBridge.None && now < _beforeUntil ? _typesBefore[payloadType] : type;
    }

    /// <summary>Whether its sender has sent nothing for a while.</summary>
    public bool IsSilent(Instant now, TimeSpan time) => _lastPacketAt.IsNever || now - _lastPacketAt >= time;

    public void Use(PayloadTypeBridge types, Instant now)
    {
        (_typesBefore, _types) = (_types, types);
        _beforeUntil = now + s_oldFormats;
    }

    /// <summary>Rewrites the header of a valid packet where it lies.</summary>
    public FlowVerdict Translate(Span<byte> packet, Instant now)
    {
        _lastPacketAt = now;
        var markerAndType = packet[1];
        var type = PayloadTypeOut((byte)(markerAndType & 0x7F), now);
        if (type == PayloadTypeBridge.None) return FlowVerdict.UnknownPayloadType;

        var numbers = new RtpNumbers(
            BinaryPrimitives.ReadUInt32BigEndian(packet[8..]),
            BinaryPrimitives.ReadUInt16BigEndian(packet[2..]),
            BinaryPrimitives.ReadUInt32BigEndian(packet[4..]));
        Measure(numbers, _types.ClockRate(markerAndType), now);
        var verdict = Numbers.Translate(ref numbers, _types.ClockRate(markerAndType), now);
        if (verdict == ContinuityVerdict.Displaced) return FlowVerdict.Displaced;

        packet[1] = (byte)((markerAndType & 0x80) | type | (verdict == ContinuityVerdict.Joined ? 0x80 : 0));
        if (Numbers.IsPlain) return FlowVerdict.Forward;
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], numbers.Sequence);
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], numbers.Timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(packet[8..], numbers.Ssrc);
        return FlowVerdict.Forward;
    }

    // A timestamp that is repeated (events, frames of video in pieces) says nothing of the way.
    private void Measure(in RtpNumbers numbers, int clockRate, Instant now)
    {
        if (numbers.Ssrc != _ssrc) _jitter.Restart();
        else if (numbers.Timestamp == _timestamp) return;
        (_ssrc, _timestamp) = (numbers.Ssrc, numbers.Timestamp);
        _jitter.Update(numbers.Timestamp, clockRate, now);
    }
}
