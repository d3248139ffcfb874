using System.Net;
using CsCheck;
using EdgeAssist.MediaGateway.Sdp;
using EdgeAssist.MediaGateway.Sdp.OfferAnswer;
using EdgeAssist.MediaGateway.Srtp.Dtls;
using EdgeAssist.Testing.Sip;
using Xunit;

namespace EdgeAssist.MediaGateway.FuzzTests.Sdp;

public sealed class SdpFuzzTests
{
    private static readonly byte[][] s_corpus =
    [
        System.Text.Encoding.UTF8.GetBytes(SiprecText.Offer()),
        "v=0\no=- 1 0 IN IP6 ::1\ns=-\nc=IN IP6 ::1/127\nm=audio 35011/2 RTP/AVP 0 8 3 101\na=rtpmap:101 telephone-event/8000/1\na=fmtp:101 0-16\na=label:1\na=inactive\nm=video 0 RTP/SAVPF 31\n"u8.ToArray(),
    ];

    [Fact]
    public void Any_bytes_are_refused_or_parsed_and_answered_line_for_line() => Mutation.Of(s_corpus).Sample(bytes =>
    {
        if (SdpParser.TryParse(bytes, out var offer) != SdpParseError.None) return;

        var plans = new AnswerPlanner(["PCMU/8000", "PCMA/8000"]).Plan(offer, IPAddress.Loopback);
        var written = new AnswerWriter("1", () => DtlsFingerprint.OfCertificate("certificate"u8)).Answer(plans, [.. plans.Select(_ => 4000)], "192.0.2.1");
        Assert.Equal(SdpParseError.None, SdpParser.TryParse(written, out var answer));
        Assert.Equal(offer.Media.Select(media => media.Kind), answer.Media.Select(media => media.Kind));
    }, iter: 12_000);

    [Fact]
    public void What_is_written_is_read_back_the_same() => Mutation.Of(s_corpus).Sample(bytes =>
    {
        if (SdpParser.TryParse(bytes, out var first) != SdpParseError.None) return;

        Assert.Equal(SdpParseError.None, SdpParser.TryParse(SdpWriter.Write(first), out var second));
        Assert.Equal(SdpWriter.Write(first), SdpWriter.Write(second));
    }, iter: 12_000);
}
