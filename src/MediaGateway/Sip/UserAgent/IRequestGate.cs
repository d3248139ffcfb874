using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Messages;

namespace EdgeAssist.MediaGateway.Sip.UserAgent;

/// <summary>
/// Who may open something here: asked for every request without a To tag except CANCEL, after the copies of one already seen
/// were absorbed and before a transaction is kept. Called by the core's owner; must not wait.
/// </summary>
internal interface IRequestGate
{
    /// <summary>The refusal, a challenge among them, answered without keeping state; null lets the request in.</summary>
    SessionDecision? Check(SipRequest request, SipFlow flow, Instant now);
}
