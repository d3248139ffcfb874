using EdgeAssist.MediaGateway.Sdp;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Siprec;

namespace EdgeAssist.MediaGateway.Calls;

/// <summary>What a request of a recording client carries: a description, metadata, both or neither (RFC 7866 §9.1).</summary>
/// <param name="Sdp">The description, null when there is none.</param>
/// <param name="Metadata">The metadata, null when there is none or it was refused.</param>
/// <param name="MetadataError">Why metadata was refused; a lenient trunk's call goes on without it.</param>
internal sealed record RecordingBody(SessionDescription? Sdp, RecordingMetadata? Metadata, MetadataError MetadataError)
{
    public static RecordingBody Empty { get; } = new(null, null, MetadataError.None);

    /// <summary>Parts nobody here reads and whose sender did not say that they are optional.</summary>
    public int UnknownParts { get; init; }

    /// <summary>Reads the body.</summary>
    /// <param name="message">The request, or a response to ours.</param>
    /// <param name="body">What it carries, as far as it could be read.</param>
    /// <returns>What is wrong with it; null on success.</returns>
    public static BodyFault? Read(SipMessage message, out RecordingBody body)
    {
        body = Empty;
        if (message.Body.IsEmpty) return null;

        var error = MultipartReader.TryRead(
            message.Headers.First(SipHeaderNames.ContentType) ?? "",
            message.Headers.First(SipHeaderNames.ContentDisposition) ?? "",
            "",   // a whole SIP body is always binary (RFC 3261 §7.4.1)
            message.Body, out var parts);
        if (error != BodyError.None) return BodyFault.Of(error);

        foreach (var part in parts)
            if (body.Take(part, out body) is { } fault) return fault;
        return null;
    }

    /// <summary>A strict trunk's reading: what RFC 7866 and RFC 5621 allow to be refused is refused.</summary>
    public BodyFault? StrictFault()
    {
        if (UnknownParts > 0) return BodyFault.UnknownPart;
        if (MetadataError != MetadataError.None) return BodyFault.Of(MetadataError);
        return Metadata is { Dialect: not MetadataDialect.Rfc7865 } ? BodyFault.Of(MetadataError.UnknownRoot) : null;
    }

    private BodyFault? Take(BodyPart part, out RecordingBody body)
    {
        body = this;
        if (part.IsSdp && Sdp is null)
        {
            var error = SdpParser.TryParse(part.Content.Span, out var sdp);
            if (error != SdpParseError.None) return BodyFault.Of(error);
            body = this with { Sdp = sdp };
        }
        else if (part.IsMetadata && Metadata is null)
        {
            var error = MetadataParser.TryParse(part.Content, out var metadata);
            body = this with { Metadata = metadata, MetadataError = error };
        }
        else if (!part.IsUnderstood && !part.IsOptional)
        {
            body = this with { UnknownParts = UnknownParts + 1 };
        }

        return null;
    }
}
