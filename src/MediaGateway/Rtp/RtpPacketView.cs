using System.Buffers.Binary;

namespace EdgeAssist.MediaGateway.Rtp;

/// <summary>Why a datagram is not an RTP packet.</summary>
internal enum RtpParseError
{
    None = 0,
    TooShort,
    BadVersion,
    TruncatedCsrc,
    TruncatedExtension,
    BadPadding,
}

/// <summary>One RTP packet (RFC 3550 §5.1), viewed in the datagram it arrived in. Valid until that buffer is reused.</summary>
internal readonly ref struct RtpPacketView
{
    /// <summary>Octets before the CSRC list.</summary>
    public const int FixedHeaderLength = 12;

    private readonly ReadOnlySpan<byte> _datagram;

    private RtpPacketView(ReadOnlySpan<byte> datagram, ReadOnlySpan<byte> extension, ReadOnlySpan<byte> payload)
    {
        _datagram = datagram;
        Extension = extension;
        Payload = payload;
    }

    public bool Marker => (_datagram[1] & 0x80) != 0;

    public byte PayloadType => (byte)(_datagram[1] & 0x7F);

    public SequenceNumber SequenceNumber => new(BinaryPrimitives.ReadUInt16BigEndian(_datagram[2..]));

    /// <summary>In units of the payload format's clock; wraps at 2³².</summary>
    public uint Timestamp => BinaryPrimitives.ReadUInt32BigEndian(_datagram[4..]);

    public uint Ssrc => BinaryPrimitives.ReadUInt32BigEndian(_datagram[8..]);

    /// <summary>Contributing sources, 0 to 15.</summary>
    public int CsrcCount => _datagram[0] & 0x0F;

    /// <summary>The header extension with its profile word and length (§5.3.1); empty when there is none.</summary>
    public ReadOnlySpan<byte> Extension { get; }

    /// <summary>The payload without padding; may be empty (a keep-alive, RFC 6263 §4.6).</summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>The contributing source at <paramref name="index"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such source.</exception>
    public uint Csrc(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, CsrcCount);
        return BinaryPrimitives.ReadUInt32BigEndian(_datagram[(FixedHeaderLength + 4 * index)..]);
    }

    /// <summary>Reads a datagram. Any bytes may come in; none throw.</summary>
    public static RtpParseError TryParse(ReadOnlySpan<byte> datagram, out RtpPacketView packet)
    {
        packet = default;
        if (datagram.Length < FixedHeaderLength) return RtpParseError.TooShort;
        if (datagram[0] >> 6 != 2) return RtpParseError.BadVersion;

        var offset = FixedHeaderLength + 4 * (datagram[0] & 0x0F);
        if (datagram.Length < offset) return RtpParseError.TruncatedCsrc;

        var extension = ReadOnlySpan<byte>.Empty;
        if ((datagram[0] & 0x10) != 0)
        {
            if (datagram.Length < offset + 4) return RtpParseError.TruncatedExtension;
            var length = 4 + 4 * BinaryPrimitives.ReadUInt16BigEndian(datagram[(offset + 2)..]);
            if (datagram.Length < offset + length) return RtpParseError.TruncatedExtension;
            extension = datagram.Slice(offset, length);
            offset += length;
        }

        var padding = (datagram[0] & 0x20) != 0 ? datagram[^1] : 0;
        if ((datagram[0] & 0x20) != 0 && (padding == 0 || datagram.Length < offset + padding)) return RtpParseError.BadPadding;

        packet = new RtpPacketView(datagram, extension, datagram[offset..^padding]);
        return RtpParseError.None;
    }
}
