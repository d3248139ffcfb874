using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Parsing;
using EdgeAssist.MediaGateway.Sip.Transactions;

namespace EdgeAssist.MediaGateway.Sip.UserAgent;

/// <summary>
/// The user agent core of a recording server: RFC 3261 §8.2, §9.2, §11.2, §12 to §15, with RFC 3311 (UPDATE), RFC 4028
/// (session timers) and RFC 7866 §6. Messages and time in, messages out; the call layer is asked through
/// <see cref="ISessionHandler"/>. One owner, no locks.
/// </summary>
/// <param name="handler">The call layer.</param>
/// <param name="settings">Limits and timers.</param>
/// <param name="newToken">Makes an unpredictable token for tags and branches (§19.3).</param>
/// <param name="gate">Asked before a request outside any dialog is looked at; null lets everything in.</param>
internal sealed class UserAgentCore(ISessionHandler handler, UserAgentSettings settings, Func<string> newToken, IRequestGate? gate = null) : ISessionControl
{
    private readonly TransactionTable _transactions = new();
    private readonly Dictionary<DialogId, SipSession> _sessions = [];
    private readonly TimerQueue _timers = new();
    private readonly Queue<SipOutput> _outputs = new();

    public int SessionCount => _sessions.Count;

    public int TransactionCount => _transactions.Count;

    /// <summary>Requests of ours, BYE among them, that wait for their answer.</summary>
    public int PendingRequestCount => _transactions.PendingCount;

    /// <summary>Set by <see cref="Drain"/>: nothing new is taken.</summary>
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

