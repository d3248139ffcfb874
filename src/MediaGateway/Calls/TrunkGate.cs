using System.Collections.Immutable;
using System.Globalization;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.UserAgent;

namespace EdgeAssist.MediaGateway.Calls;

/// <summary>
/// Admission by trunk: what comes over a flow that no trunk covers is refused, and a trunk that has all its calls gets 503 to
/// INVITE and, so that it looks elsewhere in time, to OPTIONS.
/// </summary>
/// <param name="trunks">Asked in order.</param>
/// <param name="load">Calls of each trunk now.</param>
/// <param name="retryAfter">Retry-After of a 503.</param>
internal sealed class TrunkGate(ImmutableArray<Trunk> trunks, TrunkLoad load, TimeSpan retryAfter) : IRequestGate
{
    public SessionDecision? Check(SipRequest request, SipFlow flow, Instant now)
    {
        if (trunks.FirstOrDefault(candidate => candidate.Covers(flow)) is not { } trunk) return SessionDecision.Reject(403, "this source is on no trunk");
        if (trunk.Inline?.IsEmergency(request) == true) return null;
        if (!load.IsFull(trunk) || (request.Method != SipMethod.Invite && request.Method != SipMethod.Options)) return null;
        return SessionDecision.Reject(503, "all calls of this trunk are taken") with
        {
            Headers = [new SipHeader(SipHeaderNames.RetryAfter, ((int)retryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture))],
        };
    }
}
