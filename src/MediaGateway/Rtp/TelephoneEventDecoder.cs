using System.Buffers.Binary;

namespace EdgeAssist.MediaGateway.Rtp;

/// <summary>One event in a packet (RFC 4733 §2.3).</summary>
/// <param name="Event">What.</param>
/// <param name="IsEnd">The E bit.</param>
/// <param name="Volume">0…63, in dB below 1 mW.</param>
/// <param name="Duration">So far, in timestamp units.</param>
internal readonly record struct TelephoneEvent(byte Event, bool IsEnd, byte Volume, ushort Duration)
{
    public const int Length = 4;

    public static bool TryParse(ReadOnlySpan<byte> payload, out TelephoneEvent parsed)
    {
        parsed = default;
        if (payload.Length < Length) return false;
        parsed = new TelephoneEvent(payload[0], (payload[1] & 0x80) != 0, (byte)(payload[1] & 0x3F), BinaryPrimitives.ReadUInt16BigEndian(payload[2..]));
        return true;
    }
}

/// <summary>
/// Makes key presses of event packets in order: the timestamp is the identity of a press (RFC 4733 §2.5.1.2), so that any
/// one of its packets, the first or the last, reports it, and no other reports it again. A press longer than a 16-bit
/// duration goes on in segments whose timestamps follow each other (§2.5.1.3) and stays one.
/// </summary>
internal struct TelephoneEventDecoder
{
    private const ushort FullSegment = 0xFFFF;

    private uint _timestamp;
    private byte _event;
    private bool _known, _ended;

    /// <summary>Takes one event.</summary>
    /// <param name="timestamp">Its packet's timestamp, moved on by the events before it in the same packet.</param>
    /// <param name="telephoneEvent">The event.</param>
    /// <param name="marker">The packet's marker: a press begins (§2.5.1.2).</param>
    /// <returns>Whether it is a press not reported yet.</returns>
    public bool IsNew(uint timestamp, TelephoneEvent telephoneEvent, bool marker)
    {
        var distance = (int)(timestamp - _timestamp);
        var same = _known && distance == 0 && telephoneEvent.Event == _event;
        var earlier = _known && distance < 0;
        var continues = _known && !_ended && !marker && telephoneEvent.Event == _event && distance % FullSegment == 0 && distance is > 0 and <= 8 * FullSegment;
        if (earlier) return false;

        (_timestamp, _event) = (timestamp, telephoneEvent.Event);
        _ended = telephoneEvent.IsEnd || (same && _ended);
        _known = true;
        return !same && !continues;
    }

    /// <summary>Another source, another clock.</summary>
    public void Reset() => _known = false;
}
