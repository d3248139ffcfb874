using System.Buffers.Binary;

namespace EdgeAssist.MediaGateway.Rtcp;

/// <summary>Why a datagram is not an RTCP compound packet.</summary>
internal enum RtcpParseError
{
    None = 0,
    TooShort,
    BadVersion,

    /// <summary>The first packet is neither a sender nor a receiver report, or it is padded (RFC 3550 §A.2).</summary>
    BadFirstPacket,

    /// <summary>The lengths of the packets do not add up to the datagram's.</summary>
    BadLength,

    /// <summary>Padding anywhere but in the last packet, or more of it than there is packet.</summary>
    BadPadding,
}

/// <summary>RTCP packet types (RFC 3550 §12.1).</summary>
internal enum RtcpType : byte
{
    SenderReport = 200,
    ReceiverReport = 201,
    SourceDescription = 202,
    Bye = 203,
    Application = 204,

    /// <summary>RFC 3611.</summary>
    ExtendedReport = 207,
}

/// <summary>
/// An RTCP compound packet (RFC 3550 §6.1) that passed the checks of §A.2, viewed in its datagram. Enumerate it to get its
/// packets; a packet whose own counts lie gives fewer items, never an exception.
/// </summary>
internal readonly ref struct RtcpCompound
{
    private const int HeaderLength = 4;
    private readonly ReadOnlySpan<byte> _datagram;

    private RtcpCompound(ReadOnlySpan<byte> datagram) => _datagram = datagram;

    /// <summary>Checks a datagram. Any bytes may come in; none throw.</summary>
    public static RtcpParseError TryParse(ReadOnlySpan<byte> datagram, out RtcpCompound compound)
    {
        compound = default;
        if (datagram.Length < HeaderLength + 4) return RtcpParseError.TooShort;
        if (datagram[0] >> 6 != 2) return RtcpParseError.BadVersion;
        if ((datagram[0] & 0x20) != 0 || datagram[1] is not ((byte)RtcpType.SenderReport or (byte)RtcpType.ReceiverReport)) return RtcpParseError.BadFirstPacket;

        for (var rest = datagram; !rest.IsEmpty;)
        {
            if (rest.Length < HeaderLength) return RtcpParseError.BadLength;
            if (rest[0] >> 6 != 2) return RtcpParseError.BadVersion;
            var length = LengthOf(rest);
            if (rest.Length < length) return RtcpParseError.BadLength;

            var padded = (rest[0] & 0x20) != 0;
            if (padded && (rest.Length != length || rest[length - 1] == 0 || rest[length - 1] > length - HeaderLength)) return RtcpParseError.BadPadding;
            rest = rest[length..];
        }

        compound = new RtcpCompound(datagram);
        return RtcpParseError.None;
    }

    public Enumerator GetEnumerator() => new(_datagram);

    private static int LengthOf(ReadOnlySpan<byte> packet) => 4 + 4 * BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);

    internal ref struct Enumerator(ReadOnlySpan<byte> rest)
    {
        private ReadOnlySpan<byte> _rest = rest;

        public RtcpPacketView Current { get; private set; }

        public bool MoveNext()
        {
            if (_rest.IsEmpty) return false;
            var length = LengthOf(_rest);
            var padding = (_rest[0] & 0x20) != 0 ? _rest[length - 1] : 0;
            Current = new RtcpPacketView(_rest[..(length - padding)]);
            _rest = _rest[length..];
            return true;
        }
    }
}