    /// <summary>Refuses a new call whose source asks for them too fast, without keeping state.</summary>
    public void OnOverLimit(SipMessage message, SipFlow flow)
    {
        if (message is SipRequest request) RespondStateless(flow.Stamp(request), flow, Unavailable("too many calls a second"));
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
    public HashSet<long> ConnectionsInUse() => [.. _sessions.Values.Select(session => session.Flow.Connection).Concat(_transactions.ClientConnections)];

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

    /// <summary>Answers an INVITE that was put off (<see cref="SessionDecision.Later"/>); does nothing when it was cancelled meanwhile.</summary>
    public void Decide(SipSession session, SessionDecision decision, Instant now)
    {
        if (session.State != SipSessionState.Proceeding || _transactions.FindServer(TransactionKey.OfServer(session.Invite)) is not { } entry) return;
        Answer(entry, session, decision, now);
    }

    /// <summary>Ends a session from our side: BYE, or 503 when it was not answered yet.</summary>
    public void End(SipSession session, SessionEnd end, Instant now)
    {
        if (session.State == SipSessionState.Ended) return;
        if (session.State == SipSessionState.Proceeding) Decide(session, Unavailable("shutting down"), now);
        else
        {
            Request(session, SipMethod.Bye, request => request, null, now);
            Close(session, end, null, now);
        }
    }

    /// <summary>Asks the client for something inside the dialog by UPDATE, for example its whole metadata (RFC 7866 §9.2).</summary>
    public void Update(SipSession session, string contentType, string disposition, ReadOnlyMemory<byte> body, Instant now) =>
        Request(session, SipMethod.Update, request => request with
        {
            Headers = request.Headers.Add(SipHeaderNames.Contact, ContactOf(session.Flow, session.Invite))
                .Add(SipHeaderNames.Require, "siprec").Add(SipHeaderNames.ContentDisposition, disposition)
                .Add(SipHeaderNames.ContentType, contentType),
            Body = body,
        }, null, now);

    /// <summary>Takes nothing new and says BYE to everyone.</summary>
    public void Drain(Instant now)
    {
        IsDraining = true;
        foreach (var session in _sessions.Values.ToList()) End(session, SessionEnd.Local, now);
    }

    private void OnRequest(SipRequest request, SipFlow flow, Instant now)
    {
        var key = TransactionKey.OfServer(request);
        if (_transactions.FindServer(key) is { } known)
        {
            known.Transaction.OnRetransmission();
            Pump(known, now);
            return;
        }

        if (_transactions.Count >= settings.MaxTransactions)
        {
            RespondStateless(request, flow, Unavailable("too many requests at once"));
            return;
        }

        // Refused before anything is kept: a stranger's requests cost no memory (§8.2.7).
        if (request.To.Tag is null && request.Method != SipMethod.Cancel && gate?.Check(request, flow, now) is { } closed)
        {
            RespondStateless(request, flow, closed);
            return;
        }

        var merged = _transactions.IsMerged(request, key);
        var entry = _transactions.AddServer(request, flow, settings.Timers);
        if (merged) Respond(entry, SessionDecision.Reject(482, "the same request came by another way"), now);
        else if (RequestPolicy.Check(request) is { } refusal) Respond(entry, refusal, now);
        else if (request.Method == SipMethod.Cancel) OnCancel(entry, now);
        else if (request.To.Tag is not null) OnInDialog(entry, flow, now);
        else if (request.Method == SipMethod.Invite) OnInvite(entry, flow, now);
        else if (request.Method == SipMethod.Options) Respond(entry, AnswerOptions(), now);
        else Respond(entry, SessionDecision.Reject(481, "no To tag, so no dialog"), now);
    }

    private void RespondStateless(SipRequest request, SipFlow flow, SessionDecision decision) =>
        _outputs.Enqueue(SipOutput.Of(flow.ForResponse(request.Via), ResponseTo(request, decision, newToken())));

    private SessionDecision AnswerOptions() => Admission() ?? new SessionDecision
    {
        Status = 200,
        Headers =
        [
            new SipHeader(SipHeaderNames.Accept, RequestPolicy.Accepted),
            new SipHeader("Accept-Encoding", "identity"),
            new SipHeader("Accept-Language", "en"),
        ],
    };

    /// <summary>The refusal of anything new, or null while there is room. INVITE and OPTIONS say the same.</summary>
    private SessionDecision? Admission()
    {
        if (IsDraining) return Unavailable("shutting down");
        return _sessions.Count >= settings.MaxSessions ? Unavailable("all recording sessions are taken") : null;
    }

    private SessionDecision Unavailable(string why) => SessionDecision.Reject(503, why) with
    {
        Headers = [new SipHeader(SipHeaderNames.RetryAfter, ((int)settings.RetryAfter.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture))],
    };

    private void OnInvite(ServerEntry entry, SipFlow flow, Instant now)
    {
        var invite = entry.Transaction.Request;
        Respond(entry, SessionDecision.Later, now);
        var refusal = Admission() ?? RefuseInterval(invite, out _);
        if (refusal is not null)
        {
            Respond(entry, refusal, now);
            return;
        }

        var session = new SipSession(invite, flow, newToken(), settings.Timers);
        entry.Session = session;
        _sessions.Add(session.Dialog.Id, session);
        Answer(entry, session, handler.OnInvite(session, invite, now), now);
    }

    private void Answer(ServerEntry entry, SipSession session, SessionDecision decision, Instant now)
    {
        if (decision.Status < 200)
        {
            session.WasPutOff = true;
            return;
        }

        var isAccepted = decision.Status < 300;
        if (isAccepted)
        {
            session.State = SipSessionState.Accepted;
            RefuseInterval(session.Invite, out var interval);
            session.Refreshed(interval, now);
        }

        var response = Respond(entry, decision, now);
        if (isAccepted) session.Await(response, now);
        else Forget(session);
        if (!isAccepted && session.WasPutOff) handler.OnEnded(session, SessionEnd.Refused, null, now);
        _timers.Note(session);
    }

    private void OnInDialog(ServerEntry entry, SipFlow flow, Instant now)
    {
        var request = entry.Transaction.Request;
        if (!_sessions.TryGetValue(DialogId.OfIncoming(request), out var session))
        {
            Respond(entry, new SessionDecision { Status = 481 }, now);
            return;
        }

        // A lower number is an old request that was overtaken (§12.2.2).
        if (session.Dialog.RemoteSequence is { } last && request.CSeq.Number < last)
        {
            Respond(entry, SessionDecision.Reject(500, "CSeq is lower than one seen before"), now);
            return;
        }

        entry.Session = session;
        session.Dialog.RemoteSequence = request.CSeq.Number;
        session.Flow = flow;
        if (request.Method == SipMethod.Bye) OnBye(entry, session, now);
        else if (request.Method == SipMethod.Invite || request.Method == SipMethod.Update) OnModify(entry, session, now);
        else Respond(entry, new SessionDecision { Status = 200 }, now);
    }

    private void OnBye(ServerEntry entry, SipSession session, Instant now)
    {
        Respond(entry, new SessionDecision { Status = 200 }, now);
        if (session.State == SipSessionState.Proceeding && _transactions.FindServer(TransactionKey.OfServer(session.Invite)) is { } invite)
            Respond(invite, new SessionDecision { Status = 487 }, now);
        Close(session, SessionEnd.Bye, entry.Transaction.Request, now);
    }

    private void OnModify(ServerEntry entry, SipSession session, Instant now)
    {
        var request = entry.Transaction.Request;
        var isInvite = request.Method == SipMethod.Invite;

        // An INVITE of the peer is still unanswered or unacknowledged: it has to finish first (§14.2, RFC 3311 §5.2).
        if (session.State == SipSessionState.Proceeding || (isInvite && session.AwaitsAck))
        {
            Respond(entry, SessionDecision.Reject(500, "an earlier INVITE is not finished") with
            {
                Headers = [new SipHeader(SipHeaderNames.RetryAfter, "1")],
            }, now);
            return;
        }

        if (RefuseInterval(request, out var interval) is { } refusal)
        {
            Respond(entry, refusal, now);
            return;
        }

        if (isInvite) Respond(entry, SessionDecision.Later, now);
        var decision = handler.OnModify(session, request, now);
        if (decision.Status is < 200 or >= 300)
        {
            Respond(entry, decision, now);
            return;
        }

        session.Dialog.Refresh(request.Headers);
        session.Refreshed(interval, now);
        var response = Respond(entry, decision, now);
        if (isInvite) session.Await(response, now);
        _timers.Note(session);
    }

    private SessionDecision? RefuseInterval(SipRequest request, out SessionInterval? interval)
    {
        var minimum = ((int)settings.MinSessionExpires.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return SessionInterval.TryRead(request, settings.MinSessionExpires, out interval) switch
        {
            0 => null,
            422 => new SessionDecision { Status = 422, Headers = [new SipHeader(SipHeaderNames.MinSE, minimum)] },
            _ => SessionDecision.Reject(400, "Session-Expires is malformed"),
        };
    }

    private void OnCancel(ServerEntry entry, Instant now)
    {
        var cancel = entry.Transaction.Request;
        if (_transactions.FindServer(TransactionKey.OfCancelled(cancel)) is not { } invite)
        {
            Respond(entry, new SessionDecision { Status = 481 }, now);
            return;
        }

        // The answer carries the tag the INVITE was answered with; after a final answer it changes nothing (§9.2).
        Respond(entry, new SessionDecision { Status = 200 }, now, invite.Session?.LocalTag);
        if (invite.Session is not { State: SipSessionState.Proceeding } session) return;
        Respond(invite, new SessionDecision { Status = 487 }, now);
        Close(session, SessionEnd.Cancelled, null, now);
    }

    private void OnAck(SipRequest ack, Instant now)
    {
        if (_transactions.FindServer(TransactionKey.OfServer(ack)) is { Transaction: InviteServerTransaction invite } entry)
        {
            invite.OnAck(ack, now);
            Pump(entry, now);
        }
        else if (_sessions.TryGetValue(DialogId.OfIncoming(ack), out var session)) OnAck(session, ack, now);
    }

    private void OnAck(SipSession session, SipRequest ack, Instant now)
    {
        if (session.State == SipSessionState.Ended || !session.Acknowledge(ack)) return;
        handler.OnAck(session, ack, now);
        _timers.Note(session);
    }

    private void OnResponse(SipResponse response, Instant now)
    {
        if (_transactions.FindClient(response) is not { } entry) return;   // a stray one is dropped (§18.1.2)
        entry.Transaction.OnResponse(response, now);
        Pump(entry, now);
    }

    private void OnSessionTime(SipSession session, Instant now)
    {
        switch (session.TakeDue(now))
        {
            case SipSession.Due.Retransmit: _outputs.Enqueue(SipOutput.Of(session.Flow.ForResponse(session.Unacknowledged!.Via), session.Unacknowledged)); break;
            case SipSession.Due.NoAck: End(session, SessionEnd.NoAck, now); break;
            case SipSession.Due.Expired: End(session, SessionEnd.Expired, now); break;
            case SipSession.Due.Refresh: Refresh(session, now); break;
        }

        _timers.Note(session);
    }

    /// <summary>
    /// Refreshes the session by UPDATE when that fell to us (RFC 4028 §7.4). A peer that does not answer keeps its session:
    /// live media matters more than the timer.
    /// </summary>
    private void Refresh(SipSession session, Instant now)
    {
        var seconds = ((long)session.Interval!.Interval.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
        Request(session, SipMethod.Update, request => request with
        {
            Headers = request.Headers.Add(SipHeaderNames.Contact, ContactOf(session.Flow, session.Invite)).Add(SipHeaderNames.Supported, "timer")
                .Add(SipHeaderNames.SessionExpires, $"{seconds};refresher=uac"),
        }, null, now);
    }

    private void Request(SipSession session, SipMethod method, Func<SipRequest, SipRequest> complete, Action<SipResponse?>? answered, Instant now)
    {
        var hop = session.Dialog.NextHop(session.Flow);
        var made = session.Dialog.MakeRequest(method, hop, newToken());
        var request = complete(made with { Headers = made.Headers.Add(SipHeaderNames.UserAgent, settings.Product) });
        var entry = _transactions.AddClient(new NonInviteClientTransaction(request, settings.Timers, hop.IsReliable, now), hop, (response, at) =>
        {
            answered?.Invoke(response);
            if (response is { Status: 481 } && session.State != SipSessionState.Ended) Close(session, SessionEnd.Lost, null, at);
        });
        Pump(entry, now);
    }

    private void Close(SipSession session, SessionEnd end, SipRequest? bye, Instant now)
    {
        Forget(session);
        handler.OnEnded(session, end, bye, now);
    }

    private void Forget(SipSession session)
    {
        session.State = SipSessionState.Ended;
        _sessions.Remove(session.Dialog.Id);
    }

    private SipResponse Respond(ServerEntry entry, SessionDecision decision, Instant now, string? tag = null)
    {
        var request = entry.Transaction.Request;
        tag ??= decision.Status == 100 ? null : entry.Session?.LocalTag ?? newToken();
        var response = ResponseTo(request, decision, tag);
        if (decision.Status is >= 200 and < 300) response = Enrich(request, response, entry);
        entry.Transaction.Respond(response, now);
        Pump(entry, now);
        return response;
    }

    private SipResponse ResponseTo(SipRequest request, SessionDecision decision, string? tag)
    {
        var response = SipResponses.To(request, decision.Status, tag, decision.Reason);
        var headers = decision.Headers.Aggregate(response.Headers, (list, header) => list.Add(header.Name, header.Value));
        if (decision.Status != 100) headers = headers.Add(SipHeaderNames.Server, settings.Product);
        if (decision.ContentType is { } type) headers = headers.Add(SipHeaderNames.ContentType, type);
        return response with { Headers = headers, Body = decision.Body };
    }

    /// <summary>What a 2xx carries besides (§12.1.1, §13.3.1.4, RFC 7866 §6.1.2).</summary>
    private static SipResponse Enrich(SipRequest request, SipResponse response, ServerEntry entry)
    {
        var headers = response.Headers;
        if (request.Method == SipMethod.Invite || request.Method == SipMethod.Update)
        {
            headers = request.Headers.Where(field => field.Is(SipHeaderNames.RecordRoute))
                .Aggregate(headers, (list, field) => list.Add(field.Name, field.Value));
            headers = headers.Add(SipHeaderNames.Contact, ContactOf(entry.Session?.Flow ?? entry.Reply, request));
            if (entry.Session?.Interval is { } interval && request.Headers.Has(SipHeaderNames.SessionExpires)) headers = interval.AddTo(headers);
            headers = headers.Add(SipHeaderNames.Accept, RequestPolicy.Accepted);
        }

        if (request.Method != SipMethod.Bye && request.Method != SipMethod.Cancel)
            headers = headers.Add(SipHeaderNames.Allow, RequestPolicy.Allowed).Add(SipHeaderNames.Supported, "siprec, timer");
        return response with { Headers = headers };
    }

    /// <summary>Our Contact on this flow, with the feature tag of a recording server (RFC 7866 §6.1.2).</summary>
    private static string ContactOf(SipFlow flow, SipRequest request) => $"<{flow.LocalUri(request.Target?.Scheme == "sips")}>;+sip.srs";

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
