using EdgeAssist.MediaGateway.Sip.Messages;

namespace EdgeAssist.MediaGateway.Sip.UserAgent;

/// <summary>Whose offer waits for its answer.</summary>
internal enum OfferState
{
    /// <summary>None: either side may offer.</summary>
    Idle = 0,

    /// <summary>Ours.</summary>
    Local,

    /// <summary>The peer's.</summary>
    Remote,
}

/// <summary>
/// Offer and answer of one dialog usage (RFC 3264 §4, RFC 6337 §2): a description that comes while none is open is an offer,
/// the next one of the other side is its answer, and a failed request takes its offer back.
/// </summary>
internal sealed class OfferExchange
{
    private SipRequest? _offeredIn;

    public OfferState State { get; private set; }

    /// <summary>Whether an answer was ever agreed on.</summary>
    public bool IsAgreed { get; private set; }

    /// <summary>A message with a description went out. An unreliable 1xx only shows what the answer will be and is not told here.</summary>
    public void OnSent(SipMessage message) => Take(message, OfferState.Local, OfferState.Remote);

    /// <summary>A message with a description came in.</summary>
    public void OnReceived(SipMessage message) => Take(message, OfferState.Remote, OfferState.Local);

    /// <summary>The request that carried an offer failed: what was agreed before holds (RFC 3261 §14.1, RFC 6337 §3.4).</summary>
    public void OnFailed(SipRequest request)
    {
        if (_offeredIn is not null && _offeredIn.CSeq == request.CSeq && _offeredIn.CallId == request.CallId) Close(agreed: false);
    }

    /// <summary>An ACK came: it carries the answer to an offer of ours, or lets that offer fall.</summary>
    public void OnAcknowledged(SipRequest ack)
    {
        OnReceived(ack);
        if (State == OfferState.Local) Close(agreed: false);
    }

    private void Take(SipMessage message, OfferState own, OfferState other)
    {
        if (!HasDescription(message)) return;
        if (State == other) Close(agreed: true);
        else if (State == OfferState.Idle) (State, _offeredIn) = (own, message as SipRequest);
    }

    private void Close(bool agreed)
    {
        (State, _offeredIn) = (OfferState.Idle, null);
        IsAgreed |= agreed;
    }

    /// <summary>Whether a message carries a session description, alone or as a part.</summary>
    public static bool HasDescription(SipMessage message)
    {
        if (message.Body.IsEmpty) return false;
        var type = message.Headers.First(SipHeaderNames.ContentType) ?? "application/sdp";
        return type.StartsWith("application/sdp", StringComparison.OrdinalIgnoreCase)
            || (type.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase) && message.Body.Span.IndexOf("application/sdp"u8) >= 0);
    }
}
