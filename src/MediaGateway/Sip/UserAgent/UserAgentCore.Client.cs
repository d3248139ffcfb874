using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Parsing;
using EdgeAssist.MediaGateway.Sip.Transactions;

namespace EdgeAssist.MediaGateway.Sip.UserAgent;

/// <summary>Requests of ours: RFC 3261 §9.1, §12.2.1, §13.2, §14.1, §15.1.1; RFC 3262 §4; RFC 3311 §5.1; RFC 4028 §7, §10.</summary>
internal sealed partial class UserAgentCore
{
    /// <summary>Times a session interval that was too small is raised for one INVITE.</summary>
    private const int MaxIntervalRetries = 2;

    public SipSession Call(ISessionHandler layer, SipRequest invite, SipFlow flow, Instant now, IChallengeResponder? responder = null)
    {
        var session = new SipSession(layer, invite, flow, settings.Timers) { Responder = responder };
        session.Exchange.OnSent(invite);
        Register(session);
        StartInvite(session, invite, now);
        return session;
    }

    public SipRequest Send(SipSession session, SessionRequest request, Instant now)
    {
        var sent = Complete(session, request);
        session.Exchange.OnSent(sent);
        if (sent.Method == SipMethod.Invite) session.PendingInvite = sent;
        Start(session, sent, (response, at) => OnAnsweredInside(session, sent, response, at), now);
        return sent;
    }

    public void Acknowledge(SipSession session, ReadOnlyMemory<byte> sdp, Instant now)
    {
        if (session.AwaitsOurAck is not { } success) return;
        session.AwaitsOurAck = null;
        SendAck(session, success, sdp);
        if (session.State == SipSessionState.Accepted) session.State = SipSessionState.Confirmed;
    }

    public void AcknowledgeProvisional(SipSession session, SipResponse provisional, ReadOnlyMemory<byte> sdp, Instant now)
    {
        var dialog = session.EarlyDialogs.Find(early => early.Id.RemoteTag == provisional.To.Tag) ?? session.Dialog;
        var hop = dialog.NextHop(session.Flow);
        var made = dialog.MakeRequest(SipMethod.Prack, hop, newToken());
        var prack = made with
        {
            Headers = Described(made.Headers.Add(SipHeaderNames.RAck, $"{provisional.Headers.First(SipHeaderNames.RSeq)} {provisional.CSeq}"), sdp),
            Body = sdp,
        };
        session.Exchange.OnSent(prack);
        Start(session, prack, (response, _) =>
        {
            if (response is { IsSuccess: true }) session.Exchange.OnReceived(response);
        }, now);
    }

    public void CancelModify(SipSession session, Instant now)
    {
        if (session.PendingInvite is { } pending) SendCancel(session, pending, null, now);
    }

    public void Update(SipSession session, string contentType, string disposition, ReadOnlyMemory<byte> body, Instant now) =>
        Send(session, new SessionRequest(SipMethod.Update)
        {
            Headers = [new SipHeader(SipHeaderNames.Require, "siprec"), new SipHeader(SipHeaderNames.ContentDisposition, disposition)],
            ContentType = contentType,
            Body = body,
        }, now);

    /// <summary>Lets go of an INVITE of ours that nothing answered, without waiting for its timer.</summary>
    public void Abandon(SipSession session, Instant now)
    {
        if (session.State != SipSessionState.Inviting) return;
        if (_transactions.FindClient(TransactionKey.OfClient(session.Invite)) is { } entry) _transactions.Remove(entry);
        Close(session, SessionEnd.Cancelled, null, now);
    }

    private void OnResponse(SipResponse response, Instant now)
    {
        if (_transactions.FindClient(response) is not { } entry) return;   // a stray one is dropped (§18.1.2)
        entry.Transaction.OnResponse(response, now);
        Pump(entry, now);
    }

    private void StartInvite(SipSession session, SipRequest invite, Instant now)
    {
        session.Invite = invite;
        session.ProvisionalSeen = false;
        Start(session, invite, (response, at) => OnInviteAnswered(session, invite, response, at), now);
    }

