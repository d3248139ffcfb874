using System.Buffers.Binary;

namespace EdgeAssist.MediaGateway.Rtcp;

/// <summary>What a sender says of itself (RFC 3550 §6.4.1).</summary>
/// <param name="Ssrc">The sender.</param>
/// <param name="Ntp">Its wall clock, 32.32 fixed point seconds since 1900.</param>
/// <param name="RtpTimestamp">The same moment on its RTP clock.</param>
/// <param name="Packets">RTP packets sent since the start.</param>
/// <param name="Octets">Payload octets sent since the start.</param>
internal readonly record struct SenderInfo(uint Ssrc, ulong Ntp, uint RtpTimestamp, uint Packets, uint Octets);

/// <summary>One packet of a compound, without its padding.</summary>
internal readonly ref struct RtcpPacketView(ReadOnlySpan<byte> packet)
{
    private readonly ReadOnlySpan<byte> _packet = packet;

    public RtcpType Type => (RtcpType)_packet[1];

    /// <summary>The five-bit count: report blocks, chunks or sources, by type.</summary>
    public int Count => _packet[0] & 0x1F;

    /// <summary>What follows the four octets of the header.</summary>
    public ReadOnlySpan<byte> Body => _packet[4..];

    /// <summary>Reads the sender's part of a sender report.</summary>
    public bool TryReadSenderInfo(out SenderInfo info)
    {
        info = default;
        if (Type != RtcpType.SenderReport || Body.Length < 24) return false;

        info = new SenderInfo(
            BinaryPrimitives.ReadUInt32BigEndian(Body),
            BinaryPrimitives.ReadUInt64BigEndian(Body[4..]),
            BinaryPrimitives.ReadUInt32BigEndian(Body[12..]),
            BinaryPrimitives.ReadUInt32BigEndian(Body[16..]),
            BinaryPrimitives.ReadUInt32BigEndian(Body[20..]));
        return true;
    }

    /// <summary>Reads the source at <paramref name="index"/> of a BYE (§6.6).</summary>
    public bool TryReadByeSource(int index, out uint ssrc)
    {
        ssrc = 0;
        if (Type != RtcpType.Bye || index < 0 || index >= Count || Body.Length < 4 * (index + 1)) return false;
        ssrc = BinaryPrimitives.ReadUInt32BigEndian(Body[(4 * index)..]);
        return true;
    }

    /// <summary>Reads the CNAME of the first chunk of a source description (§6.5.1).</summary>
    public bool TryReadCname(out uint ssrc, out ReadOnlySpan<byte> cname)
    {
        const byte cnameItem = 1;
        ssrc = 0;
        cname = default;
        if (Type != RtcpType.SourceDescription || Count == 0 || Body.Length < 4) return false;

        ssrc = BinaryPrimitives.ReadUInt32BigEndian(Body);
        var items = Body[4..];
        while (items.Length >= 2 && items[0] != 0)
        {
            var length = items[1];
            if (items.Length < 2 + length) return false;
            if (items[0] == cnameItem)
            {
                cname = items.Slice(2, length);
                return true;
            }

            items = items[(2 + length)..];
        }

        return false;
    }

    /// <summary>Reads what a sender says about our reference time (RFC 3611 §4.5): how we learn the round trip without sending media.</summary>
    /// <param name="about">Our own source.</param>
    /// <param name="lastReference">Middle 32 bits of the reference time it answers.</param>
    /// <param name="delaySince">From then until now at the sender, in 1/65536 s.</param>
    public bool TryReadDelaySinceReference(uint about, out uint lastReference, out uint delaySince)
    {
        const byte delaySinceLastReceiverReport = 5;
        (lastReference, delaySince) = (0, 0);
        if (Type != RtcpType.ExtendedReport || Body.Length < 4) return false;

        for (var blocks = Body[4..]; blocks.Length >= 4;)
        {
            var length = 4 + 4 * BinaryPrimitives.ReadUInt16BigEndian(blocks[2..]);
            if (blocks.Length < length) return false;
            for (var item = blocks[4..length]; blocks[0] == delaySinceLastReceiverReport && item.Length >= 12; item = item[12..])
            {
                if (BinaryPrimitives.ReadUInt32BigEndian(item) != about) continue;
                lastReference = BinaryPrimitives.ReadUInt32BigEndian(item[4..]);
                delaySince = BinaryPrimitives.ReadUInt32BigEndian(item[8..]);
                return true;
            }

            blocks = blocks[length..];
        }

        return false;
    }
}
