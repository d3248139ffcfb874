using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Messages;

namespace EdgeAssist.MediaGateway.Sip.UserAgent;

/// <summary>
/// The call layer as the user agent core sees it. Called by the core's owner, one call at a time; nothing here may wait. What
/// is put off with <see cref="SessionDecision.Later"/> is answered with <see cref="UserAgentCore.Answer"/>.
/// </summary>
internal interface ISessionHandler
{
    /// <summary>What this layer offers and takes.</summary>
    SessionProfile Profile => SessionProfile.Recording;

    /// <summary>The layer a new INVITE goes to; asked before anything in it is checked.</summary>
    ISessionHandler Select(SipRequest invite, SipFlow flow) => this;

    /// <summary>Whether an INVITE is let in when nothing else is: an emergency call.</summary>
    bool IsExempt(SipRequest invite, SipFlow flow) => false;

    /// <summary>A new session is asked for.</summary>
    SessionDecision OnInvite(SipSession session, SipRequest invite, Instant now);

    /// <summary>A re-INVITE or an UPDATE came, in an early dialog too: answered with the current description when it carries none.</summary>
    SessionDecision OnModify(SipSession session, SipRequest request, Instant now);

    /// <summary>The 2xx of the initial or of a later INVITE was acknowledged, for the first time.</summary>
    void OnAck(SipSession session, SipRequest ack, Instant now);

    /// <summary>The session is over; said once for every session <see cref="OnInvite"/> accepted or put off, and for every one of ours.</summary>
    /// <param name="session">The session.</param>
    /// <param name="end">Why.</param>
    /// <param name="bye">The BYE, which may carry last metadata; null otherwise.</param>
    /// <param name="now">Now.</param>
    void OnEnded(SipSession session, SessionEnd end, SipRequest? bye, Instant now);

    /// <summary>Another request inside the session: INFO, REFER, NOTIFY, MESSAGE, OPTIONS.</summary>
    SessionDecision OnRequest(SipSession session, SipRequest request, Instant now) => new() { Status = 200 };

    /// <summary>A reliable 1xx of ours was acknowledged; the PRACK may carry an offer or an answer (RFC 3262 §5).</summary>
    SessionDecision OnPrack(SipSession session, SipRequest prack, Instant now) => new() { Status = 200 };

    /// <summary>The peer took its re-INVITE back (§9.2); it was answered with 487.</summary>
    void OnModifyCancelled(SipSession session, SipRequest request, Instant now)
    {
    }

    /// <summary>
    /// An answer to a request of ours in this session, the INVITE that opened it and its 1xx included; null when none came in
    /// time. After a final failure of the first INVITE, <see cref="OnEnded"/> follows.
    /// </summary>
    void OnResponse(SipSession session, SipRequest request, SipResponse? response, Instant now)
    {
    }

    /// <summary>The description to refresh the session with when the peer takes no UPDATE; empty leaves it unrefreshed.</summary>
    ReadOnlyMemory<byte> DescriptionOf(SipSession session) => default;
}
