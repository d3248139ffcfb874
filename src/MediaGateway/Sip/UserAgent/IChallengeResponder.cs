using EdgeAssist.MediaGateway.Sip.Messages;

namespace EdgeAssist.MediaGateway.Sip.UserAgent;

/// <summary>Answers the challenges a call placed by us meets (RFC 3261 §22.2). One for each call and peer.</summary>
internal interface IChallengeResponder
{
    /// <summary>
    /// The request again with credentials, the next CSeq number and a new branch; null when this challenge gets none: another realm than
    /// the configured one, an algorithm not allowed, or credentials that were refused once.
    /// </summary>
    /// <param name="request">The request that was challenged, as sent.</param>
    /// <param name="challenge">The 401 or 407.</param>
    /// <param name="branch">Branch of the new request, without the cookie.</param>
    SipRequest? Answer(SipRequest request, SipResponse challenge, string branch);
}
