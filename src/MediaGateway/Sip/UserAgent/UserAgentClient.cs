using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Transactions;

namespace EdgeAssist.MediaGateway.Sip.UserAgent;

internal enum UacState
{
    /// <summary>INVITE sent, no final answer yet.</summary>
    Inviting,

    /// <summary>Answered with 2xx and acknowledged.</summary>
    Established,

    /// <summary>BYE sent, not answered yet.</summary>
    Ending,

    Ended,
}

/// <summary>
/// One call placed by us over a channel of its own: a user agent core with a single session, which takes no call and no change
/// of the session from the other side. Messages and time in, messages out. One owner, no locks.
/// </summary>
internal sealed class UserAgentClient : ISessionHandler
{
    private readonly UserAgentCore _core;
    private readonly SipSession _session;
    private readonly SipFlow _flow;
    private readonly SipTimers _timers;
    private bool _cancelWanted;
    private bool _isOver;
    private Instant _giveUpAt = Instant.Never;   // of a call taken back that nobody ever answered

    /// <summary>Sends the INVITE.</summary>
    public UserAgentClient(
        SipRequest invite, SipFlow flow, SipTimers timers, Func<string> newToken, Instant now, IChallengeResponder? responder = null)
    {
        (_flow, _timers) = (flow, timers);
        _core = new UserAgentCore(this, new UserAgentSettings { Timers = timers }, newToken);
        _session = _core.Call(this, invite, flow, now, responder);
    }

    public SessionProfile Profile { get; } = SessionProfile.Recording with { Supported = "timer", ContactParameters = ";+sip.src" };

    public UacState State => _isOver
        ? _core.PendingRequestCount == 0 ? UacState.Ended : UacState.Ending
        : _session.State == SipSessionState.Inviting ? UacState.Inviting : UacState.Established;

    /// <summary>The final answer to the INVITE; null before it, or when none came in time.</summary>
    public SipResponse? Answer { get; private set; }

    /// <summary>The peer said BYE.</summary>
    public bool EndedByPeer { get; private set; }

    /// <summary>Our BYE was answered: the call ended as it should.</summary>
    public bool ByeAnswered { get; private set; }

    /// <summary>Snapshot requests the peer sent (RFC 7866 §9.2).</summary>
    public int SnapshotRequests { get; private set; }

    public Instant Deadline => Instant.Min(_core.Deadline, _giveUpAt);

    public bool TryTake(out SipOutput output) => _core.TryTake(out output);

    public void OnMessage(SipMessage message, Instant now) => _core.OnMessage(message, _flow, now);

    public void OnTime(Instant now)
    {
        if (_giveUpAt <= now)
        {
            _giveUpAt = Instant.Never;
            if (State == UacState.Inviting && !_session.ProvisionalSeen) _core.Abandon(_session, now);
        }

        _core.OnTime(now);
    }

    /// <summary>
    /// Takes the INVITE back. Waits for a provisional answer first (§9.1), for four times T1; a 200 that crosses the CANCEL is
    /// acknowledged and ended.
    /// </summary>
    public void Cancel(Instant now)
    {
        if (_isOver) return;
        if (!_cancelWanted && State == UacState.Inviting && !_session.ProvisionalSeen) _giveUpAt = now + (4 * _timers.T1);
        _cancelWanted = true;
        _core.End(_session, SessionEnd.Local, now);
    }

    /// <summary>Ends an established call.</summary>
    public void Bye(Instant now)
    {
        if (State == UacState.Established) _core.End(_session, SessionEnd.Local, now);
    }

    // A call of ours has one peer and one dialog: another one is none of ours.
    public SessionDecision OnInvite(SipSession session, SipRequest invite, Instant now) => new() { Status = 481 };

    public SessionDecision OnModify(SipSession session, SipRequest request, Instant now)
    {
        if (request.Headers.First(SipHeaderNames.ContentType)?.StartsWith("application/rs-metadata-request", StringComparison.OrdinalIgnoreCase) == true) SnapshotRequests++;
        return new SessionDecision { Status = request.Method == SipMethod.Invite ? 488 : 200 };
    }

    public void OnAck(SipSession session, SipRequest ack, Instant now)
    {
        // Nothing of ours is ever answered with 2xx that a peer would acknowledge.
    }

    public void OnResponse(SipSession session, SipRequest request, SipResponse? response, Instant now)
    {
        if (request.Method == SipMethod.Invite && response is { IsFinal: true }) Answer = response;
        if (request.Method == SipMethod.Bye && response is { IsFinal: true }) ByeAnswered = true;
    }

    public void OnEnded(SipSession session, SessionEnd end, SipRequest? bye, Instant now)
    {
        if (session != _session) return;
        _isOver = true;
        EndedByPeer = end == SessionEnd.Bye;
    }
}