    private void Start(SipSession session, SipRequest request, Action<SipResponse?, Instant> answered, Instant now)
    {
        var isFirst = ReferenceEquals(request, session.Invite);
        var hop = isFirst ? session.Flow : session.Dialog.NextHop(session.Flow);
        if (!isFirst && request.Method != SipMethod.Invite && session.Responder is not null) answered = Authorised(session, request, answered);
        IClientTransaction transaction = request.Method == SipMethod.Invite
            ? new InviteClientTransaction(request, settings.Timers, hop.IsReliable, now)
            : new NonInviteClientTransaction(request, settings.Timers, hop.IsReliable, now);
        Pump(_transactions.AddClient(transaction, hop, answered), now);
    }

    /// <summary>The request again with credentials when it is challenged (RFC 3261 §22.2); any other answer goes on.</summary>
    private Action<SipResponse?, Instant> Authorised(SipSession session, SipRequest request, Action<SipResponse?, Instant> answered) => (response, at) =>
    {
        if (response is { Status: 401 or 407 } && session.Responder?.Answer(request, response, newToken()) is { } again)
        {
            session.Dialog.NoteSent(again.CSeq.Number);
            Start(session, again, answered, at);
        }
        else answered(response, at);
    };

    /// <summary>A request inside the dialog with what every one of its kind carries.</summary>
    private SipRequest Complete(SipSession session, SessionRequest request)
    {
        var made = session.Dialog.MakeRequest(request.Method, session.Dialog.NextHop(session.Flow), newToken());
        var headers = made.Headers.Add(SipHeaderNames.UserAgent, settings.Product);
        var profile = session.Handler.Profile;
        if (request.Method == SipMethod.Invite || request.Method == SipMethod.Update || request.Method == SipMethod.Refer)
            headers = headers.Add(SipHeaderNames.Contact, ContactOf(session.Flow, session.Invite, profile));
        if (request.Method == SipMethod.Invite || request.Method == SipMethod.Update)
        {
            headers = headers.Add(SipHeaderNames.Allow, profile.Allow).Add(SipHeaderNames.Supported, profile.Supported);

            // Who refreshes stays as agreed; said again, because a 2xx without it would switch the timer off (RFC 4028 §7.4).
            if (session.Interval is { } interval)
                headers = headers.Add(SipHeaderNames.SessionExpires, $"{Seconds(interval.Interval)};refresher={(interval.PeerRefreshes ? "uas" : "uac")}");
        }

        headers = request.Headers.Aggregate(headers, (list, field) => list.Add(field.Name, field.Value));
        if (request.ContentType is { } type) headers = headers.Add(SipHeaderNames.ContentType, type);
        return made with { Headers = headers, Body = request.Body };
    }

    private void OnInviteAnswered(SipSession session, SipRequest invite, SipResponse? response, Instant now)
    {
        if (response is { IsSuccess: true }) OnAccepted(session, invite, response, now);
        else if (session.State != SipSessionState.Inviting || !ReferenceEquals(invite, session.Invite)) return;
        else if (response is { IsProvisional: true }) OnProvisional(session, invite, response, now);
        else OnRejected(session, invite, response, now);
        _timers.Note(session);
    }

    private void OnProvisional(SipSession session, SipRequest invite, SipResponse response, Instant now)
    {
        session.ProvisionalSeen = true;
        if (session.IsCancelled)
        {
            SendCancel(session, invite, null, now);
            return;
        }

        if (response.Status == 100 || response.To.Tag is null) return;
        session.Learn(response);
        session.Dialog = EarlyDialogOf(session, response);
        if (IsReliable(response, out var number))
        {
            // A repeated one was acknowledged, one out of order comes again (RFC 3262 §4).
            var last = session.Dialog.RemoteReliableNumber;
            if (last != 0 && number != last + 1) return;
            session.Dialog.RemoteReliableNumber = number;
            TakeAnswer(session, response);
            if (session.Exchange.State != OfferState.Remote) AcknowledgeProvisional(session, response, default, now);
        }

        session.Handler.OnResponse(session, invite, response, now);
    }

    private static bool IsReliable(SipResponse response, out uint number)
    {
        number = 0;
        if (!response.Headers.HasToken(SipHeaderNames.Require, "100rel") || response.Headers.First(SipHeaderNames.RSeq) is not { } text) return false;
        if (!SipGrammar.TryParseNumber(text, uint.MaxValue, out var value) || value == 0) return false;
        number = (uint)value;
        return true;
    }

