using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Transactions;

namespace EdgeAssist.MediaGateway.Sip.UserAgent;

internal enum SipSessionState
{
    /// <summary>INVITE seen, no final answer yet.</summary>
    Proceeding,

    /// <summary>200 sent, no ACK yet.</summary>
    Accepted,

    /// <summary>Acknowledged.</summary>
    Confirmed,

    Ended,
}

/// <summary>One recording session on our side: its dialog, the 2xx that waits for its ACK, and the session timer.</summary>
internal sealed class SipSession(SipRequest invite, SipFlow flow, string localTag, SipTimers timers) : ITimed
{
    private SipResponse? _unacknowledged;
    private TimeSpan _retransmitInterval;
    private Instant _retransmitAt = Instant.Never;
    private Instant _giveUpAt = Instant.Never;

    /// <summary>What is due; the core acts on it.</summary>
    internal enum Due
    {
        Nothing,
        Retransmit,
        NoAck,
        Refresh,
        Expired,
    }

    public Dialog Dialog { get; } = Dialog.AsServer(invite, localTag);

    public SipRequest Invite { get; } = invite;

    /// <summary>The flow the last request came over.</summary>
    public SipFlow Flow { get; set; } = flow;

    public string LocalTag { get; } = localTag;

    public SipSessionState State { get; set; } = SipSessionState.Proceeding;

    /// <summary>Whether the call layer put its decision off, so that it waits to hear how the session went on.</summary>
    public bool WasPutOff { get; set; }

    public SessionInterval? Interval { get; private set; }

    private Instant IntervalAt { get; set; } = Instant.Never;

    public Instant Deadline => State == SipSessionState.Ended
        ? Instant.Never
        : Instant.Min(IntervalAt, Instant.Min(_retransmitAt, _giveUpAt));

    /// <summary>Whether an INVITE of the peer waits for its ACK.</summary>
    public bool AwaitsAck => _unacknowledged is not null;

    public SipResponse? Unacknowledged => _unacknowledged;

    /// <summary>Notes a 2xx to an INVITE: sent again from T1 up to T2 until the ACK, also over TCP (RFC 3261 §13.3.1.4).</summary>
    public void Await(SipResponse success, Instant now)
    {
        _unacknowledged = success;
        _retransmitInterval = timers.T1;
        _retransmitAt = now + timers.T1;
        _giveUpAt = now + timers.SixtyFourT1;
    }

    /// <summary>An ACK came. True for the first one of the INVITE it names.</summary>
    public bool Acknowledge(SipRequest ack)
    {
        if (_unacknowledged is null || ack.CSeq.Number != _unacknowledged.CSeq.Number) return false;
        _unacknowledged = null;
        _retransmitAt = _giveUpAt = Instant.Never;
        if (State == SipSessionState.Accepted) State = SipSessionState.Confirmed;
        return true;
    }

    /// <summary>Starts the session timer anew, or stops it when <paramref name="interval"/> is null (RFC 4028 §10).</summary>
    public void Refreshed(SessionInterval? interval, Instant now)
    {
        Interval = interval;
        IntervalAt = interval is null ? Instant.Never : now + (interval.PeerRefreshes ? interval.Grace : interval.Interval / 2);
    }

    public void OnTime(Instant now)
    {
        // Nothing by itself: the core asks what is due.
    }

    /// <summary>Takes the next thing that is due.</summary>
    public Due TakeDue(Instant now)
    {
        if (State == SipSessionState.Ended) return Due.Nothing;
        if (_giveUpAt <= now) return Due.NoAck;
        if (_retransmitAt <= now)
        {
            _retransmitInterval = timers.Double(_retransmitInterval);
            _retransmitAt = now + _retransmitInterval;
            return Due.Retransmit;
        }

        if (IntervalAt > now) return Due.Nothing;
        IntervalAt = Interval!.PeerRefreshes ? Instant.Never : now + (Interval.Interval / 2);
        return Interval.PeerRefreshes ? Due.Expired : Due.Refresh;
    }
}
