using EdgeAssist.MediaGateway.Sip.Messages;

namespace EdgeAssist.MediaGateway.Sip.UserAgent;

/// <summary>Call-ID, local tag and remote tag (RFC 3261 §12). A peer of RFC 2543 has no tag: then it is empty.</summary>
internal readonly record struct DialogId(string CallId, string LocalTag, string RemoteTag)
{
    /// <summary>The dialog an incoming request belongs to.</summary>
    public static DialogId OfIncoming(SipRequest request) => new(request.CallId, request.To.Tag ?? "", request.From.Tag ?? "");
}
