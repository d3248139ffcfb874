using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Transactions;

namespace EdgeAssist.MediaGateway.Sip.UserAgent;

/// <summary>Requests of the peer: RFC 3261 §8.2, §9.2, §11.2, §12.2.2, §13.3, §14.2, §15.1.2; RFC 3262 §3; RFC 3311 §5.2.</summary>
internal sealed partial class UserAgentCore
{
    /// <summary>Answers an INVITE that was put off (<see cref="SessionDecision.Later"/>); does nothing when it was cancelled meanwhile.</summary>
    public void Decide(SipSession session, SessionDecision decision, Instant now) => Answer(session, session.Invite, decision, now);

    public void Answer(SipSession session, SipRequest request, SessionDecision decision, Instant now)
    {
        if (_transactions.FindServer(TransactionKey.OfServer(request)) is not { } entry) return;
        if (ReferenceEquals(request, session.Invite)) AnswerInvite(entry, session, decision, now);
        else AnswerInside(entry, session, decision, now);
        _timers.Note(session);
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

        var session = request.To.Tag is null ? null : _dialogs.GetValueOrDefault(DialogId.OfIncoming(request));
        var layer = session?.Handler ?? (request.Method == SipMethod.Invite && request.To.Tag is null ? handler.Select(request, flow) : handler);
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
        else if (RequestPolicy.Check(request, layer.Profile) is { } refusal) Respond(entry, refusal, now);
        else if (request.Method == SipMethod.Cancel) OnCancel(entry, now);
        else if (request.To.Tag is not null) OnInDialog(entry, session, flow, now);
        else if (request.Method == SipMethod.Invite) OnInvite(entry, layer, flow, now);
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
            new SipHeader(SipHeaderNames.Accept, handler.Profile.Accept),
            new SipHeader("Accept-Encoding", "identity"),
            new SipHeader("Accept-Language", "en"),
        ],
    };

    /// <summary>The refusal of anything new, or null while there is room. INVITE and OPTIONS say the same.</summary>
    private SessionDecision? Admission()
    {
        if (IsDraining) return Unavailable("shutting down");
        return _incoming >= settings.MaxSessions ? Unavailable("all sessions are taken") : null;
    }

    private SessionDecision Unavailable(string why) => SessionDecision.Reject(503, why) with
    {
        Headers = [new SipHeader(SipHeaderNames.RetryAfter, Seconds(settings.RetryAfter))],
    };

    private void OnInvite(ServerEntry entry, ISessionHandler layer, SipFlow flow, Instant now)
    {
        var invite = entry.Transaction.Request;
        Respond(entry, SessionDecision.Later, now);
        var refusal = (layer.IsExempt(invite, flow) ? null : Admission()) ?? RefuseInterval(invite, out _);
        if (refusal is not null)
        {
            Respond(entry, refusal, now);
            return;
        }

        var session = new SipSession(layer, invite, flow, newToken(), settings.Timers);
        session.Learn(invite);
        session.Exchange.OnReceived(invite);
        entry.Session = session;
        Register(session);
        _dialogs[session.Dialog.Id] = session;
        AnswerInvite(entry, session, layer.OnInvite(session, invite, now), now);
        _timers.Note(session);
    }

    /// <summary>Sends what was decided about the INVITE that opened the session, in the order RFC 3262 §3 allows.</summary>
    private void AnswerInvite(ServerEntry entry, SipSession session, SessionDecision decision, Instant now)
    {
        if (session.State != SipSessionState.Proceeding) return;
        if (decision.Status <= 100)
        {
            session.WasPutOff = true;
            return;
        }

        // A 2xx waits for the PRACK of a 1xx that carried a description, another 1xx for that of any.
        if (session.Unpracked is { } waiting && (decision.Status < 200 || (decision.Status < 300 && OfferExchange.HasDescription(waiting))))
        {
            session.Held.Enqueue(decision);
            session.WasPutOff = true;
            return;
        }

        if (decision.Status < 200) AnswerProvisionally(entry, session, decision, now);
        else AnswerFinally(entry, session, decision, now);
    }

    private void AnswerProvisionally(ServerEntry entry, SipSession session, SessionDecision decision, Instant now)
    {
        session.WasPutOff = true;
        var required = session.Invite.Headers.HasToken(SipHeaderNames.Require, "100rel");
        var reliable = required || (decision.Reliable && session.Invite.Headers.HasToken(SipHeaderNames.Supported, "100rel"));
        if (!reliable)
        {
            Respond(entry, decision, now);
            return;
        }

        session.ReliableNumber = session.ReliableNumber == 0 ? 1 + (uint)(settings.NextRandom() * 0x3FFF_FFFF) : session.ReliableNumber + 1;
        var response = Respond(entry, decision with
        {
            Headers =
            [
                .. decision.Headers, new SipHeader(SipHeaderNames.Require, "100rel"),
                new SipHeader(SipHeaderNames.RSeq, session.ReliableNumber.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            ],
        }, now);
        if (!session.Exchange.IsAgreed) session.Exchange.OnSent(response);
        session.AwaitPrack(response, now);
    }

    private void AnswerFinally(ServerEntry entry, SipSession session, SessionDecision decision, Instant now)
    {
        session.StopProvisional();
        var isAccepted = decision.Status < 300;
        if (isAccepted)
        {
            session.State = SipSessionState.Accepted;
            RefuseInterval(session.Invite, out var interval);
            session.Refreshed(interval, now);
        }

        var response = Respond(entry, decision, now);
        if (!isAccepted)
        {
            Forget(session);
            if (session.WasPutOff) session.Handler.OnEnded(session, SessionEnd.Refused, null, now);
            return;
        }

        if (!session.Exchange.IsAgreed) session.Exchange.OnSent(response);
        session.Await(response, now);
    }

    private void OnNoPrack(SipSession session, Instant now)
    {
        session.StopProvisional();
        Answer(session, session.Invite, SessionDecision.Reject(504, "a reliable provisional response was never acknowledged"), now);
    }

    private void OnInDialog(ServerEntry entry, SipSession? session, SipFlow flow, Instant now)
    {
        var request = entry.Transaction.Request;
        if (session is null)
        {
            Respond(entry, new SessionDecision { Status = 481 }, now);
            return;
        }

        // The fork that speaks is the one that is meant (§13.2.2.1).
        if (session.State == SipSessionState.Inviting && session.EarlyDialogs.Find(early => early.Id == DialogId.OfIncoming(request)) is { } dialog)
            session.Dialog = dialog;

        // A lower number is an old request that was overtaken (§12.2.2).
        if (session.Dialog.RemoteSequence is { } last && request.CSeq.Number < last)
        {
            Respond(entry, SessionDecision.Reject(500, "CSeq is lower than one seen before"), now);
            return;
        }

        entry.Session = session;
        session.Dialog.RemoteSequence = request.CSeq.Number;
        if (!session.IsCaller || flow.Transport == session.Flow.Transport) session.Flow = session.IsCaller ? session.Flow with { Connection = flow.Connection } : flow;
        if (request.Method == SipMethod.Bye) OnBye(entry, session, now);
        else if (request.Method == SipMethod.Prack) OnPrack(entry, session, now);
        else if (request.Method == SipMethod.Invite || request.Method == SipMethod.Update) OnModify(entry, session, now);
        else AnswerInside(entry, session, session.Handler.OnRequest(session, request, now), now);
    }

    private void OnBye(ServerEntry entry, SipSession session, Instant now)
    {
        Respond(entry, new SessionDecision { Status = 200 }, now);
        if (session.State == SipSessionState.Proceeding && _transactions.FindServer(TransactionKey.OfServer(session.Invite)) is { } invite)
            Respond(invite, new SessionDecision { Status = 487 }, now);
        if (session.RemoteInvite is { } pending && _transactions.FindServer(TransactionKey.OfServer(pending)) is { } modify)
            Respond(modify, new SessionDecision { Status = 487 }, now);
        Close(session, SessionEnd.Bye, entry.Transaction.Request, now);
    }

    private void OnPrack(ServerEntry entry, SipSession session, Instant now)
    {
        var prack = entry.Transaction.Request;
        if (!session.AcknowledgeProvisional(prack))
        {
            Respond(entry, SessionDecision.Reject(481, "RAck names no response that waits"), now);
            return;
        }

        session.Exchange.OnReceived(prack);
        AnswerInside(entry, session, session.Handler.OnPrack(session, prack, now), now);
        while (session is { State: SipSessionState.Proceeding, Unpracked: null } && session.Held.TryDequeue(out var next))
            Answer(session, session.Invite, next, now);
        _timers.Note(session);
    }

    private void OnModify(ServerEntry entry, SipSession session, Instant now)
    {
        var request = entry.Transaction.Request;
        var isInvite = request.Method == SipMethod.Invite;
        if (RefuseOverlap(session, request) is { } overlap)
        {
            Respond(entry, overlap, now);
            return;
        }

        if (RefuseInterval(request, out _) is { } refusal)
        {
            Respond(entry, refusal, now);
            return;
        }

        session.Learn(request);
        session.Exchange.OnReceived(request);
        if (isInvite)
        {
            session.RemoteInvite = request;
            Respond(entry, SessionDecision.Later, now);
        }

        AnswerInside(entry, session, session.Handler.OnModify(session, request, now), now);
    }

    /// <summary>One offer at a time: the peer's own unfinished request gets 500, one that crosses ours 491 (§14.2, RFC 3311 §5.2).</summary>
    private SessionDecision? RefuseOverlap(SipSession session, SipRequest request)
    {
        var isInvite = request.Method == SipMethod.Invite;
        var offers = isInvite || OfferExchange.HasDescription(request);
        if (isInvite && session.State == SipSessionState.Inviting) return new SessionDecision { Status = 491 };
        if (offers && (session.PendingInvite is not null || session.AwaitsOurAck is not null || (session.Exchange.State == OfferState.Local && !session.AwaitsAck)))
            return new SessionDecision { Status = 491 };

        var isUnfinished = (isInvite && (session.State == SipSessionState.Proceeding || session.AwaitsAck || session.RemoteInvite is not null))
            || (offers && session.Exchange.State != OfferState.Idle);
        return isUnfinished
            ? SessionDecision.Reject(500, "an earlier request is not finished") with
            {
                Headers = [new SipHeader(SipHeaderNames.RetryAfter, Seconds(TimeSpan.FromSeconds(1 + Math.Floor(settings.NextRandom() * 9))))],
            }
            : null;
    }

    /// <summary>Sends what was decided about a request inside the session, or remembers that it is to come.</summary>
    private void AnswerInside(ServerEntry entry, SipSession session, SessionDecision decision, Instant now)
    {
        if (decision.Status < 200) return;

        var request = entry.Transaction.Request;
        var isInvite = request.Method == SipMethod.Invite;
        if (isInvite) session.RemoteInvite = null;
        var modifies = isInvite || request.Method == SipMethod.Update;
        if (decision.Status >= 300)
        {
            session.Exchange.OnFailed(request);
            Respond(entry, decision, now);
            return;
        }

        if (modifies)
        {
            session.Dialog.Refresh(request.Headers);
            RefuseInterval(request, out var interval);
            session.Refreshed(interval, now);
        }

        var response = Respond(entry, decision, now);
        session.Exchange.OnSent(response);
        if (isInvite) session.Await(response, now);
        _timers.Note(session);
    }

    private SessionDecision? RefuseInterval(SipRequest request, out SessionInterval? interval) =>
        SessionInterval.TryRead(request, settings.MinSessionExpires, out interval) switch
        {
            0 => null,
            422 => new SessionDecision { Status = 422, Headers = [new SipHeader(SipHeaderNames.MinSE, Seconds(settings.MinSessionExpires))] },
            _ => SessionDecision.Reject(400, "Session-Expires is malformed"),
        };

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
        if (invite.Session is not { } session) return;
        if (session.State == SipSessionState.Proceeding)
        {
            session.StopProvisional();
            Respond(invite, new SessionDecision { Status = 487 }, now);
            Close(session, SessionEnd.Cancelled, cancel, now);
        }
        else if (session.RemoteInvite is { } pending && TransactionKey.OfServer(pending) == invite.Key)
        {
            AnswerInside(invite, session, new SessionDecision { Status = 487 }, now);
            session.Handler.OnModifyCancelled(session, pending, now);
        }
    }

    private void OnAck(SipRequest ack, Instant now)
    {
        if (_transactions.FindServer(TransactionKey.OfServer(ack)) is { Transaction: InviteServerTransaction invite } entry)
        {
            invite.OnAck(ack, now);
            Pump(entry, now);
        }
        else if (_dialogs.TryGetValue(DialogId.OfIncoming(ack), out var session)) OnAck(session, ack, now);
    }

    private void OnAck(SipSession session, SipRequest ack, Instant now)
    {
        if (session.State == SipSessionState.Ended || !session.Acknowledge(ack)) return;
        session.Exchange.OnAcknowledged(ack);
        session.Handler.OnAck(session, ack, now);
        _timers.Note(session);
    }

    private SipResponse Respond(ServerEntry entry, SessionDecision decision, Instant now, string? tag = null)
    {
        var request = entry.Transaction.Request;
        tag ??= decision.Status == 100 ? null : entry.Session?.LocalTag ?? newToken();
        var response = ResponseTo(request, decision, tag);
        if (decision.Status is > 100 and < 300) response = Enrich(request, response, entry);
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

    /// <summary>What a 2xx and a 1xx with a tag carry besides (§12.1.1, §13.3.1.4, RFC 7866 §6.1.2).</summary>
    private SipResponse Enrich(SipRequest request, SipResponse response, ServerEntry entry)
    {
        var headers = response.Headers;
        var profile = (entry.Session?.Handler ?? handler).Profile;
        if (request.Method == SipMethod.Invite || request.Method == SipMethod.Update)
        {
            headers = request.Headers.Where(field => field.Is(SipHeaderNames.RecordRoute))
                .Aggregate(headers, (list, field) => list.Add(field.Name, field.Value));
            headers = headers.Add(SipHeaderNames.Contact, ContactOf(entry.Session?.Flow ?? entry.Reply, request, profile));
            if (response.IsSuccess)
            {
                if (entry.Session?.Interval is { } interval && request.Headers.Has(SipHeaderNames.SessionExpires)) headers = interval.AddTo(headers);
                headers = headers.Add(SipHeaderNames.Accept, profile.Accept);
            }
        }

        if (request.Method != SipMethod.Bye && request.Method != SipMethod.Cancel)
            headers = headers.Add(SipHeaderNames.Allow, profile.Allow).Add(SipHeaderNames.Supported, profile.Supported);
        return response with { Headers = headers };
    }
}