    /// <summary>What an answer to our first INVITE describes is an answer when we offered, whichever fork it comes from (§13.2.2.4).</summary>
    private static void TakeAnswer(SipSession session, SipResponse response)
    {
        if (session.Exchange.State == OfferState.Local || (session.Exchange.State == OfferState.Idle && !session.Exchange.IsAgreed)) session.Exchange.OnReceived(response);
    }

    private Dialog EarlyDialogOf(SipSession session, SipResponse response)
    {
        if (session.EarlyDialogs.Find(early => early.Id.RemoteTag == response.To.Tag) is { } known)
        {
            known.Refresh(response.Headers);
            return known;
        }

        var dialog = Dialog.AsClient(session.Invite, response);
        session.EarlyDialogs.Add(dialog);
        _dialogs[dialog.Id] = session;
        return dialog;
    }

    private void OnAccepted(SipSession session, SipRequest invite, SipResponse response, Instant now)
    {
        if (session.State is SipSessionState.Accepted or SipSessionState.Confirmed && session.Dialog.Id.RemoteTag == (response.To.Tag ?? ""))
        {
            // Every retransmission of the 200 gets the same ACK again (§13.2.2.4).
            if (session.LastAck is { } ack && ack.CSeq.Number == invite.CSeq.Number) SendDirectly(session, ack);
            return;
        }

        if (session.State != SipSessionState.Inviting || session.IsCancelled)
        {
            EndStray(session, invite, response, now);
            if (session.State == SipSessionState.Inviting) Close(session, SessionEnd.Cancelled, null, now);
            return;
        }

        var dialog = session.EarlyDialogs.Find(early => early.Id.RemoteTag == response.To.Tag) ?? Dialog.AsClient(invite, response);
        dialog.Confirm(response);
        foreach (var early in session.EarlyDialogs) _dialogs.Remove(early.Id);
        session.EarlyDialogs.Clear();
        session.Dialog = dialog;
        _dialogs[dialog.Id] = session;
        session.State = SipSessionState.Accepted;
        session.Learn(response);
        session.Refreshed(SessionInterval.FromAnswer(response), now);
        TakeAnswer(session, response);
        AcknowledgeOrWait(session, response, now);
        session.Handler.OnResponse(session, invite, response, now);
    }

    private void AcknowledgeOrWait(SipSession session, SipResponse success, Instant now)
    {
        session.AwaitsOurAck = success;
        if (session.Exchange.State != OfferState.Remote) Acknowledge(session, default, now);
    }

    /// <summary>A 2xx nobody waits for, of another fork or after a CANCEL: acknowledged, because it would be repeated, and ended (§13.2.2.4).</summary>
    private void EndStray(SipSession session, SipRequest invite, SipResponse response, Instant now)
    {
        var dialog = Dialog.AsClient(invite, response);
        var hop = dialog.NextHop(session.Flow);
        _outputs.Enqueue(SipOutput.Of(hop, dialog.MakeRequest(SipMethod.Ack, hop, newToken(), invite.CSeq.Number)));

        // The CSeq follows from the dialog, so that the BYE to a repeated 2xx is the same request to the peer: 481 at worst.
        var bye = dialog.MakeRequest(SipMethod.Bye, hop, newToken());
        Pump(_transactions.AddClient(new NonInviteClientTransaction(bye, settings.Timers, hop.IsReliable, now), hop, (_, _) => { }), now);
    }

    private void OnRejected(SipSession session, SipRequest invite, SipResponse? response, Instant now)
    {
        if (session.IsCancelled)
        {
            Forget(session);
            session.Handler.OnResponse(session, invite, response, now);
            session.Handler.OnEnded(session, SessionEnd.Cancelled, null, now);
            return;
        }

        if (response is { Status: 401 or 407 } && session.Responder?.Answer(invite, response, newToken()) is { } authorised)
        {
            session.Dialog = Dialog.AsClient(authorised);
            StartInvite(session, authorised, now);
            return;
        }

        if (response is { Status: 422 } && WithLongerInterval(session, invite, response) is { } again)
        {
            StartInvite(session, again, now);
            return;
        }

        // Over before the call layer hears of it: nothing it does then may be said on this dialog.
        Forget(session);
        session.Handler.OnResponse(session, invite, response, now);
        session.Handler.OnEnded(session, SessionEnd.Refused, null, now);
    }

