using System.Net;
using System.Text;
using EdgeAssist.MediaGateway.Rtcp;
using EdgeAssist.MediaGateway.Rtp;
using EdgeAssist.MediaGateway.Sdp;
using EdgeAssist.MediaGateway.Sdp.OfferAnswer;
using EdgeAssist.MediaGateway.Sip.Auth;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Parsing;
using EdgeAssist.MediaGateway.Siprec;
using EdgeAssist.MediaGateway.Srtp.Dtls;
using EdgeAssist.MediaGateway.Srtp.Sdes;
using EdgeAssist.Testing;
using EdgeAssist.Testing.Sip;

namespace EdgeAssist.Fuzz;

/// <summary>A parser under test: any bytes go in; an exception, or a property that does not hold, is a finding.</summary>
/// <param name="Name">As on the command line.</param>
/// <param name="Seeds">Good inputs to start from.</param>
/// <param name="Run">Feeds it.</param>
public sealed record FuzzTarget(string Name, IReadOnlyList<byte[]> Seeds, Action<byte[]> Run);

/// <summary>What holds for any bytes, parser by parser. The same targets run under coverage guidance (Program) and as properties in the normal test run.</summary>
public static class FuzzTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("sip-message", [SiprecText.Invite().ToBytes(), Bytes(RequestSeed), Bytes(ResponseSeed), .. Shared("rfc4475", "*.dat"), .. Shared("rfc5118", "*.dat")], SipMessage),
        new("sip-uri", [Bytes("sip:a%41:p@[2001:db8::1]:5060;lr;x=y?h=v&i=j"), Bytes("sips:user;par=u%40e@h:1"), Bytes("tel:+1-201-555-0123;phone-context=x"), Bytes("\"A \\\" B\" <sip:a@b;c>;tag=d;e=\"f\"")], SipUri),
        new("digest", [Bytes(DigestSeed), Bytes("Digest realm=\"a\", nonce=\"b\\\"c\", algorithm=SHA-256, qop=\"auth-int, auth\", stale=TRUE, opaque=x"), Bytes("Digest username=a, realm=\"\", nonce=n, uri=u, response=0")], Digest),
        new("sdp", [Bytes(SiprecText.Offer()), Bytes(SdpSeed)], Sdp),
        new("sdes", [Bytes("1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:4;inline:NzB4d1BINUAvLEw6UzF3WSJ+PSdFcGdUJShpX1Zj|2^20|2:4 FEC_ORDER=FEC_SRTP WSH=60")], Sdes),
        new("multipart", [Bytes("multipart/mixed;boundary=unique\n" + SiprecText.Multipart(SiprecText.Offer(), SiprecText.Metadata()).Body), Bytes(MultipartSeed), .. Shared("siprec", "drachtio-*.txt").Select(body => (byte[])[.. "multipart/mixed;boundary=uniqueBoundary\n"u8, .. body])], Multipart),
        new("rs-metadata", [Bytes(SiprecText.Metadata()), Bytes(SiprecText.Metadata("partial")), Bytes(DraftSeed), .. Shared("siprec", "*.xml")], Metadata),
        new("rtp", [[0x80, 0x00, 0, 1, 0, 0, 0, 160, 1, 2, 3, 4, .. new byte[160]], [0xB1, 0x80, 0, 2, 0, 0, 1, 0, 1, 2, 3, 4, 9, 9, 9, 9, 0xBE, 0xDE, 0, 1, 0x10, 1, 0, 0, 7, 7, 7, 2]], Rtp),
        new("rtcp", [[0x81, 201, 0, 7, 1, 2, 3, 4, .. new byte[24], 0x81, 202, 0, 3, 1, 2, 3, 4, 1, 2, (byte)'a', (byte)'b', 0, 0, 0, 0], [0x80, 200, 0, 6, .. new byte[24], 0x81, 203, 0, 1, 1, 2, 3, 4]], Rtcp),
    ];

    private const string DigestSeed = "Digest username=\"alice\", realm=\"edge\", nonce=\"abc\", uri=\"sip:b@h\", response=\"0123456789abcdef\", algorithm=MD5, cnonce=\"c,\\\\d\", qop=auth, nc=00000001, opaque=\"\"";

    private const string RequestSeed = "BYE sip:b@h SIP/2.0\r\nv: SIP/2.0/UDP [::1]:5060;branch=z9hG4bKa;rport, SIP / 2.0 / TCP h\r\nf: \"A \\\"B\" <sip:a:b@h;x=y>;tag=1\r\nt: sip:b@h;tag=2\r\ni: c\r\nCSeq: 2 BYE\r\nRoute: <sip:a;lr>, <sip:b>\r\nRecord-Route: \"x\" <sip:p@[::1]:5060;lr?a=b>\r\nm: *\r\nx: 90;refresher=uac\r\nX:\r\n folded\r\nl: 3\r\n\r\nabc";

    private const string ResponseSeed = "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKb;received=10.0.0.1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\nContact: <sip:c@d>\r\nContent-Length: 0\r\n\r\n";

    private const string SdpSeed = "v=0\no=- 1 0 IN IP6 ::1\ns=-\nc=IN IP6 ::1/127\na=group:BUNDLE 1\nm=audio 35011/2 RTP/AVP 0 8 3 101 19\na=rtpmap:101 telephone-event/8000/1\na=fmtp:101 0-16\na=label:1\na=rtcp-mux\na=inactive\nm=audio 7 RTP/SAVP 0\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\nm=video 0 RTP/SAVPF 31\n";

    private const string MultipartSeed = "multipart/related; x=\"y\"; boundary=\"b 1\"\n--b 1\nContent-Type: multipart/mixed;boundary=b2\nContent-Transfer-Encoding: 8bit\n\n--b2\nc: text/xml\nContent-Disposition: recording-session; handling=optional\nContent-Transfer-Encoding: base64\n\nPGEvPg==\n--b2\nContent-Type: application/sdp\nContent-Transfer-Encoding: quoted-printable\n\nv=3D0=\n\n--b2--\n--b 1--";

    private const string DraftSeed = "<r:recording_metadata xmlns:r='urn:ietf:params:xml:ns:siprec'><r:dataMode>partial</r:dataMode><r:group id='g'><e xmlns='urn:x' a='b'>c</e></r:group><r:session id='s'><reason>x</reason></r:session><r:participant id='p' session='s'><aor>tel:1</aor><name xml:lang='it'>n;lang=en</name><send id='m'/><disassociate-time>2026-01-01T10:00:00</disassociate-time></r:participant><r:stream id='m' session='s'><label>1</label><mode>mixed</mode></r:stream></r:recording_metadata>";

    private static void SipMessage(byte[] bytes)
    {
        if (!SipMessageParser.TryParse(bytes, SipLimits.Default, out var message, out var failure))
        {
            Require(failure.Why.Length > 0 && failure.Status is 400 or 505 or 513, "a refusal says why");
            _ = SipResponses.ToMalformed(failure);
            return;
        }

        Require(SipMessageParser.TryParse(SipWriter.Write(message), SipLimits.Default, out var again, out var why), why?.Why ?? "");
        Require(message.Headers.Where(IsKept).SequenceEqual(again!.Headers.Where(IsKept)) && message.Body.Span.SequenceEqual(again.Body.Span), "a message survives writing");

        static bool IsKept(SipHeader field) => !field.Is(SipHeaderNames.ContentLength);
    }

    private static void SipUri(byte[] bytes)
    {
        var text = Encoding.Latin1.GetString(bytes);
        if (NameAddressParser.TryParse(text, out var address, out _)) _ = address!.ToString();
        if (!SipUriParser.TryParse(text, out var uri)) return;
        Require(SipUriParser.TryParse(uri!.ToString(), out var again) && again!.ToString() == uri.ToString(), "a URI survives writing");
        _ = (uri.UserUnescaped, uri.Address);
    }

    /// <summary>The value of Authorization or WWW-Authenticate.</summary>
    private static void Digest(byte[] bytes)
    {
        var text = Encoding.Latin1.GetString(bytes);
        if (DigestChallenge.TryParse(text, out var challenge) && challenge.ToString().Length <= 4096)
        {
            // A server writes what it can answer itself: qop auth and no opaque.
            Require(DigestChallenge.TryParse(challenge.ToString(), out var again) && again == (challenge with { HasQop = true, Opaque = null }), "a challenge survives writing");
        }

        if (!DigestCredentials.TryParse(text, out var credentials)) return;
        Require(credentials.ToString().Length < 64, "credentials are not shown");
        if (credentials.Qop is null) credentials = credentials with { Count = "", ClientNonce = "" };
        if (IsPlain(credentials.Response) && (credentials.Qop is null || (IsPlain(credentials.Qop) && IsPlain(credentials.Count))) && credentials.ToHeader().Length <= 4096)
            Require(DigestCredentials.TryParse(credentials.ToHeader(), out var same) && same == credentials, "credentials survive writing");

        // Written bare, as a server that takes them would have read them: hexadecimal digits and tokens.
        static bool IsPlain(string value) => SipGrammar.IsToken(value);
    }

    private static void Sdp(byte[] bytes)
    {
        if (SdpParser.TryParse(bytes, out var offer) != SdpParseError.None) return;
        Require(SdpParser.TryParse(SdpWriter.Write(offer), out var again) == SdpParseError.None && SdpWriter.Write(again).AsSpan().SequenceEqual(SdpWriter.Write(offer)), "a description survives writing");

        var plans = new AnswerPlanner(["PCMU/8000", "PCMA/8000"]).Plan(offer, IPAddress.Loopback);
        var written = new AnswerWriter("1", () => DtlsFingerprint.OfCertificate("certificate"u8)).Answer(plans, [.. plans.Select(_ => 4000)], "192.0.2.1");
        Require(SdpParser.TryParse(written, out var answer) == SdpParseError.None && answer.Media.Select(line => line.Kind).SequenceEqual(offer.Media.Select(line => line.Kind)), "a line answers a line");
    }

    private static void Sdes(byte[] bytes)
    {
        if (CryptoAttribute.TryParse(Encoding.Latin1.GetString(bytes), out var attribute) == CryptoError.None) attribute!.Dispose();
        SdesNegotiation.Answer([Encoding.Latin1.GetString(bytes)], MediaGateway.Srtp.SrtpProfiles.All)?.Dispose();
    }

    /// <summary>The first line is the Content-Type.</summary>
    private static void Multipart(byte[] bytes)
    {
        var end = Math.Max(0, Array.IndexOf(bytes, (byte)'\n'));
        var body = bytes.AsMemory(Math.Min(bytes.Length, end + 1));
        if (MultipartReader.TryRead(Encoding.Latin1.GetString(bytes, 0, end), "", "", body, out var parts) != BodyError.None) return;
        Require(parts.Sum(part => part.Content.Length) <= body.Length, "the parts are not more than the whole");
        foreach (var part in parts.Where(part => part.IsMetadata)) Metadata(part.Content.ToArray());
    }

    private static void Metadata(byte[] bytes)
    {
        if (MetadataParser.TryParse(bytes, out var metadata) != MetadataError.None || metadata!.IsSnapshotRequest) return;
        var state = new MetadataState();
        state.Apply(metadata);
        foreach (var stream in metadata.Streams.Take(8)) state.SpeakerOf(stream.Label, 0);
        Require(MetadataParser.TryParse(MetadataWriter.Write(metadata), out var again) == MetadataError.None
            && again!.Streams.SequenceEqual(metadata.Streams) && again.Participants.Select(one => one.Id).SequenceEqual(metadata.Participants.Select(one => one.Id)), "a document survives writing");
    }

    private static void Rtp(byte[] bytes)
    {
        if (RtpPacketView.TryParse(bytes, out var packet) == RtpParseError.None) Require(packet.Payload.Length <= bytes.Length, "the payload is not more than the packet");
        _ = DatagramDemultiplexer.Classify(bytes);
    }

    private static void Rtcp(byte[] bytes)
    {
        if (RtcpCompound.TryParse(bytes, out var compound) != RtcpParseError.None) return;
        foreach (var packet in compound)
        {
            _ = packet.TryReadSenderInfo(out _);
            for (var i = 0; packet.TryReadByeSource(i, out _); i++) Require(i < 32, "a BYE names 31 sources at most");
        }
    }

    private static void Require(bool holds, string what)
    {
        if (!holds) throw new InvalidOperationException("Does not hold: " + what);
    }

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    private static IEnumerable<byte[]> Shared(string folder, string pattern) => SharedFolder.Find("conformance/" + folder) is { } path
        ? Directory.GetFiles(path, pattern).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)
        : [];
}
