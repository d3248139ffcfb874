using System.Globalization;
using System.Text;

namespace EdgeAssist.Testing.Sip;

/// <summary>Writes SIP requests of a recording client as text, so that tests say on the wire what they mean.</summary>
public sealed record SiprecText
{
    public string Method { get; init; } = "INVITE";

    public string RequestUri { get; init; } = "sip:recorder@127.0.0.1";

    public string CallId { get; init; } = "call-1@src";

    public string Branch { get; init; } = "z9hG4bK1";

    public string FromTag { get; init; } = "src";

    /// <summary>Null outside a dialog.</summary>
    public string? ToTag { get; init; }

    public int CSeq { get; init; } = 1;

    /// <summary>UDP or TCP.</summary>
    public string Transport { get; init; } = "UDP";

    /// <summary>Sent-by of Via, and the address in Contact.</summary>
    public string SentBy { get; init; } = "127.0.0.1:5070";

    /// <summary>Further header lines, without line ends.</summary>
    public IReadOnlyList<string> Headers { get; init; } = [];

    public string ContentType { get; init; } = "";

    public string Body { get; init; } = "";

    /// <summary>The method CSeq names, when it is not that of the start line.</summary>
    public string? CSeqMethod { get; init; }

    public byte[] ToBytes() => Encoding.UTF8.GetBytes(ToString());

    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Method} {RequestUri} SIP/2.0\r\n");
        text.Append(CultureInfo.InvariantCulture, $"Via: SIP/2.0/{Transport} {SentBy};branch={Branch};rport\r\n");
        text.Append(CultureInfo.InvariantCulture, $"From: <sip:src@example.net>;tag={FromTag}\r\n");
        text.Append(CultureInfo.InvariantCulture, $"To: <sip:recorder@example.com>{(ToTag is null ? "" : ";tag=" + ToTag)}\r\n");
        text.Append(CultureInfo.InvariantCulture, $"Call-ID: {CallId}\r\nCSeq: {CSeq} {CSeqMethod ?? Method}\r\nMax-Forwards: 70\r\n");
        text.Append(CultureInfo.InvariantCulture, $"Contact: <sip:src@{SentBy}>;+sip.src\r\n");
        foreach (var header in Headers) text.Append(header).Append("\r\n");
        if (ContentType.Length > 0) text.Append(CultureInfo.InvariantCulture, $"Content-Type: {ContentType}\r\n");
        text.Append(CultureInfo.InvariantCulture, $"Content-Length: {Encoding.UTF8.GetByteCount(Body)}\r\n\r\n{Body}");
        return text.ToString();
    }

    /// <summary>An offer of two send-only G.711 streams.</summary>
    public static string Offer(string direction = "sendonly", string address = "127.0.0.1", int firstPort = 40000) =>
        $"v=0\r\no=src 1 1 IN IP4 {address}\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\n"
        + $"m=audio {firstPort} RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=label:1\r\na={direction}\r\n"
        + $"m=audio {firstPort + 2} RTP/AVP 8\r\na=label:2\r\na={direction}\r\n";

    /// <summary>RFC 7865 metadata: an agent on label 1, a customer on label 2.</summary>
    public static string Metadata(string mode = "complete", string agent = "sip:agent7@pbx.example.net", string customer = "sip:+4930123456@example.org") =>
        $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <recording xmlns='urn:ietf:params:xml:ns:recording:1'>
          <datamode>{mode}</datamode>
          <session session_id="s1"><sipSessionID>ab30317f1a784dc48ff824d0d3715d86;remote=47755a9de7794ba387653f2099600ef2</sipSessionID></session>
          <participant participant_id="p1"><nameID aor="{agent}"><name xml:lang="en">Alice</name></nameID></participant>
          <participant participant_id="p2"><nameID aor="{customer}"><name xml:lang="en">Bob</name></nameID></participant>
          <stream stream_id="m1" session_id="s1"><label>1</label></stream>
          <stream stream_id="m2" session_id="s1"><label>2</label></stream>
          <participantstreamassoc participant_id="p1"><send>m1</send><recv>m2</recv></participantstreamassoc>
          <participantstreamassoc participant_id="p2"><send>m2</send><recv>m1</recv></participantstreamassoc>
        </recording>
        """;

    /// <summary>A multipart body with both, and the Content-Type that goes with it.</summary>
    public static (string ContentType, string Body) Multipart(string sdp, string metadata, string metadataType = "application/rs-metadata+xml") =>
    (
        "multipart/mixed;boundary=unique",
        $"--unique\r\nContent-Type: application/sdp\r\n\r\n{sdp}\r\n--unique\r\nContent-Type: {metadataType}\r\n"
        + $"Content-Disposition: recording-session\r\n\r\n{metadata}\r\n--unique--\r\n");

    /// <summary>The INVITE a recording client starts with.</summary>
    public static SiprecText Invite()
    {
        var (type, body) = Multipart(Offer(), Metadata());
        return new SiprecText { Headers = ["Require: siprec"], ContentType = type, Body = body };
    }
}