    /// <summary>The INVITE again with the interval the peer wants (RFC 4028 §7.3): the same call, the next CSeq number.</summary>
    private SipRequest? WithLongerInterval(SipSession session, SipRequest invite, SipResponse response)
    {
        if (!invite.Headers.Has(SipHeaderNames.SessionExpires) || ++session.IntervalRetries > MaxIntervalRetries) return null;
        if (response.Headers.First(SipHeaderNames.MinSE) is not { } text || SessionInterval.SecondsOf(text) is not { } minimum) return null;

        var cseq = invite.CSeq with { Number = invite.CSeq.Number + 1 };
        var via = invite.Via with { Parameters = invite.Via.Parameters.With("branch", Via.MagicCookie + newToken()) };
        var again = invite with
        {
            CSeq = cseq, Via = via,
            Headers = invite.Headers.WithTopVia(via).With(SipHeaderNames.CSeq, cseq.ToString())
                .With(SipHeaderNames.SessionExpires, Seconds(minimum)).With(SipHeaderNames.MinSE, Seconds(minimum)),
        };
        session.Dialog = Dialog.AsClient(again);
        return again;
    }

    /// <summary>
    /// Whether an answer to a request inside a dialog is its first final one (null: none came). A repeated 2xx to an INVITE is
    /// acknowledged again (RFC 3261 §13.2.2.4).
    /// </summary>
    private bool TakesFinal(SipSession session, SipRequest request, SipResponse? response)
    {
        var isInvite = request.Method == SipMethod.Invite;
        if (isInvite && response is { IsSuccess: true } && !ReferenceEquals(session.PendingInvite, request))
        {
            if (session.LastAck is { } ack && ack.CSeq.Number == request.CSeq.Number) SendDirectly(session, ack);
            return false;
        }

        if (session.State == SipSessionState.Ended || response is { IsProvisional: true }) return false;
        if (isInvite) session.PendingInvite = null;
        return true;
    }

    private void OnAnsweredInside(SipSession session, SipRequest request, SipResponse? response, Instant now)
    {
        if (!TakesFinal(session, request, response)) return;
        if (response is { IsSuccess: true })
        {
            if (request.Method == SipMethod.Invite || request.Method == SipMethod.Update) OnModified(session, request, response, now);
        }
        else session.Exchange.OnFailed(request);

        session.Handler.OnResponse(session, request, response, now);
        EndWhenUnknown(session, response, now);
        _timers.Note(session);
    }

    private void OnModified(SipSession session, SipRequest request, SipResponse response, Instant now)
    {
        session.Learn(response);
        session.Dialog.Refresh(response.Headers);
        session.Refreshed(SessionInterval.FromAnswer(response), now);
        session.Exchange.OnReceived(response);
        if (request.Method == SipMethod.Invite) AcknowledgeOrWait(session, response, now);
    }

    private void EndWhenUnknown(SipSession session, SipResponse? response, Instant now)
    {
        if (response is { Status: 481 } && session.State != SipSessionState.Ended) Close(session, SessionEnd.Lost, null, now);
    }

    private void Cancel(SipSession session, string? reason, Instant now)
    {
        if (session.IsCancelled) return;
        session.IsCancelled = true;

        // A CANCEL waits for a provisional answer (§9.1); without one the INVITE's own timer ends it.
        if (session.ProvisionalSeen) SendCancel(session, session.Invite, reason, now);
    }

    private void SendCancel(SipSession session, SipRequest invite, string? reason, Instant now)
    {
        var isFirst = ReferenceEquals(invite, session.Invite);
        if (isFirst && session.CancelSent) return;
        var cancel = SipRequests.Cancel(invite);
        if (reason is not null) cancel = cancel with { Headers = cancel.Headers.Add(SipHeaderNames.Reason, reason) };
        var hop = isFirst ? session.Flow : session.Dialog.NextHop(session.Flow);
        Pump(_transactions.AddClient(new NonInviteClientTransaction(cancel, settings.Timers, hop.IsReliable, now), hop, (_, _) => { }), now);
        if (!isFirst) return;
        session.CancelSent = true;
        session.AwaitCancelled(now);
        _timers.Note(session);
    }

