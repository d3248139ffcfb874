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
/// One call placed by us: RFC 3261 §9.1, §12.2, §13.2, §15.1.1. Messages and time in, messages out. One owner, no locks.
/// </summary>
internal sealed class UserAgentClient
{
    private readonly SipFlow _flow;
    private readonly SipTimers _timers;
    private readonly Func<string> _newToken;
    private readonly Queue<SipOutput> _outputs = new();
    private readonly Dictionary<TransactionKey, IClientTransaction> _clients = [];
    private readonly Dictionary<TransactionKey, IServerTransaction> _servers = [];
    private readonly IChallengeResponder? _responder;
    private SipRequest _invite;
    private Dialog? _dialog;
    private SipRequest? _ack;
    private bool _cancelWanted;
    private bool _cancelSent;
    private bool _provisionalSeen;
    private Instant _giveUpAt = Instant.Never;   // of a call taken back that nobody ever answered

    /// <summary>Sends the INVITE.</summary>
    public UserAgentClient(
        SipRequest invite, SipFlow flow, SipTimers timers, Func<string> newToken, Instant now, IChallengeResponder? responder = null)
    {
        (_invite, _flow, _timers, _newToken, _responder) = (invite, flow, timers, newToken, responder);
        Start(new InviteClientTransaction(invite, timers, flow.IsReliable, now), now);
    }

    public UacState State { get; private set; } = UacState.Inviting;

    /// <summary>The final answer to the INVITE; null before it, or when none came in time.</summary>
    public SipResponse? Answer { get; private set; }

    /// <summary>The peer said BYE.</summary>
    public bool EndedByPeer { get; private set; }

    /// <summary>Our BYE was answered: the call ended as it should.</summary>
    public bool ByeAnswered { get; private set; }

    /// <summary>Snapshot requests the peer sent (RFC 7866 §9.2).</summary>
    public int SnapshotRequests { get; private set; }

    public Instant Deadline => _clients.Values.Select(client => client.Deadline)
        .Concat(_servers.Values.Select(server => server.Deadline)).Aggregate(_giveUpAt, Instant.Min);

    public bool TryTake(out SipOutput output) => _outputs.TryDequeue(out output);

    public void OnMessage(SipMessage message, Instant now)
    {
        if (message is SipRequest request) OnRequest(request, now);
        else if (message is SipResponse response && _clients.TryGetValue(TransactionKey.OfClient(response), out var client))
        {
            client.OnResponse(response, now);
            Pump(client, now);
        }
    }

    public void OnTime(Instant now)
    {
        if (_giveUpAt <= now)
        {
            _giveUpAt = Instant.Never;
            if (State == UacState.Inviting && !_provisionalSeen) State = UacState.Ended;
        }

        foreach (var client in _clients.Values.Where(client => client.Deadline <= now).ToList())
        {
            client.OnTime(now);
            Pump(client, now);
        }

        foreach (var (key, server) in _servers.Where(pair => pair.Value.Deadline <= now).ToList())
        {
            server.OnTime(now);
            if (server.IsTerminated) _servers.Remove(key);
        }
    }

    /// <summary>
    /// Takes the INVITE back. Waits for a provisional answer first (§9.1), for four times T1; a 200 that crosses the CANCEL is
    /// acknowledged and ended.
    /// </summary>
    public void Cancel(Instant now)
    {
        if (State == UacState.Established) Bye(now);
        if (State != UacState.Inviting) return;
        if (!_cancelWanted && !_provisionalSeen) _giveUpAt = now + (4 * _timers.T1);
        _cancelWanted = true;
        if (_provisionalSeen) SendCancel(now);
    }

    /// <summary>Ends an established call.</summary>
    public void Bye(Instant now)
    {
        if (State != UacState.Established) return;
        State = UacState.Ending;
        var hop = _dialog!.NextHop(_flow);
        Start(new NonInviteClientTransaction(_dialog.MakeRequest(SipMethod.Bye, hop, _newToken()), _timers, hop.IsReliable, now), now);
    }

    private void SendCancel(Instant now)
    {
        if (_cancelSent) return;
        _cancelSent = true;
        Start(new NonInviteClientTransaction(SipRequests.Cancel(_invite), _timers, _flow.IsReliable, now), now);
    }

    private void Start(IClientTransaction transaction, Instant now)
    {
        _clients[TransactionKey.OfClient(transaction.Request)] = transaction;
        Pump(transaction, now);
    }

