using EdgeAssist.MediaGateway.Sdp;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.UserAgent;
using EdgeAssist.MediaGateway.Siprec;

namespace EdgeAssist.MediaGateway.Calls;

/// <summary>Why a request's body is refused: the one table from reasons to statuses (RFC 3261 §21.4).</summary>
/// <param name="Status">400, 413 or 415.</param>
/// <param name="Why">What is wrong, for the reason phrase: fixed text, nothing of the peer's.</param>
internal sealed record BodyFault(int Status, string Why)
{
    /// <summary>A part that has to be understood is not (RFC 5621 §8.3).</summary>
    public static BodyFault UnknownPart { get; } = new(415, "a required part of the body is of a type that is not read here");

    /// <summary>The refusal; a 415 lists what would be taken.</summary>
    public SessionDecision Refusal => Status == 415
        ? SessionDecision.Reject(Status, Why) with { Headers = [new SipHeader(SipHeaderNames.Accept, SessionProfile.Recording.Accept)] }
        : SessionDecision.Reject(Status, Why);

    public static BodyFault Of(BodyError error) => error switch
    {
        BodyError.NoBoundary => new(400, "the multipart body has no usable boundary parameter"),
        BodyError.TooManyParts => new(413, "the body has too many parts"),
        BodyError.TooDeep => new(413, "the body's parts are nested too deeply"),
        BodyError.TransferEncoding => new(400, "a part's Content-Transfer-Encoding is unknown or its content is malformed"),
        _ => new(413, "the body is too long"),
    };

    public static BodyFault Of(SdpParseError error) => error switch
    {
        SdpParseError.NoVersion => new(400, "the SDP has no v= line"),
        SdpParseError.MediaLine => new(400, "an m= line of the SDP is malformed"),
        SdpParseError.TooManyMedia => new(413, "the SDP has too many m= lines"),
        SdpParseError.TooManyLines => new(413, "the SDP has too many lines"),
        _ => new(413, "the SDP is too long"),
    };

    public static BodyFault Of(MetadataError error) => error switch
    {
        MetadataError.TooLong or MetadataError.TooDeep or MetadataError.TooManyElements => new(413, "the metadata is too large or nested too deeply"),
        MetadataError.UnknownRoot => new(400, "the metadata is no recording document"),
        _ => new(400, "the metadata is not well-formed"),
    };
}
