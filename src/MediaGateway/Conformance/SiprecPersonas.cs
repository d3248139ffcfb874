namespace EdgeAssist.MediaGateway.Conformance;

/// <summary>The makes of PROTOCOLS d.1.6. Addresses and names are of the documentation ranges.</summary>
internal static class SiprecPersonas
{
    private const string Two = "v=0\no=src 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio %PORT% RTP/AVP 0 8 101\na=rtpmap:101 telephone-event/8000\na=label:1\na=sendonly\nm=audio %PORT% RTP/AVP 0 8\na=label:2\na=sendonly\n";

    public static IReadOnlyList<SiprecPersona> All { get; } =
    [
        new("by the book") { Sdp = Two, Metadata = Rfc("1", "2"), Taken = [true, true] },
        new("Oracle")
        {
            Reference = "draft schema, large labels, apkt extensions, times without zone",
            ContentType = "multipart/mixed; boundary=unique-boundary-1", Boundary = "unique-boundary-1",
            Sdp = Two.Replace("label:1", "label:16777227", StringComparison.Ordinal).Replace("label:2", "label:16777228", StringComparison.Ordinal),
            Metadata =
                """
                <?xml version='1.0' encoding='UTF-8'?>
                <recording xmlns='urn:ietf:params:xml:ns:recording'><dataMode>complete</dataMode>
                <session id="c2Vzc2lvbg=="><associate-time>2026-01-01T10:00:00</associate-time><extensiondata xmlns:apkt="http://acmepacket.com/siprec/extensiondata"><apkt:ucid>00FA08001;encoding=hex</apkt:ucid><apkt:callerOrig>true</apkt:callerOrig></extensiondata></session>
                <participant id="cDE=" session="c2Vzc2lvbg=="><nameID aor="sip:agent@pbx.example"><name>agent</name></nameID><send>bTE=</send><associate-time>2026-01-01T10:00:00</associate-time></participant>
                <participant id="cDI=" session="c2Vzc2lvbg=="><nameID aor="sip:+12025550166@carrier.example"><name>caller</name></nameID><send>bTI=</send></participant>
                <stream id="bTE=" session="c2Vzc2lvbg=="><label>16777227</label><mode>separate</mode></stream>
                <stream id="bTI=" session="c2Vzc2lvbg=="><label>16777228</label><mode>separate</mode></stream></recording>
                """,
            MetadataType = "application/rs-metadata", Taken = [true, true],
        },
        new("Cisco CUBE")
        {
            Reference = "a third optional part, comfort noise 19, starts inactive",
            Sdp = "v=0\no=CiscoSystemsSIP-GW-UserAgent 1 1 IN IP4 127.0.0.1\ns=SIP Call\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio %PORT% RTP/AVP 0 101 19\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\na=rtpmap:19 CN/8000\na=inactive\na=label:1\nm=audio %PORT% RTP/AVP 0 101 19\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\na=inactive\na=label:2\n",
            Metadata = Rfc("1", "2"), MorePart = "Content-Type: application/gtd\nContent-Disposition: signal;handling=optional\n\nIAM,\nGCI,00000000000000000000000000000001\n",
            StartsInactive = true, Taken = [true, true],
        },
        new("Cisco CUCM")
        {
            Reference = "no metadata, one line", Headers = "", ContactMark = "",
            Sdp = "v=0\no=CUCM 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio %PORT% RTP/AVP 0\na=sendonly\n", Taken = [true],
        },
        new("Ribbon")
        {
            Reference = "prefixed draft schema, no c= line of the session, the year 1970",
            Sdp = "v=0\no=Sonus_UAC 1 1 IN IP4 127.0.0.1\ns=SIP Media Capabilities\nt=0 0\nm=audio %PORT% RTP/AVP 0\nc=IN IP4 127.0.0.1\na=label:1\na=sendonly\na=maxptime:20\nm=audio %PORT% RTP/AVP 0\nc=IN IP4 127.0.0.1\na=label:2\na=sendonly\n",
            Metadata = Prefixed(), Taken = [true, true],
        },
        new("SEMS")
        {
            Reference = "labels a_leg and b_leg, direction:both, the older media type",
            Sdp = "v=0\no=sems 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio %PORT% RTP/AVP 0 8\na=direction:both\na=label:a_leg\nm=audio %PORT% RTP/AVP 0 8\na=direction:both\na=label:b_leg\n",
            Metadata = Rfc("a_leg", "b_leg"), MetadataType = "application/rs-metadata", Taken = [true, true],
        },
        new("OpenSIPS")
        {
            Reference = "origin 0.0.0.0, no c= line, parameters inside names",
            ContentType = "multipart/mixed;boundary=OSS-unique-boundary-42", Boundary = "OSS-unique-boundary-42",
            Sdp = "v=0\no=- 1 0 IN IP4 0.0.0.0\ns=-\nm=audio %PORT% RTP/AVP 0 8 101\na=rtpmap:101 telephone-event/8000\na=label:1\na=sendonly\nm=audio %PORT% RTP/AVP 0 8\na=label:2\na=sendonly\n",
            Metadata = Rfc("1", "2").Replace("Agent", "Agent;lang=en-US;id=1", StringComparison.Ordinal), Taken = [true, true],
        },
        new("BroadWorks")
        {
            Reference = "first draft, metadata before the SDP, one mixed line, events between the codecs",
            Sdp = "v=0\no=BroadWorks 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio %PORT% RTP/AVP 8 101 0 9 18\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15\na=sendonly\na=label:1\n",
            Metadata =
                """
                <recording_metadata xmlns="urn:ietf:params:xml:ns:siprec"><dataMode>complete</dataMode>
                <session id="urn:uuid:1"/><participant id="urn:uuid:2" session="urn:uuid:1"><aor>sip:+12025550166@carrier.example;user=phone</aor><send>urn:uuid:4</send></participant>
                <participant id="urn:uuid:3" session="urn:uuid:1"><aor>sip:7001@pbx.example</aor><send>urn:uuid:4</send></participant>
                <stream id="urn:uuid:4" session="urn:uuid:1"><mode>mixed</mode><label>1</label></stream></recording_metadata>
                """,
            MetadataFirst = true, Taken = [true],
        },
        new("AudioCodes")
        {
            Reference = "body of bare LF, Contact with src, no Require, starts inactive, control by INFO",
            Headers = "User-Agent: Mediant SW/v.7.40A\r\n", ContactMark = ";src", LineEnd = "\n",
            Sdp = Two.Replace("sendonly", "inactive", StringComparison.Ordinal),
            Metadata = Rfc("1", "2").Replace("ns:recording:1", "ns:recording", StringComparison.Ordinal).Replace("session_id", "id", StringComparison.Ordinal),
            StartsInactive = true, Info = "X-AC-Action: pause-siprec\r\n", Taken = [true, true],
        },
        new("Twilio")
        {
            Reference = "four lines, no key presses", Headers = "Require: siprec\r\nX-Twilio-CallSid: CA1\r\n",
            Sdp = "v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio %PORT% RTP/AVP 0\na=label:1\na=sendonly\nm=audio %PORT% RTP/AVP 0\na=label:2\na=sendonly\nm=audio %PORT% RTP/AVP 0\na=label:3\na=sendonly\nm=audio %PORT% RTP/AVP 0\na=label:4\na=sendonly\n",
            Metadata = Rfc("1", "2"), Taken = [true, true, true, true],
        },
        new("NG9-1-1")
        {
            Reference = "Contact with +sip-src, MSRP and video beside the audio", ContactMark = ";+sip-src",
            Sdp = Two + "m=message %PORT% TCP/MSRP *\na=label:3\na=sendonly\nm=video %PORT% RTP/AVP 34\na=label:4\na=sendonly\n",
            Metadata = Rfc("1", "2"), Taken = [true, true, false, false],
        },
        new("Avaya")
        {
            Reference = "INVITE without an offer, User-to-User", Headers = "Require: siprec\r\nUser-to-User: 00FA0800705D4C5DCAAC41;encoding=hex\r\n",
            Sdp = "", Metadata = Rfc("1", "2").Replace("datamode", "dataMode", StringComparison.Ordinal), Taken = [],
        },
    ];

