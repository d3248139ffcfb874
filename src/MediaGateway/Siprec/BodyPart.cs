namespace EdgeAssist.MediaGateway.Siprec;

/// <summary>One part of a message body, or the whole of it, decoded.</summary>
/// <param name="ContentType">Type and subtype, lower case, without parameters.</param>
/// <param name="Disposition">Content-Disposition without parameters, lower case; empty when absent.</param>
/// <param name="Content">The octets, transfer encoding removed.</param>
internal sealed record BodyPart(string ContentType, string Disposition, ReadOnlyMemory<byte> Content)
{
    /// <summary>The sender does without it when we cannot read it: <c>handling=optional</c> (RFC 5621 §6). Nothing said means required.</summary>
    public bool IsOptional { get; init; }

    public bool IsUnderstood => IsSdp || IsMetadata;

    public bool IsSdp => ContentType == "application/sdp";

    /// <summary>
    /// Recording metadata by either of its types (RFC 7866 §8, RFC 9806), or an XML body of another type that its
    /// disposition says is (<c>text/xml</c>; BroadWorks also sends a type without a subtype).
    /// </summary>
    public bool IsMetadata =>
        ContentType is "application/rs-metadata" or "application/rs-metadata+xml"
        || (Disposition == "recording-session" && !IsSdp && Content.Span.TrimStart(" \t\r\n"u8).StartsWith("<"u8));
}

/// <summary>Why a body was refused.</summary>
internal enum BodyError
{
    None = 0,
    NoBoundary,
    TooManyParts,
    TooDeep,
    TooLong,
    TransferEncoding,
}
