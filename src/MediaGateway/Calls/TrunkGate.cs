using System.Collections.Immutable;
using System.Globalization;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Auth;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.UserAgent;

namespace EdgeAssist.MediaGateway.Calls;

/// <summary>
/// Admission by trunk: what comes over a flow that no trunk covers is refused, and a trunk that has all its calls gets 503 to
/// INVITE and, so that it looks elsewhere in time, to OPTIONS. A trunk with users signs everything but OPTIONS and ACK.
/// </summary>
/// <param name="trunks">Asked in order.</param>
/// <param name="load">Calls of each trunk now.</param>
/// <param name="digest">Asks for credentials and checks them.</param>
/// <param name="newRandom">Unpredictable octets, as many as asked for.</param>
/// <param name="retryAfter">Retry-After of a 503.</param>
internal sealed class TrunkGate(ImmutableArray<Trunk> trunks, TrunkLoad load, DigestServer digest, Func<int, byte[]> newRandom, TimeSpan retryAfter) : IRequestGate
{
    public SessionDecision? Check(SipRequest request, SipFlow flow, Instant now)
    {
        if (trunks.FirstOrDefault(candidate => candidate.Covers(flow)) is not { } trunk) return SessionDecision.Reject(403, "this source is on no trunk");
        if (trunk.Inline?.IsEmergency(request) == true) return null;
        if (!trunk.Users.IsEmpty && request.Method != SipMethod.Options && Challenge(request, trunk, flow, now) is { } challenge) return challenge;
        if (!load.IsFull(trunk) || (request.Method != SipMethod.Invite && request.Method != SipMethod.Options)) return null;
        return SessionDecision.Reject(503, "all calls of this trunk are taken") with
        {
            Headers = [new SipHeader(SipHeaderNames.RetryAfter, ((int)retryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture))],
        };
    }

    private SessionDecision? Challenge(SipRequest request, Trunk trunk, SipFlow flow, Instant now)
    {
        var verdict = digest.Check(request, trunk.Users, flow.Remote.Address, now);
        if (verdict == DigestVerdict.Good) return null;
        return new SessionDecision { Status = 401, Headers = digest.Challenge(flow.Remote.Address, verdict == DigestVerdict.Stale, newRandom(8), now) };
    }
}