    private void Hangup(SipSession session, SessionEnd end, string? reason, Instant now)
    {
        // What waits for our answer in the ACK is acknowledged first, or it would be repeated (§13.2.2.4).
        Acknowledge(session, default, now);
        var bye = Complete(session, new SessionRequest(SipMethod.Bye) { Headers = reason is null ? [] : [new SipHeader(SipHeaderNames.Reason, reason)] });
        Start(session, bye, (response, at) => session.Handler.OnResponse(session, bye, response, at), now);
        Close(session, end, null, now);
    }

    /// <summary>
    /// Refreshes the session when that fell to us (RFC 4028 §7.4): by UPDATE when the peer takes it, else by re-INVITE. A peer
    /// that does not answer keeps its session: live media matters more than the timer.
    /// </summary>
    private void Refresh(SipSession session, Instant now)
    {
        var byUpdate = session.PeerMethods is null || session.PeerAllows(SipMethod.Update);
        var description = byUpdate ? default : session.Handler.DescriptionOf(session);
        if (!byUpdate && (description.IsEmpty || !session.MayOffer)) return;

        var request = Complete(session, SessionRequest.WithDescription(byUpdate ? SipMethod.Update : SipMethod.Invite, description));
        session.Exchange.OnSent(request);
        if (!byUpdate) session.PendingInvite = request;
        Start(session, request, (response, at) => OnRefreshed(session, request, response, at), now);
    }

    private void OnRefreshed(SipSession session, SipRequest request, SipResponse? response, Instant now)
    {
        if (!TakesFinal(session, request, response)) return;
        if (response is { IsSuccess: true }) OnModified(session, request, response, now);
        else
        {
            session.Exchange.OnFailed(request);
            if (response is { Status: 491 }) session.RefreshAgainAt(now + GlareDelay(session));
            if (response is { Status: 422 } && session.Interval is { } interval && SessionInterval.SecondsOf(response.Headers.First(SipHeaderNames.MinSE) ?? "") is { } minimum)
            {
                session.Refreshed(interval with { Interval = minimum }, now);
                session.RefreshAgainAt(now);
            }
        }

        EndWhenUnknown(session, response, now);
        _timers.Note(session);
    }

    /// <summary>How long to wait after 491: 2.1 to 4 s for the owner of the Call-ID, else up to 2 s, in steps of 10 ms (§14.1, RFC 6141).</summary>
    private TimeSpan GlareDelay(SipSession session) => session.IsCaller
        ? TimeSpan.FromMilliseconds(2100 + (10 * Math.Floor(settings.NextRandom() * 191)))
        : TimeSpan.FromMilliseconds(10 * Math.Floor(settings.NextRandom() * 201));

    private void SendAck(SipSession session, SipResponse success, ReadOnlyMemory<byte> sdp)
    {
        var hop = session.Dialog.NextHop(session.Flow);
        var made = session.Dialog.MakeRequest(SipMethod.Ack, hop, newToken(), success.CSeq.Number);

        // The ACK carries the credentials of its INVITE: it cannot be challenged (§22.1).
        var headers = session.Invite.Headers.Where(field => field.Is(SipHeaderNames.Authorization) || field.Is(SipHeaderNames.ProxyAuthorization))
            .Aggregate(made.Headers, (list, field) => list.Add(field.Name, field.Value));
        var ack = made with { Headers = Described(headers, sdp), Body = sdp };
        session.Exchange.OnSent(ack);
        session.LastAck = ack;
        _outputs.Enqueue(SipOutput.Of(hop, ack));
    }

    private void SendDirectly(SipSession session, SipRequest ack) => _outputs.Enqueue(SipOutput.Of(session.Dialog.NextHop(session.Flow), ack));

    private static SipHeaders Described(SipHeaders headers, ReadOnlyMemory<byte> sdp) =>
        sdp.IsEmpty ? headers : headers.Add(SipHeaderNames.ContentType, "application/sdp");
}
