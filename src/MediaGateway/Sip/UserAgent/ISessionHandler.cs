using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Messages;

namespace EdgeAssist.MediaGateway.Sip.UserAgent;

/// <summary>
/// The call layer as the user agent core sees it. Called by the core's owner, one call at a time; nothing here may wait.
/// </summary>
internal interface ISessionHandler
{
    /// <summary>A new session is asked for.</summary>
    SessionDecision OnInvite(SipSession session, SipRequest invite, Instant now);

    /// <summary>A re-INVITE or an UPDATE came: answered with the current description when it carries none.</summary>
    SessionDecision OnModify(SipSession session, SipRequest request, Instant now);

    /// <summary>The 2xx of the initial or of a later INVITE was acknowledged, for the first time.</summary>
    void OnAck(SipSession session, SipRequest ack, Instant now);

    /// <summary>The session is over; said once for every session <see cref="OnInvite"/> accepted or put off.</summary>
    /// <param name="session">The session.</param>
    /// <param name="end">Why.</param>
    /// <param name="bye">The BYE, which may carry last metadata; null otherwise.</param>
    /// <param name="now">Now.</param>
    void OnEnded(SipSession session, SessionEnd end, SipRequest? bye, Instant now);
}
