using System.Globalization;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Parsing;
using EdgeAssist.MediaGateway.Sip.Transactions;

namespace EdgeAssist.MediaGateway.Sip.UserAgent;

/// <summary>
/// The user agent core, in both roles: RFC 3261 §8, §9, §11.2, §12 to §15, with RFC 3262 (reliable 1xx), RFC 3311 (UPDATE),
/// RFC 4028 (session timers) and RFC 7866 §6. Messages and time in, messages out; the call layers are asked through
/// <see cref="ISessionHandler"/> and ask through <see cref="ISessionControl"/>. One owner, no locks.
/// </summary>
/// <remarks>This file: what both roles share. <c>.Server.cs</c>: requests of the peer. <c>.Client.cs</c>: requests of ours.</remarks>
/// <param name="handler">Says which call layer takes an INVITE.</param>
/// <param name="settings">Limits and timers.</param>
/// <param name="newToken">Makes an unpredictable token for tags and branches (§19.3).</param>
/// <param name="gate">Asked before a request outside any dialog is looked at; null lets everything in.</param>
internal sealed partial class UserAgentCore(ISessionHandler handler, UserAgentSettings settings, Func<string> newToken, IRequestGate? gate = null) : ISessionControl
{
    private readonly TransactionTable _transactions = new();
    private readonly Dictionary<DialogId, SipSession> _dialogs = [];
    private readonly HashSet<SipSession> _sessions = [];
    private readonly TimerQueue _timers = new();
    private readonly Queue<SipOutput> _outputs = new();

    /// <summary>Sessions of peers' INVITEs: what the limit counts.</summary>
    private int _incoming;

    public int SessionCount => _sessions.Count;

    public int TransactionCount => _transactions.Count;

    /// <summary>Requests of ours, BYE among them, that wait for their answer.</summary>
    public int PendingRequestCount => _transactions.PendingCount;

    /// <summary>Set by <see cref="StopTaking"/> and <see cref="Drain"/>: nothing new is taken.</summary>
    public bool IsDraining { get; private set; }

    public Instant Deadline => _timers.Deadline;

    public bool TryTake(out SipOutput output) => _outputs.TryDequeue(out output);

    public void OnMessage(SipMessage message, SipFlow flow, Instant now)
    {
        switch (message)
        {
            case SipRequest { Method: var method } ack when method == SipMethod.Ack: OnAck(ack, now); break;
            case SipRequest request: OnRequest(flow.Stamp(request), flow, now); break;
            case SipResponse response: OnResponse(response, now); break;
        }
    }

    /// <summary>Answers something that was not a whole request, without keeping state; an ACK or a response gets nothing.</summary>
    public void OnMalformed(SipParseFailure failure, SipFlow flow)
    {
        if (SipResponses.ToMalformed(failure) is not { } bytes) return;
        _outputs.Enqueue(new SipOutput(flow, bytes, failure.Status));
    }

    /// <summary>Refuses a new call whose source asks for them too fast, without keeping state; an emergency is taken all the same.</summary>
    public void OnOverLimit(SipMessage message, SipFlow flow, Instant now)
    {
        if (message is SipRequest invite && invite.Method == SipMethod.Invite && handler.Select(invite, flow).IsExempt(invite, flow)) OnMessage(message, flow, now);
        else if (message is SipRequest request) RespondStateless(flow.Stamp(request), flow, Unavailable("too many calls a second"));
    }

    /// <summary>The connection of a flow could not be opened: its requests fail now (RFC 3261 §8.1.3.1), not after half a minute.</summary>
    public void OnUnreachable(SipFlow flow, Instant now)
    {
        foreach (var entry in _transactions.ClientsOn(flow.Connection))
        {
            _transactions.Remove(entry);
            entry.Answered(null, now);
        }
    }

    /// <summary>
    /// A connection the peer had opened is gone. What we asked over it may not have arrived, and no timer repeats it on a stream: it is
    /// said once more, and the transport opens the way (§18.1.1).
    /// </summary>
    public void OnLost(SipFlow flow)
    {
        foreach (var entry in _transactions.ClientsOn(flow.Connection).Where(entry => entry.Transaction.IsPending))
            _outputs.Enqueue(SipOutput.Of(entry.Flow, entry.Transaction.Request));
    }

