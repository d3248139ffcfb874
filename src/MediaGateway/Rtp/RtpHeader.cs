using System.Buffers.Binary;

namespace EdgeAssist.MediaGateway.Rtp;

/// <summary>The fixed header of a packet we send (RFC 3550 §5.1): no CSRC, no extension, no padding.</summary>
internal readonly record struct RtpHeader(byte PayloadType, bool Marker, SequenceNumber SequenceNumber, uint Timestamp, uint Ssrc)
{
    /// <summary>Writes the header.</summary>
    /// <returns>The octets written, <see cref="RtpPacketView.FixedHeaderLength"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="destination"/> is too short.</exception>
    public int Write(Span<byte> destination)
    {
        destination[0] = 0x80;
        destination[1] = (byte)((Marker ? 0x80 : 0) | (PayloadType & 0x7F));
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], SequenceNumber.Value);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], Timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], Ssrc);
        return RtpPacketView.FixedHeaderLength;
    }
}
