using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;
using EdgeAssist.MediaGateway.Sdp;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.UserAgent;
using EdgeAssist.MediaGateway.Siprec;

namespace EdgeAssist.MediaGateway.Calls;

/// <summary>Makes the INVITE of a recording client: SDP and metadata in one multipart body (RFC 7866 §6.1, §9.1).</summary>
internal static class RecordingOffer
{
    /// <summary>The INVITE.</summary>
    /// <param name="plan">The call.</param>
    /// <param name="flow">Where it goes, and our address on it.</param>
    /// <param name="ports">Local RTP port of each stream.</param>
    /// <param name="callId">Call-ID.</param>
    /// <param name="newToken">Tokens for tag, branch, boundary and ids.</param>
    /// <param name="startedAt">Start of the recorded call, for the metadata.</param>
    public static SipRequest Make(
        RecordingCallPlan plan, SipFlow flow, ImmutableArray<int> ports, string callId, Func<string> newToken, DateTimeOffset startedAt)
    {
        var host = Dialog.HostOf(flow.Local.Address);
        var target = string.Create(CultureInfo.InvariantCulture, $"sip:recorder@{Dialog.HostOf(flow.Remote.Address)}:{flow.Remote.Port}");
        var via = new Via
        {
            Transport = flow.Name, Host = host, Port = flow.Local.Port,
            Parameters = SipParameters.None.With("branch", Via.MagicCookie + newToken()).With("rport", null),
        };
        var from = new NameAddress { Address = $"sip:src@{host}", Parameters = SipParameters.None.With("tag", newToken()) };
        var to = new NameAddress { Address = target };
        var cseq = new CSeq(1, SipMethod.Invite);
        var boundary = "part-" + newToken();
        var body = Body(boundary, Sdp(plan, flow.Local.Address, ports, startedAt), MetadataWriter.Write(Metadata(plan, newToken, startedAt)));
        return new SipRequest
        {
            Method = SipMethod.Invite,
            RequestUri = target,
            Via = via, From = from, To = to, CallId = callId, CSeq = cseq, Body = body,
            Headers = SipHeaders.Empty
                .Add(SipHeaderNames.Via, via.ToString())
                .Add(SipHeaderNames.MaxForwards, "70")
                .Add(SipHeaderNames.From, from.ToString())
                .Add(SipHeaderNames.To, to.ToString())
                .Add(SipHeaderNames.CallId, callId)
                .Add(SipHeaderNames.CSeq, cseq.ToString())
                .Add(SipHeaderNames.Contact, $"<{flow.LocalUri().Replace("sip:", "sip:src@", StringComparison.Ordinal)}>;+sip.src")
                .Add(SipHeaderNames.Require, "siprec")
                .Add(SipHeaderNames.Accept, "application/sdp, application/rs-metadata, application/rs-metadata-request")
                .Add(SipHeaderNames.Allow, "INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, INFO")
                .Add(SipHeaderNames.UserAgent, "EdgeAssist recording client")
                .Add(SipHeaderNames.ContentType, $"multipart/mixed;boundary={boundary}"),
        };
    }

    private static byte[] Body(string boundary, byte[] sdp, byte[] metadata)
    {
        using var body = new MemoryStream();
        body.Write(Encoding.UTF8.GetBytes($"--{boundary}\r\nContent-Type: application/sdp\r\n\r\n"));
        body.Write(sdp);
        body.Write(Encoding.UTF8.GetBytes(
            $"\r\n--{boundary}\r\nContent-Type: application/rs-metadata+xml\r\nContent-Disposition: recording-session\r\n\r\n"));
        body.Write(metadata);
        body.Write(Encoding.UTF8.GetBytes($"\r\n--{boundary}--\r\n"));
        return body.ToArray();
    }

    private static byte[] Sdp(RecordingCallPlan plan, IPAddress address, ImmutableArray<int> ports, DateTimeOffset startedAt) =>
        SdpWriter.Write(new SessionDescription
        {
            Origin = new SdpOrigin("-", startedAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture), 1, address.ToString()),
            Connection = address.ToString(),
            Media =
            [
                .. plan.Streams.Select((stream, index) => new MediaDescription
                {
                    Kind = "audio", Port = ports[index], Protocol = "RTP/AVP", Formats = [stream.PayloadType == 8 ? "8" : "0"],
                    Attributes =
                    [
                        new SdpAttribute("rtpmap", stream.PayloadType == 8 ? "8 PCMA/8000" : "0 PCMU/8000"),
                        new SdpAttribute("ptime", "20"),
                        new SdpAttribute("label", stream.Label),
                        new SdpAttribute("sendonly", null),
                    ],
                }),
            ],
        });

    private static RecordingMetadata Metadata(RecordingCallPlan plan, Func<string> newToken, DateTimeOffset startedAt)
    {
        var session = newToken();
        var parties = plan.Streams.Select(stream => (Stream: stream, Id: newToken(), StreamId: newToken())).ToList();
        return new RecordingMetadata
        {
            Dialect = MetadataDialect.Rfc7865,
            Namespace = "",
            Mode = MetadataMode.Complete,
            Sessions = [new MetadataSession(session) { StartTime = startedAt.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture) }],
            Participants = [.. parties.Select(party => new MetadataParticipant(party.Id) { Names = [new MetadataName(party.Stream.Aor, party.Stream.Name)] })],
            Streams = [.. parties.Select(party => new MetadataStream(party.StreamId, session, party.Stream.Label, IsMixed: false))],
            SessionAssociations = [.. parties.Select(party => new SessionAssociation(party.Id, session, default))],
            StreamAssociations =
            [
                .. parties.Select(party => new StreamAssociation(
                    party.Id, [party.StreamId], [.. parties.Where(other => other.Id != party.Id).Select(other => other.StreamId)])),
            ],
        };
    }
}
