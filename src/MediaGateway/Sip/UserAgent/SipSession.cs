using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Transactions;

namespace EdgeAssist.MediaGateway.Sip.UserAgent;

internal enum SipSessionState
{
    /// <summary>Our INVITE is out, no final answer yet.</summary>
    Inviting,

    /// <summary>The peer's INVITE came, no final answer yet.</summary>
    Proceeding,

    /// <summary>Answered with 2xx, by either side, no ACK yet.</summary>
    Accepted,

    /// <summary>Acknowledged.</summary>
    Confirmed,

    Ended,
}

/// <summary>
/// One session with one peer, opened by either side (RFC 3261 §13, §14): its dialog, the 2xx and the reliable 1xx that wait for
/// their acknowledgement, offer and answer, and the session timer. Belongs to <see cref="UserAgentCore"/>; the call layer reads it.
/// </summary>
internal sealed class SipSession : ITimed
{
    private readonly SipTimers _timers;
    private Repetition _success;
    private Repetition _provisional;
    private Instant _cancelGivesUpAt = Instant.Never;
    private Instant _intervalAt = Instant.Never;

    /// <summary>The session an INVITE of the peer opens.</summary>
    public SipSession(ISessionHandler handler, SipRequest invite, SipFlow flow, string localTag, SipTimers timers)
    {
        (Handler, Invite, Flow, LocalTag, _timers) = (handler, invite, flow, localTag, timers);
        Dialog = Dialog.AsServer(invite, localTag);
        State = SipSessionState.Proceeding;
    }

    /// <summary>The session our INVITE asks for.</summary>
    public SipSession(ISessionHandler handler, SipRequest invite, SipFlow flow, SipTimers timers)
    {
        (Handler, Invite, Flow, LocalTag, _timers) = (handler, invite, flow, invite.From.Tag!, timers);
        Dialog = Dialog.AsClient(invite);
        State = SipSessionState.Inviting;
        IsCaller = true;
    }

    /// <summary>What is due; the core acts on it.</summary>
    internal enum Due
    {
        Nothing,
        RepeatSuccess,
        NoAck,
        RepeatProvisional,
        NoPrack,
        NoAnswerToCancel,
        Refresh,
        Expired,
    }

    /// <summary>The call layer it belongs to; another one from when a call is handed over to it.</summary>
    public ISessionHandler Handler { get; set; }

    /// <summary>The INVITE was ours.</summary>
    public bool IsCaller { get; }

    /// <summary>The dialog: confirmed, or the last early one; before any, what the INVITE itself says, without a remote tag.</summary>
    public Dialog Dialog { get; internal set; }

    /// <summary>Dialogs that 1xx of several forks opened (§13.2.2.1); ours only.</summary>
    public List<Dialog> EarlyDialogs { get; } = [];

    /// <summary>The INVITE that opened it; a repeated one of ours after a challenge or a 422 takes its place.</summary>
    public SipRequest Invite { get; internal set; }

    /// <summary>The flow the last request came over, or ours go over.</summary>
    public SipFlow Flow { get; set; }

    public string LocalTag { get; }

    public SipSessionState State { get; set; }

    /// <summary>Whether the call layer put its decision off, so that it waits to hear how the session went on.</summary>
    public bool WasPutOff { get; set; }

    /// <summary>Answers challenges to requests of ours; null passes them to the call layer.</summary>
    public IChallengeResponder? Responder { get; init; }

    public OfferExchange Exchange { get; } = new();

    public SessionInterval? Interval { get; private set; }

    /// <summary>What the peer's last Allow lists; null when it never said.</summary>
    public IReadOnlyCollection<string>? PeerMethods { get; private set; }

    /// <summary>What the peer's last Supported lists.</summary>
    public IReadOnlyCollection<string> PeerExtensions { get; private set; } = [];

    /// <summary>An INVITE of ours inside the dialog that has no final answer yet.</summary>
    public SipRequest? PendingInvite { get; internal set; }

    /// <summary>A re-INVITE of the peer that has no final answer yet.</summary>
    public SipRequest? RemoteInvite { get; internal set; }

    /// <summary>The 2xx to our INVITE that waits for the call layer's answer in the ACK.</summary>
    public SipResponse? AwaitsOurAck { get; internal set; }

    /// <summary>The last ACK we sent, for a 2xx that comes again.</summary>
    public SipRequest? LastAck { get; internal set; }

    public bool IsCancelled { get; internal set; }

    internal bool CancelSent { get; set; }

    internal bool ProvisionalSeen { get; set; }

    internal int IntervalRetries { get; set; }

    /// <summary>Number of the last reliable 1xx we sent (RFC 3262 §3).</summary>
    internal uint ReliableNumber { get; set; }

    /// <summary>Decisions behind a reliable 1xx that has no PRACK yet.</summary>
    internal Queue<SessionDecision> Held { get; } = [];

    public Instant Deadline => State == SipSessionState.Ended
        ? Instant.Never
        : Instant.Min(Instant.Min(_intervalAt, _cancelGivesUpAt), Instant.Min(_success.Deadline, _provisional.Deadline));

    /// <summary>Whether an INVITE of the peer waits for its ACK.</summary>
    public bool AwaitsAck => _success.Message is not null;

    public SipResponse? Unacknowledged => _success.Message;

    /// <summary>The reliable 1xx that waits for its PRACK.</summary>
    public SipResponse? Unpracked => _provisional.Message;

