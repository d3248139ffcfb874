using System.Net;
using System.Text;
using EdgeAssist.MediaGateway.Sdp;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Sdp;

public sealed class SdpParserTests
{
    [Fact] // RFC 8866 §5; OpenSIPS leaves out t= and c=, Ribbon the session's c=
    public void Lines_may_be_missing_end_with_LF_and_be_unknown()
    {
        var sdp = Parse("\nv=0\no=- 1516628962 0 IN IP4 0.0.0.0\ns=-\nz=what\nm=audio 35011 RTP/AVP 0 8 3 101\na=rtpmap:101 telephone-event/8000\na=label:1\na=sendonly\n");

        var media = Assert.Single(sdp.Media);
        Assert.Equal(("audio", 35011, "1", SdpDirection.SendOnly), (media.Kind, media.Port, media.Label, media.DirectionIn(sdp)));
        Assert.Null(media.AddressIn(sdp));
        Assert.Equal(["PCMU/8000", "PCMA/8000", "GSM/8000", "telephone-event/8000"], media.PayloadFormats().Select(format => $"{format.EncodingName}/{format.ClockRate}"));
    }

    [Fact] // RFC 5118 §4.8
    public void A_connection_of_the_stream_goes_before_that_of_the_session()
    {
        var sdp = Parse("v=0\r\no=bob 280744730 28977631 IN IP4 host.example.com\r\ns=\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 22334 RTP/AVP 0\r\nc=IN IP4 192.0.2.1/127\r\nm=audio 6024 RTP/AVP 0\r\nc=IN IP6 2001:db8::1\r\nm=audio 1 RTP/AVP 0\r\n");

        Assert.Equal(["192.0.2.1", "2001:db8::1", "192.0.2.9"], sdp.Media.Select(media => media.AddressIn(sdp)?.ToString()));
    }

    [Fact] // RFC 3264 §5.1
    public void A_direction_of_the_session_holds_where_the_stream_states_none()
    {
        var sdp = Parse("v=0\r\na=inactive\r\nm=audio 1 RTP/AVP 0\r\nm=audio 3 RTP/AVP 0\r\na=sendonly\r\n");

        Assert.Equal([SdpDirection.Inactive, SdpDirection.SendOnly], sdp.Media.Select(media => media.DirectionIn(sdp)));
    }

    [Fact] // Cisco and SEMS
    public void Odd_attributes_of_vendors_are_kept_and_harmless()
    {
        var sdp = Parse("v=0\r\nm=audio 1 RTP/AVP 0 19 101\r\na=direction:both\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=label:a_leg\r\na=label:second\r\n");

        var media = sdp.Media[0];
        Assert.Equal("a_leg", media.Label);
        Assert.Equal(SdpDirection.SendRecv, media.DirectionIn(sdp));
        Assert.Equal(["PCMU", "CN", "telephone-event"], media.PayloadFormats().Select(format => format.EncodingName));
        Assert.Equal("0-16", media.PayloadFormats()[2].Parameters);
    }

    [Fact]
    public void Tabs_and_NUL_separate_and_never_become_part_of_an_address()
    {
        var sdp = Parse("v=0\0\no=-\t1 2\tIN IP4 192.0.2.1\t/2 x\nc=IN IP4 192.0.2.3\t\0\nm=audio\t4000 RTP/AVP 0\0");

        Assert.Equal(("192.0.2.1", "192.0.2.3"), (sdp.Origin.Address, sdp.Connection));
        Assert.Equal(["0"], sdp.Media[0].Formats);
    }

    [Theory]
    [InlineData("", SdpParseError.NoVersion)]
    [InlineData("m=audio", SdpParseError.MediaLine)]
    [InlineData("v=0\nm=audio 70000 RTP/AVP 0", SdpParseError.MediaLine)]
    [InlineData("v=0\nm=audio -1 RTP/AVP 0", SdpParseError.MediaLine)]
    [InlineData("v=0\nm=audio x RTP/AVP 0", SdpParseError.MediaLine)]
    internal void What_would_send_media_astray_is_refused(string text, SdpParseError error) =>
        Assert.Equal(error, SdpParser.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void Ceilings_hold()
    {
        Assert.Equal(SdpParseError.TooLong, SdpParser.TryParse(new byte[SdpParser.MaxBytes + 1], out _));
        var many = "v=0\n" + string.Concat(Enumerable.Repeat("m=audio 1 RTP/AVP 0\n", 65));
        Assert.Equal(SdpParseError.TooManyMedia, SdpParser.TryParse(Encoding.UTF8.GetBytes(many), out _));
    }

    [Fact]
    public void What_is_written_is_what_was_read()
    {
        var sdp = Parse("v=0\r\no=src 1 2 IN IP4 192.0.2.1\r\ns=x\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\na=group:X 1\r\nm=audio 4000 RTP/AVP 0 101\r\nc=IN IP6 ::1\r\na=label:1\r\na=sendonly\r\nm=video 0 RTP/AVP 31\r\n");

        Assert.Equal(SdpWriter.Write(sdp), SdpWriter.Write(Parse(Encoding.UTF8.GetString(SdpWriter.Write(sdp)))));
        Assert.Equal(IPAddress.IPv6Loopback, sdp.Media[0].AddressIn(sdp));
    }

    internal static SessionDescription Parse(string text)
    {
        Assert.Equal(SdpParseError.None, SdpParser.TryParse(Encoding.UTF8.GetBytes(text), out var sdp));
        return sdp;
    }
}
