using EdgeAssist.MediaGateway.Sdp;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Siprec;

namespace EdgeAssist.MediaGateway.Calls;

/// <summary>What a request of a recording client carries: a description, metadata, both or neither (RFC 7866 §9.1).</summary>
/// <param name="Sdp">The description, null when there is none.</param>
/// <param name="Metadata">The metadata, null when there is none or it was refused.</param>
/// <param name="MetadataError">Why metadata was refused; the call goes on without it.</param>
internal sealed record RecordingBody(SessionDescription? Sdp, RecordingMetadata? Metadata, MetadataError MetadataError)
{
    /// <summary>Reads the body.</summary>
    /// <param name="message">The request.</param>
    /// <param name="body">What it carries.</param>
    /// <param name="fault">What is wrong with it, as a sentence for a 400; empty on success.</param>
    public static bool TryRead(SipMessage message, out RecordingBody body, out string fault)
    {
        body = new RecordingBody(null, null, MetadataError.None);
        fault = "";
        if (message.Body.IsEmpty) return true;

        var error = MultipartReader.TryRead(
            message.Headers.First(SipHeaderNames.ContentType) ?? "",
            message.Headers.First(SipHeaderNames.ContentDisposition) ?? "",
            "",   // a whole SIP body is always binary (RFC 3261 §7.4.1)
            message.Body, out var parts);
        if (error != BodyError.None)
        {
            fault = Describe(error);
            return false;
        }

        foreach (var part in parts)
        {
            if (part.IsSdp && body.Sdp is null)
            {
                var sdpError = SdpParser.TryParse(part.Content.Span, out var sdp);
                if (sdpError == SdpParseError.None) body = body with { Sdp = sdp };
                else
                {
                    fault = Describe(sdpError);
                    return false;
                }
            }
            else if (part.IsMetadata && body.Metadata is null)
            {
                var metadataError = MetadataParser.TryParse(part.Content, out var metadata);
                body = body with { Metadata = metadata, MetadataError = metadataError };
            }
        }

        return true;
    }

    private static string Describe(BodyError error) => error switch
    {
        BodyError.NoBoundary => "the multipart body has no usable boundary parameter",
        BodyError.TooManyParts => "the body has too many parts",
        BodyError.TooDeep => "the body's parts are nested too deeply",
        BodyError.TransferEncoding => "a part's Content-Transfer-Encoding is unknown or its content is malformed",
        _ => "the body is too long",
    };

    private static string Describe(SdpParseError error) => error switch
    {
        SdpParseError.NoVersion => "the SDP has no v= line",
        SdpParseError.MediaLine => "an m= line of the SDP is malformed",
        SdpParseError.TooManyMedia => "the SDP has too many m= lines",
        _ => "the SDP is too long",
    };
}