    /// <summary>Whether an offer of ours may go out now (RFC 3264 §4, RFC 3261 §14.1, RFC 3311 §5.1).</summary>
    public bool MayOffer => State is not SipSessionState.Ended && Exchange.State == OfferState.Idle && PendingInvite is null && RemoteInvite is null
        && !AwaitsAck && AwaitsOurAck is null;

    /// <summary>Whether the peer is known to take a method; one that never said takes what RFC 3261 obliges it to.</summary>
    public bool PeerAllows(SipMethod method) => PeerMethods?.Contains(method.Name, StringComparer.OrdinalIgnoreCase) ?? false;

    public bool PeerSupports(string tag) => PeerExtensions.Contains(tag, StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads what a message of the peer says about itself.</summary>
    public void Learn(SipMessage message)
    {
        var allowed = message.Headers.Values(SipHeaderNames.Allow);
        if (!allowed.IsEmpty) PeerMethods = allowed;
        if (message.Headers.Has(SipHeaderNames.Supported) || message.Headers.Has(SipHeaderNames.Require))
            PeerExtensions = [.. message.Headers.Values(SipHeaderNames.Supported), .. message.Headers.Values(SipHeaderNames.Require)];
    }

    /// <summary>Notes a 2xx to an INVITE: sent again from T1 up to T2 until the ACK, also over TCP (RFC 3261 §13.3.1.4).</summary>
    public void Await(SipResponse success, Instant now) => _success = new Repetition(success, _timers.T1, now + _timers.T1, now + _timers.SixtyFourT1);

    /// <summary>Notes a reliable 1xx: sent again from T1, doubled without bound, until its PRACK (RFC 3262 §3).</summary>
    public void AwaitPrack(SipResponse provisional, Instant now) =>
        _provisional = new Repetition(provisional, _timers.T1, now + _timers.T1, now + _timers.SixtyFourT1);

    /// <summary>An ACK came. True for the first one of the INVITE it names.</summary>
    public bool Acknowledge(SipRequest ack)
    {
        if (_success.Message is null || ack.CSeq.Number != _success.Message.CSeq.Number) return false;
        _success = default;
        if (State == SipSessionState.Accepted) State = SipSessionState.Confirmed;
        return true;
    }

    /// <summary>A PRACK came. True when its RAck names the 1xx that waits (RFC 3262 §3).</summary>
    public bool AcknowledgeProvisional(SipRequest prack)
    {
        if (_provisional.Message is not { } waiting || prack.Headers.First(SipHeaderNames.RAck) is not { } text) return false;
        var expected = $"{waiting.Headers.First(SipHeaderNames.RSeq)} {waiting.CSeq}";
        if (!string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Equals(expected, StringComparison.Ordinal)) return false;
        _provisional = default;
        return true;
    }

    /// <summary>Nothing provisional is repeated after the final answer.</summary>
    public void StopProvisional()
    {
        _provisional = default;
        Held.Clear();
    }

    /// <summary>A CANCEL went out: without a final answer the session is over after 64·T1 (§9.1).</summary>
    public void AwaitCancelled(Instant now) => _cancelGivesUpAt = now + _timers.SixtyFourT1;

    /// <summary>Starts the session timer anew, or stops it when <paramref name="interval"/> is null (RFC 4028 §10).</summary>
    public void Refreshed(SessionInterval? interval, Instant now)
    {
        Interval = interval;
        _intervalAt = interval is null ? Instant.Never : now + (interval.PeerRefreshes ? interval.Grace : interval.Interval / 2);
    }

    /// <summary>Has the refresh tried again at a time of its own, after 491 (RFC 3261 §14.1).</summary>
    public void RefreshAgainAt(Instant at) => _intervalAt = at;

    public void OnTime(Instant now)
    {
        // Nothing by itself: the core asks what is due.
    }

    /// <summary>Takes the next thing that is due.</summary>
    public Due TakeDue(Instant now)
    {
        if (State == SipSessionState.Ended) return Due.Nothing;
        if (_cancelGivesUpAt <= now) return Due.NoAnswerToCancel;
        if (_success.GiveUpAt <= now) return Due.NoAck;
        if (_provisional.GiveUpAt <= now) return Due.NoPrack;
        if (_success.TryRepeat(now, _timers.Double)) return Due.RepeatSuccess;
        if (_provisional.TryRepeat(now, interval => interval + interval)) return Due.RepeatProvisional;

        if (_intervalAt > now) return Due.Nothing;
        _intervalAt = Interval!.PeerRefreshes ? Instant.Never : now + (Interval.Interval / 2);
        return Interval.PeerRefreshes ? Due.Expired : Due.Refresh;
    }

    /// <summary>A response that is sent again until it is acknowledged, or given up. The default repeats nothing.</summary>
    private struct Repetition(SipResponse message, TimeSpan interval, Instant at, Instant giveUpAt)
    {
        private TimeSpan _interval = interval;
        private Instant _at = at;

        public readonly SipResponse? Message => message;

        public readonly Instant GiveUpAt => message is null ? Instant.Never : giveUpAt;

        public readonly Instant Deadline => message is null ? Instant.Never : Instant.Min(_at, giveUpAt);

        public bool TryRepeat(Instant now, Func<TimeSpan, TimeSpan> next)
        {
            if (message is null || _at > now) return false;
            _interval = next(_interval);
            _at = now + _interval;
            return true;
        }
    }
}