    private static string Rfc(string first, string second) =>
        $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <recording xmlns="urn:ietf:params:xml:ns:recording:1"><datamode>complete</datamode>
        <session session_id="s1"><sipSessionID>ab30317f1a784dc48ff824d0d3715d86;remote=47755a9de7794ba387653f2099600ef2</sipSessionID></session>
        <participant participant_id="p1"><nameID aor="sip:agent@pbx.example"><name xml:lang="en">Agent</name></nameID></participant>
        <participant participant_id="p2"><nameID aor="sip:+12025550166@carrier.example"/></participant>
        <stream stream_id="m1" session_id="s1"><label>{first}</label></stream>
        <stream stream_id="m2" session_id="s1"><label>{second}</label></stream>
        <participantsessionassoc participant_id="p1" session_id="s1"><associate-time>2026-01-01T10:00:00Z</associate-time></participantsessionassoc>
        <participantstreamassoc participant_id="p1"><send>m1</send><recv>m2</recv></participantstreamassoc>
        <participantstreamassoc participant_id="p2"><send>m2</send><recv>m1</recv></participantstreamassoc></recording>
        """;

    private static string Prefixed() =>
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <tns:recording xmlns:tns='urn:ietf:params:xml:ns:recording'><tns:datamode>complete</tns:datamode>
        <tns:group group_id="g"><tns:associate-time>1970-05-13T03:29:05Z</tns:associate-time><callData xmlns='urn:ietf:params:xml:ns:callData'><gcid>1</gcid></callData></tns:group>
        <tns:session session_id="s"><tns:group-ref>g</tns:group-ref></tns:session>
        <tns:participant participant_id="p1"><tns:nameID aor="7001@pbx.example"/></tns:participant>
        <tns:participant participant_id="p2"><tns:nameID aor="12025550166@carrier.example"><tns:name xml:lang="en"> </tns:name></tns:nameID></tns:participant>
        <tns:stream stream_id="m1" session_id="s"><tns:label>1</tns:label></tns:stream><tns:stream stream_id="m2" session_id="s"><tns:label>2</tns:label></tns:stream>
        <tns:participantstreamassoc participant_id="p1"><tns:send>m1</tns:send></tns:participantstreamassoc>
        <tns:participantstreamassoc participant_id="p2"><tns:send>m2</tns:send></tns:participantstreamassoc></tns:recording>
        """;
}
