namespace EdgeAssist.MediaGateway.Rtp;

/// <summary>What shares a media port, told apart by the first octet (RFC 7983 §7) and, for RTCP, the second (RFC 5761 §4).</summary>
internal enum DatagramKind
{
    Unknown = 0,
    Stun,
    Zrtp,
    Dtls,
    TurnChannel,
    Rtp,
    Rtcp,
}

internal static class DatagramDemultiplexer
{
    /// <summary>Classifies by at most two octets. Whether the rest makes sense is for the parser of that kind to say.</summary>
    public static DatagramKind Classify(ReadOnlySpan<byte> datagram)
    {
        if (datagram.IsEmpty) return DatagramKind.Unknown;
        return datagram[0] switch
        {
            <= 3 => DatagramKind.Stun,
            >= 16 and <= 19 => DatagramKind.Zrtp,
            >= 20 and <= 63 => DatagramKind.Dtls,
            >= 64 and <= 79 => DatagramKind.TurnChannel,
            >= 128 and <= 191 => IsRtcp(datagram) ? DatagramKind.Rtcp : DatagramKind.Rtp,
            _ => DatagramKind.Unknown,
        };
    }

    /// <summary>RTCP types 192…223 are what payload types 64…95 with the marker look like, which RFC 5761 §4 bans for RTP.</summary>
    private static bool IsRtcp(ReadOnlySpan<byte> datagram) => datagram.Length > 1 && datagram[1] is >= 192 and <= 223;
}
