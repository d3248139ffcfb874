using EdgeAssist.MediaGateway.Rtp;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Rtp;

/// <summary>RFC 3550 §5.1.</summary>
public sealed class RtpPacketViewTests
{
    [Fact]
    public void Every_field_of_the_header_is_read()
    {
        byte[] datagram =
        [
            0xB2, 0xE5, 0x12, 0x34, 0, 0, 1, 0, 0xDE, 0xAD, 0xBE, 0xEF,   // padding, extension, two sources, marker, type 101
            0, 0, 0, 1, 0, 0, 0, 2,
            0xBE, 0xDE, 0, 1, 0x10, 0xFF, 0, 0,
            7, 8, 9, 0, 0, 3,
        ];

        Assert.Equal(RtpParseError.None, RtpPacketView.TryParse(datagram, out var packet));

        Assert.True(packet.Marker);
        Assert.Equal(101, packet.PayloadType);
        Assert.Equal(0x1234, packet.SequenceNumber.Value);
        Assert.Equal(256u, packet.Timestamp);
        Assert.Equal(0xDEADBEEFu, packet.Ssrc);
        Assert.Equal(2, packet.CsrcCount);
        Assert.Equal(2u, packet.Csrc(1));
        Assert.Equal([0xBE, 0xDE, 0, 1, 0x10, 0xFF, 0, 0], packet.Extension.ToArray());
        Assert.Equal([7, 8, 9], packet.Payload.ToArray());
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        var header = new RtpHeader(8, true, new SequenceNumber(65_535), 4_000_000_000, 1);
        var bytes = new byte[12];

        Assert.Equal(12, header.Write(bytes));

        Assert.Equal(RtpParseError.None, RtpPacketView.TryParse(bytes, out var packet));
        Assert.Equal(header, new RtpHeader(packet.PayloadType, packet.Marker, packet.SequenceNumber, packet.Timestamp, packet.Ssrc));
        Assert.True(packet.Payload.IsEmpty);
    }

    [Theory]
    [InlineData("", nameof(RtpParseError.TooShort))]
    [InlineData("8000000000000000000000", nameof(RtpParseError.TooShort))]
    [InlineData("400000000000000000000000", nameof(RtpParseError.BadVersion))]
    [InlineData("810000000000000000000000", nameof(RtpParseError.TruncatedCsrc))]
    [InlineData("900000000000000000000000BEDE", nameof(RtpParseError.TruncatedExtension))]
    [InlineData("900000000000000000000000BEDE0001", nameof(RtpParseError.TruncatedExtension))]
    [InlineData("900000000000000000000000BEDEFFFF00000000", nameof(RtpParseError.TruncatedExtension))]
    [InlineData("A0000000000000000000000000", nameof(RtpParseError.BadPadding))]
    [InlineData("A0000000000000000000000002", nameof(RtpParseError.BadPadding))]
    [InlineData("A00000000000000000000000", nameof(RtpParseError.BadPadding))]
    public void A_lying_length_is_refused_with_its_reason(string hex, string reason)
    {
        Assert.Equal(reason, RtpPacketView.TryParse(Convert.FromHexString(hex), out _).ToString());
    }

    [Theory]   // RFC 7983 §7, RFC 5761 §4
    [InlineData(0, 1, nameof(DatagramKind.Stun))]
    [InlineData(16, 0, nameof(DatagramKind.Zrtp))]
    [InlineData(22, 0, nameof(DatagramKind.Dtls))]
    [InlineData(64, 0, nameof(DatagramKind.TurnChannel))]
    [InlineData(128, 0, nameof(DatagramKind.Rtp))]
    [InlineData(128, 128, nameof(DatagramKind.Rtp))]
    [InlineData(128, 201, nameof(DatagramKind.Rtcp))]
    [InlineData(129, 200, nameof(DatagramKind.Rtcp))]
    [InlineData(128, 224, nameof(DatagramKind.Rtp))]
    [InlineData(192, 0, nameof(DatagramKind.Unknown))]
    [InlineData(4, 0, nameof(DatagramKind.Unknown))]
    public void What_shares_the_port_is_told_apart_by_two_octets(byte first, byte second, string kind)
    {
        Assert.Equal(kind, DatagramDemultiplexer.Classify([first, second]).ToString());
    }
}
