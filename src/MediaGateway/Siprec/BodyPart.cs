namespace EdgeAssist.MediaGateway.Siprec;

/// <summary>One part of a message body, or the whole of it, decoded.</summary>
/// <param name="ContentType">Type and subtype, lower case, without parameters.</param>
/// <param name="Disposition">Content-Disposition without parameters, lower case; empty when absent.</param>
/// <param name="Content">The octets, transfer encoding removed.</param>
internal sealed record BodyPart(string ContentType, string Disposition, ReadOnlyMemory<byte> Content)
{
    /// <summary>The sender does without it when we cannot read it: <c>handling=optional</c> (RFC 5621 §6). Nothing said means required.</summary>
    public bool IsOptional { get; init; }

    /// <summary>The part's own Content-Type field, parameters and all; empty for a body that is one part.</summary>
    public string TypeField { get; init; } = "";

    /// <summary>The part's Content-Disposition field, empty when absent.</summary>
    public string DispositionField { get; init; } = "";

    /// <summary>The part's Content-ID with its angle brackets (RFC 2392), empty when absent: header fields point to it as <c>cid:</c>.</summary>
    public string ContentId { get; init; } = "";

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