    private void Pump(IClientTransaction transaction, Instant now)
    {
        while (transaction.TryTake(out var effect))
        {
            switch (effect)
            {
                case SipEffect.Send send: Send(send.Message); break;
                case SipEffect.Deliver { Message: SipResponse response }: OnResponse(transaction.Request, response, now); break;
                case SipEffect.TimedOut: OnTimeOut(transaction.Request.Method); break;
            }
        }

        if (transaction.IsTerminated) _clients.Remove(TransactionKey.OfClient(transaction.Request));
    }

    private void OnResponse(SipRequest request, SipResponse response, Instant now)
    {
        if (request.Method == SipMethod.Bye && response.IsFinal)
        {
            if (AnswerTo(response, request) is { } authorised) Start(new NonInviteClientTransaction(authorised, _timers, _flow.IsReliable, now), now);
            else (State, ByeAnswered) = (UacState.Ended, true);
        }

        if (request.Method != SipMethod.Invite) return;

        if (response.IsProvisional)
        {
            _provisionalSeen = true;
            if (_cancelWanted) SendCancel(now);
        }
        else if (response.IsSuccess) OnSuccess(response, now);
        else if (!_cancelWanted && AnswerTo(response, _invite) is { } again)
        {
            _provisionalSeen = false;
            _invite = again;
            Start(new InviteClientTransaction(again, _timers, _flow.IsReliable, now), now);
        }
        else
        {
            Answer = response;
            State = UacState.Ended;
        }
    }

    private SipRequest? AnswerTo(SipResponse challenge, SipRequest request) =>
        challenge.Status is 401 or 407 ? _responder?.Answer(request, challenge, _newToken()) : null;

    private void OnSuccess(SipResponse response, Instant now)
    {
        // Every retransmission of the 200 gets the same ACK again (§13.2.2.4).
        if (_ack is not null)
        {
            Send(_ack);
            return;
        }

        Answer = response;
        _dialog = Dialog.AsClient(_invite, response);
        var ack = _dialog.MakeRequest(SipMethod.Ack, _dialog.NextHop(_flow), _newToken(), _invite.CSeq.Number);

        // The ACK cannot be challenged, so it carries the credentials of its INVITE (§22.1).
        _ack = ack with
        {
            Headers = _invite.Headers.Where(field => field.Is(SipHeaderNames.Authorization) || field.Is(SipHeaderNames.ProxyAuthorization))
                .Aggregate(ack.Headers, (list, field) => list.Add(field.Name, field.Value)),
        };
        Send(_ack);
        State = UacState.Established;
        if (_cancelWanted) Bye(now);
    }

    private void OnTimeOut(SipMethod method)
    {
        if (method == SipMethod.Invite || method == SipMethod.Bye) State = UacState.Ended;
    }

    private void OnRequest(SipRequest request, Instant now)
    {
        request = _flow.Stamp(request);
        var key = TransactionKey.OfServer(request);
        if (request.Method == SipMethod.Ack) return;
        if (_servers.TryGetValue(key, out var known))
        {
            known.OnRetransmission();
            Pump(known);
            return;
        }

        // A call of ours has one peer and one dialog; a second INVITE inside it is never expected.
        IServerTransaction server = request.Method == SipMethod.Invite
            ? new InviteServerTransaction(request, _timers, _flow.IsReliable)
            : new NonInviteServerTransaction(request, _timers, _flow.IsReliable);
        _servers[key] = server;
        server.Respond(AnswerTo(request), now);
        Pump(server);
    }

    private SipResponse AnswerTo(SipRequest request)
    {
        var isOurs = _dialog is not null && DialogId.OfIncoming(request) == _dialog.Id;
        if (!isOurs) return SipResponses.To(request, 481, _newToken());
        if (request.Method == SipMethod.Bye)
        {
            (State, EndedByPeer) = (UacState.Ended, true);
            return SipResponses.To(request, 200, null);
        }

        if (request.Method == SipMethod.Invite) return SipResponses.To(request, 488, null);
        if (request.Headers.First(SipHeaderNames.ContentType)?.StartsWith("application/rs-metadata-request", StringComparison.OrdinalIgnoreCase) == true) SnapshotRequests++;
        return SipResponses.To(request, request.Method == SipMethod.Update || request.Method == SipMethod.Info || request.Method == SipMethod.Options ? 200 : 405, null);
    }

    private void Pump(IServerTransaction server)
    {
        while (server.TryTake(out var effect))
            if (effect is SipEffect.Send send) Send(send.Message);
    }

    private void Send(SipMessage message)
    {
        var flow = message is SipRequest && _dialog is not null && message.To.Tag is not null ? _dialog.NextHop(_flow) : _flow;
        _outputs.Enqueue(SipOutput.Of(flow, message));
    }
}