    /// <summary>Numbers of the connections that sessions and unanswered requests go over.</summary>
    public HashSet<long> ConnectionsInUse() => [.. _sessions.Select(session => session.Flow.Connection).Concat(_transactions.ClientConnections)];

    public void OnTime(Instant now)
    {
        while (_timers.TryTakeDue(now, out var due))
        {
            due!.OnTime(now);
            switch (due)
            {
                case ServerEntry server: Pump(server, now); break;
                case ClientEntry client: Pump(client, now); break;
                case SipSession session: OnSessionTime(session, now); break;
            }
        }
    }

    /// <summary>Takes nothing new; what is there goes on.</summary>
    public void StopTaking() => IsDraining = true;

    /// <summary>Takes nothing new and ends everything.</summary>
    public void Drain(Instant now)
    {
        IsDraining = true;
        foreach (var session in _sessions.ToList()) End(session, SessionEnd.Local, now);
    }

    public void End(SipSession session, SessionEnd end, Instant now, string? reason = null)
    {
        switch (session.State)
        {
            case SipSessionState.Ended: break;
            case SipSessionState.Inviting: Cancel(session, reason, now); break;
            case SipSessionState.Proceeding: Answer(session, session.Invite, Unavailable("shutting down"), now); break;
            default: Hangup(session, end, reason, now); break;
        }
    }

    private void OnSessionTime(SipSession session, Instant now)
    {
        switch (session.TakeDue(now))
        {
            case SipSession.Due.RepeatSuccess: Repeat(session, session.Unacknowledged!); break;
            case SipSession.Due.RepeatProvisional: Repeat(session, session.Unpracked!); break;
            case SipSession.Due.NoAck: End(session, SessionEnd.NoAck, now); break;
            case SipSession.Due.NoPrack: OnNoPrack(session, now); break;
            case SipSession.Due.NoAnswerToCancel: Close(session, SessionEnd.Cancelled, null, now); break;
            case SipSession.Due.Expired: End(session, SessionEnd.Expired, now); break;
            case SipSession.Due.Refresh: Refresh(session, now); break;
        }

        _timers.Note(session);
    }

    private void Repeat(SipSession session, SipResponse response) =>
        _outputs.Enqueue(SipOutput.Of(session.Flow.ForResponse(response.Via), response));

    private void Close(SipSession session, SessionEnd end, SipRequest? bye, Instant now)
    {
        Forget(session);
        session.Handler.OnEnded(session, end, bye, now);
    }

    private void Register(SipSession session)
    {
        _sessions.Add(session);
        if (!session.IsCaller) _incoming++;
    }

    private void Forget(SipSession session)
    {
        session.State = SipSessionState.Ended;
        if (!_sessions.Remove(session)) return;
        if (!session.IsCaller) _incoming--;
        _dialogs.Remove(session.Dialog.Id);
        foreach (var early in session.EarlyDialogs) _dialogs.Remove(early.Id);
    }

    /// <summary>Our Contact on this flow; sips: when the INVITE was for one (§12.1.1).</summary>
    private static string ContactOf(SipFlow flow, SipRequest request, SessionProfile profile) =>
        $"<{flow.LocalUri(request.Target?.Scheme == "sips")}>{profile.ContactParameters}";

    private static string Seconds(TimeSpan time) => ((long)time.TotalSeconds).ToString(CultureInfo.InvariantCulture);

    private void Pump(ServerEntry entry, Instant now)
    {
        while (entry.Transaction.TryTake(out var effect))
        {
            if (effect is SipEffect.Send send) _outputs.Enqueue(SipOutput.Of(entry.Reply, send.Message));
            else if (effect is SipEffect.Deliver { Message: SipRequest ack } && entry.Session is { } session) OnAck(session, ack, now);
        }

        if (entry.Transaction.IsTerminated) _transactions.Remove(entry);
        else _timers.Note(entry);
    }

    private void Pump(ClientEntry entry, Instant now)
    {
        while (entry.Transaction.TryTake(out var effect))
        {
            switch (effect)
            {
                case SipEffect.Send send: _outputs.Enqueue(SipOutput.Of(entry.Flow, send.Message)); break;
                case SipEffect.Deliver { Message: SipResponse response }: entry.Answered(response, now); break;
                case SipEffect.TimedOut: entry.Answered(null, now); break;
            }
        }

        if (entry.Transaction.IsTerminated) _transactions.Remove(entry);
        else _timers.Note(entry);
    }
}
