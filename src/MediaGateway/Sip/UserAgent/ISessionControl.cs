using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Messages;

namespace EdgeAssist.MediaGateway.Sip.UserAgent;

/// <summary>A request to send inside a session.</summary>
internal sealed record SessionRequest(SipMethod Method)
{
    public IReadOnlyList<SipHeader> Headers { get; init; } = [];

    /// <summary>Content-Type of <see cref="Body"/>, null without one.</summary>
    public string? ContentType { get; init; }

    public ReadOnlyMemory<byte> Body { get; init; }

    public static SessionRequest WithDescription(SipMethod method, ReadOnlyMemory<byte> sdp) =>
        new(method) { ContentType = sdp.IsEmpty ? null : "application/sdp", Body = sdp };
}

/// <summary>What the call layer may ask of signalling by itself; given to it by the owner of both.</summary>
internal interface ISessionControl
{
    /// <summary>Sends an INVITE; its answers and its end come to <paramref name="handler"/>.</summary>
    /// <param name="handler">The call layer.</param>
    /// <param name="invite">The INVITE, complete.</param>
    /// <param name="flow">Where it goes.</param>
    /// <param name="now">Now.</param>
    /// <param name="responder">Answers challenges; null passes them to the handler.</param>
    SipSession Call(ISessionHandler handler, SipRequest invite, SipFlow flow, Instant now, IChallengeResponder? responder = null);

    /// <summary>Answers a request that was put off; does nothing when it was answered meanwhile.</summary>
    void Answer(SipSession session, SipRequest request, SessionDecision decision, Instant now);

    /// <summary>Sends a request inside the session; its answers come to the session's handler.</summary>
    /// <returns>The request as sent.</returns>
    SipRequest Send(SipSession session, SessionRequest request, Instant now);

    /// <summary>Answers the offer a 2xx to our INVITE carried.</summary>
    void Acknowledge(SipSession session, ReadOnlyMemory<byte> sdp, Instant now);

    /// <summary>Acknowledges a reliable 1xx that carried an offer, with the answer.</summary>
    void AcknowledgeProvisional(SipSession session, SipResponse provisional, ReadOnlyMemory<byte> sdp, Instant now);

    /// <summary>Takes an INVITE of ours inside the session back.</summary>
    void CancelModify(SipSession session, Instant now);

    /// <summary>Ends a session from our side: CANCEL, BYE, or a refusal when the peer's INVITE was not answered yet.</summary>
    /// <param name="session">The session; one that has ended is left alone.</param>
    /// <param name="end">Why, for the handler.</param>
    /// <param name="now">Now.</param>
    /// <param name="reason">Value of a Reason header (RFC 3326), null for none.</param>
    void End(SipSession session, SessionEnd end, Instant now, string? reason = null);

    /// <summary>Asks the client for something by UPDATE, for example its whole metadata (RFC 7866 §9.2).</summary>
    void Update(SipSession session, string contentType, string disposition, ReadOnlyMemory<byte> body, Instant now);
}
