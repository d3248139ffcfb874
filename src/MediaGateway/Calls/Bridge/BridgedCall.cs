using System.Collections.Immutable;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sdp;
using EdgeAssist.MediaGateway.Sdp.OfferAnswer;
using EdgeAssist.MediaGateway.Sip.Auth;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.UserAgent;

namespace EdgeAssist.MediaGateway.Calls.Bridge;

/// <summary>
/// One call carried through: what one leg says is said on the other, in that leg's own dialog. Every rule of one dialog
/// (retransmission, glare, timers) is the user agent core's; here is only what joins the two. Belongs to the signalling loop.
/// </summary>
internal sealed class BridgedCall(
    BridgeContext context, InlineTrunk trunk, HeaderPolicy headers, SipSession caller, ImmutableArray<RouteTarget> targets, BridgeMedia media, BridgeParties parties)
{
    private BridgeLeg _caller = new(RelaySide.Caller) { Session = caller, StartedAt = parties.Info.Origin };
    private BridgeLeg _callee = new(RelaySide.Callee);
    private readonly List<Forwarded> _forwarded = [];
    private SipResponse? _offerInProvisional;   // of the callee: its answer comes in the caller's PRACK
    private BridgeLeg? _awaitsAnswerInAck;      // the leg whose ACK answers the other's offer
    private ReadOnlyMemory<byte> _offer;
    private int _attempt;
    private bool _progressed;
    private bool _isOver;
    private TakeOver? _takeOver;

    public BridgeParties Parties => parties;

    public BridgeMedia Media => media;

    public BridgeLeg Caller => _caller;

    public BridgeLeg Callee => _callee;

    public string Target { get; private set; } = "";

    public required Trunk Trunk { get; init; }

    /// <summary>Exempt from admission and never analysed.</summary>
    public bool IsEmergency { get; init; }

    public bool IsAnswered { get; private set; }

    /// <summary>Both legs have ended.</summary>
    public bool IsFinished => _isOver && _caller.IsEnded && (_callee.Session is null || _callee.IsEnded);

    /// <summary>When the next target is asked, because this one is silent.</summary>
    public Instant Deadline { get; private set; } = Instant.Never;

    /// <summary>Whether a session is one of this call's legs; that of a target given up is not.</summary>
    public BridgeLeg? LegOf(SipSession session) => session == _caller.Session ? _caller : session == _callee.Session ? _callee : null;

    /// <summary>Sends the call to the first target that can be reached.</summary>
    /// <param name="offer">What the callee is offered; empty leaves the offer to it.</param>
    /// <param name="now">Now.</param>
    public SessionDecision Place(ReadOnlyMemory<byte> offer, Instant now)
    {
        _offer = offer;
        return TryNextTarget(now) ? SessionDecision.Later : Unreachable();
    }

    /// <summary>The target is silent: the next one is asked.</summary>
    public void OnTime(Instant now)
    {
        if (Deadline > now) return;
        Deadline = Instant.Never;
        if (_progressed || _caller.IsEnded || _attempt >= targets.Length) return;

        context.Failed.Note(targets[_attempt - 1], now);
        var silent = _callee.Session!;
        _callee.Session = null;
        context.Control.End(silent, SessionEnd.Local, now);
        if (!TryNextTarget(now)) AnswerCaller(Unreachable(), now);
    }

    public void OnResponse(BridgeLeg leg, SipRequest request, SipResponse? response, Instant now)
    {
        if (leg == _callee && !IsAnswered && request.Method == SipMethod.Invite) OnCalleeAnswered(request, response, now);
        else if (response is not { IsProvisional: true } && _forwarded.Find(entry => entry.Sent.CSeq == request.CSeq && entry.To == leg) is { } forwarded)
        {
            _forwarded.Remove(forwarded);
            OnForwardedAnswered(forwarded, response, now);
        }
    }

    public SessionDecision OnModify(BridgeLeg from, SipRequest request, Instant now)
    {
        if (!TryReadSdp(request, out var description, out var refusal)) return refusal!;
        Learn(from, request);

        // A refresh of one leg's session timer is that leg's own matter.
        if (description is null && request.Method == SipMethod.Update) return new SessionDecision { Status = 200 };
        if (description is not null && media.IsRepeated(description, from.Side)) return SessionDecision.Accept(media.LastTold(from.Side));
        return ForwardOffer(from, request, description, now);
    }

    public SessionDecision OnPrack(BridgeLeg from, SipRequest prack, Instant now)
    {
        if (!TryReadSdp(prack, out var description, out var refusal)) return refusal!;
        if (_offerInProvisional is { } provisional && _callee.Session is { } callee)
        {
            _offerInProvisional = null;
            if (description is null) return SessionDecision.Reject(488, "the offer in the provisional response was not answered");
            if (!media.TryAnswer(description, from.Side, out var agreed)) return NotAsOffered();
            context.Control.AcknowledgeProvisional(callee, provisional, agreed, now);
            return new SessionDecision { Status = 200 };
        }

        return description is null ? new SessionDecision { Status = 200 } : ForwardOffer(from, prack, description, now);
    }

    public void OnModifyCancelled(BridgeLeg from, SipRequest request, Instant now)
    {
        if (_forwarded.Find(entry => entry.Request == request) is { To.Session: { } session }) context.Control.CancelModify(session, now);
    }

    public void OnAck(BridgeLeg from, SipRequest ack, Instant now)
    {
        if (_awaitsAnswerInAck != from) return;
        _awaitsAnswerInAck = null;
        var other = Other(from);
        if (TryReadSdp(ack, out var description, out _) && description is not null && other.Session is { } session
            && media.TryAnswer(description, from.Side, out var told)) context.Control.Acknowledge(session, told, now);
        else EndBoth(SessionEnd.Refused, "SIP;cause=488;text=\"the offer was not answered\"", now);
    }

    /// <summary>INFO, REFER, NOTIFY, MESSAGE, OPTIONS.</summary>
    public SessionDecision OnRequest(BridgeLeg from, SipRequest request, Instant now)
    {
        if (request.Method == SipMethod.Options) return new SessionDecision { Status = 200 };
        if (request.Method == SipMethod.Refer && trunk.Refer == ReferMode.Refuse) return SessionDecision.Reject(403, "transfers are not made here");
        if (Other(from) is not { Session: { State: SipSessionState.Confirmed or SipSessionState.Accepted } session } other)
            return SessionDecision.Reject(480, "the other side is not there yet");

        var sent = context.Control.Send(session, new SessionRequest(request.Method)
        {
            Headers = [.. headers.Pass(request), .. context.Transfers.Translate(request)],
            ContentType = request.Headers.First(SipHeaderNames.ContentType),
            Body = request.Body,
        }, now);
        _forwarded.Add(new Forwarded(from, request, other, sent));
        return SessionDecision.Later;
    }

    /// <summary>A leg ended: the other one is ended too, with the reason that came.</summary>
    public void OnEnded(BridgeLeg leg, SessionEnd end, SipRequest? last, Instant now)
    {
        leg.Finish(end, last, now);
        if (leg == _callee && !IsAnswered && end is SessionEnd.Refused or SessionEnd.Cancelled && !_caller.IsEnded) return;   // said by its answer
        EndBoth(SessionEnd.Local, leg.Reason.Length > 0 ? leg.Reason : ReasonOf(end), now);
    }

    /// <summary>Ends the call when a side whose media is due has sent none for the trunk's time; a hold is no fault.</summary>
    public void CheckMedia(Instant now)
    {
        if (!IsAnswered || _isOver || trunk.MediaTimeout is not { } limit || media.Audio is not { } line) return;
        foreach (var leg in (ReadOnlySpan<BridgeLeg>)[_caller, _callee])
        {
            if (line.Stream.Statistics(leg.Side).SilentFor < limit) continue;
            var reason = $"Q.850;cause=102;text=\"no media from the {(leg == _caller ? "caller" : "callee")}\"";
            _caller.EndsFor(reason);
            _callee.EndsFor(reason);
            EndBoth(SessionEnd.Expired, reason, now);
            return;
        }
    }

    /// <summary>
    /// Offers a phone that we called the place of a leg, by re-INVITE in its own dialog. The call goes on as it is until the phone
    /// answers; changes of its media get 491 meanwhile.
    /// </summary>
    /// <param name="side">Whose place.</param>
    /// <param name="phone">The dialog with the phone, confirmed.</param>
    /// <param name="last">The o= line of our last description in it.</param>
    /// <param name="protection">What is offered to and taken from the phone.</param>
    /// <param name="now">Now.</param>
    /// <returns>False when the call or the phone is in the middle of a change, or not answered, or over.</returns>
    public bool BeginTakeOver(RelaySide side, SipSession phone, SdpOrigin last, MediaProtection protection, Instant now)
    {
        if (!IsAnswered || _isOver || _takeOver is not null || !phone.MayOffer || _awaitsAnswerInAck is not null || _forwarded.Exists(entry => entry.IsOffer)) return false;
        var offer = media.OfferReplacement(side, last, protection);
        if (offer.IsEmpty) return false;
        _takeOver = new TakeOver(side, phone, context.Control.Send(phone, SessionRequest.WithDescription(SipMethod.Invite, offer), now));
        return true;
    }

    /// <summary>Whether a request is the one that offers the call to a phone.</summary>
    public bool IsTakeOver(SipRequest request) => _takeOver is { } offered && offered.Offer.CSeq == request.CSeq && offered.Offer.CallId == request.CallId;

    /// <summary>
    /// The phone answered: it is a leg of the call from here on, and the leg whose place it took gets BYE. The other leg hears of
    /// nothing: its stream goes on.
    /// </summary>
    /// <param name="response">The phone's final answer; null when there is none.</param>
    /// <param name="party">The phone.</param>
    /// <param name="now">Now.</param>
    /// <returns>False when the phone did not take it: the call is as it was.</returns>
    public bool CompleteTakeOver(SipResponse? response, NameAddress party, Instant now)
    {
        if (_takeOver is not { } offered) return false;
        _takeOver = null;
        SessionDescription? answer = null;
        if (response is { IsSuccess: true }) TryReadSdp(response, out answer, out _);
        if (_isOver || !media.TryReplace(answer)) return false;

        var leaving = offered.Side == RelaySide.Caller ? _caller : _callee;
        leaving.Note(media, now);
        var taking = new BridgeLeg(offered.Side) { Session = offered.Phone, StartedAt = now };
        taking.Answered(response!.Status, now);
        if (offered.Side == RelaySide.Caller) _caller = taking;
        else _callee = taking;
        leaving.EndsFor("SIP;cause=200;text=\"taken over by a supervisor\"");
        leaving.Finish(SessionEnd.Local, null, now);
        parties.TakenOver(offered.Side, new Party(party.Address, party.DisplayName));
        context.TakenOver(this, leaving, taking, now);
        context.Control.End(leaving.Session!, SessionEnd.Local, now, leaving.Reason);
        context.Changed(this);
        return true;
    }

    /// <summary>Ends what is left of the call.</summary>
    public void EndBoth(SessionEnd end, string? reason, Instant now)
    {
        if (!_isOver)
        {
            _isOver = true;
            Deadline = Instant.Never;
            _caller.Note(media, now);
            _callee.Note(media, now);
            media.EndAll();
        }

        foreach (var leg in (ReadOnlySpan<BridgeLeg>)[_caller, _callee])
            if (leg is { IsEnded: false, Session: { } session }) context.Control.End(session, end, now, reason);
    }

    private bool TryNextTarget(Instant now)
    {
        while (_attempt < targets.Length)
        {
            var target = targets[_attempt++];
            if (context.Flows.To(target.Transport, target.EndPoint, target.Domain) is not { } flow) continue;
            var invite = OutgoingInvite.Make(
                caller.Invite, target, flow, trunk, [.. headers.Pass(caller.Invite), .. context.Transfers.Translate(caller.Invite)], _offer, context.NewToken);
            Target = target.HostPort;
            _callee.StartedAt = now;
            context.Loops.Add(invite);
            _callee.Session = context.Control.Call(
                context.Handler, invite, flow, now, trunk.Identity is { } identity ? new DigestClient(identity, context.NewToken) : null);
            context.Placed(this, _callee.Session, _attempt);
            if (_attempt < targets.Length) Deadline = now + trunk.TargetTimeout;
            return true;
        }

        return false;
    }

    private static SessionDecision Unreachable() => SessionDecision.Reject(503, "no target of the route can be reached") with
    {
        Headers = [new SipHeader(SipHeaderNames.RetryAfter, "10")],
    };

    private void OnCalleeAnswered(SipRequest invite, SipResponse? response, Instant now)
    {
        if (response is not null) _progressed = true;
        NoteTarget(response, now);
        if (response is { IsProvisional: true }) OnProgress(response, now);
        else if (response is { IsSuccess: true }) OnAnswer(response, now);
        else OnFailure(invite, response, now);
    }

    /// <summary>Silence, a connection that does not open and 503 are failures of the place (RFC 3263 §4.3); any other answer shows that it works.</summary>
    private void NoteTarget(SipResponse? response, Instant now)
    {
        if (response is null or { Status: 503 }) context.Failed.Note(targets[_attempt - 1], now);
        else context.Failed.Clear(targets[_attempt - 1]);
    }

    private void OnProgress(SipResponse response, Instant now)
    {
        Deadline = Instant.Never;
        Learn(_callee, response);
        var decision = new SessionDecision { Status = response.Status, Headers = headers.Pass(response) };
        if (!TryReadSdp(response, out var description, out _) || description is null)
        {
            context.Control.Answer(caller, caller.Invite, decision, now);
            return;
        }

        ReadOnlyMemory<byte> told;
        if (!_offer.IsEmpty)
        {
            if (!media.TryAnswer(description, RelaySide.Callee, out told)) told = default;   // the final answer decides; until then nothing is heard
        }
        else if (_callee.Session!.Exchange.State != OfferState.Remote) told = default;   // an offer nobody could answer yet
        else
        {
            if (media.Offer(description, RelaySide.Callee, out told) != OfferOutcome.Taken)
            {
                RefuseCallee(SessionDecision.Reject(488, "no usable media line"), now);
                return;
            }

            _offerInProvisional = response;
        }

        decision = decision with { ContentType = told.IsEmpty ? null : "application/sdp", Body = told, Reliable = !told.IsEmpty };
        context.Control.Answer(caller, caller.Invite, decision, now);
    }

    private void OnAnswer(SipResponse response, Instant now)
    {
        Deadline = Instant.Never;
        IsAnswered = true;
        Learn(_callee, response);
        _callee.Answered(response.Status, now);
        if (!TryReadSdp(response, out var description, out var refusal))
        {
            RefuseCallee(refusal!, now);
            return;
        }

        ReadOnlyMemory<byte> told = default;
        if (description is not null && !_offer.IsEmpty)
        {
            if (!media.TryAnswer(description, RelaySide.Callee, out told))
            {
                RefuseCallee(NotAsOffered(), now);
                return;
            }
        }
        else if (description is not null && _callee.Session!.AwaitsOurAck is not null)
        {
            if (media.Offer(description, RelaySide.Callee, out told) != OfferOutcome.Taken)
            {
                RefuseCallee(SessionDecision.Reject(488, "no usable media line"), now);
                return;
            }

            _awaitsAnswerInAck = _caller;
        }

        _caller.Answered(response.Status, now);
        context.Control.Answer(caller, caller.Invite, SessionDecision.Accept(told) with { Headers = headers.Pass(response) }, now);
        context.Answered(this, now);
    }

    /// <summary>The callee took the call with something we cannot use: both are told.</summary>
    private void RefuseCallee(SessionDecision decision, Instant now)
    {
        AnswerCaller(decision, now);
        EndBoth(SessionEnd.Refused, $"SIP;cause={decision.Status}", now);
    }

    private void OnFailure(SipRequest invite, SipResponse? response, Instant now)
    {
        _callee.Status = response?.Status ?? 408;
        if (response is null or { Status: 408 or 500 or 502 or 503 or 504 } && !_caller.IsEnded && !_isOver)
        {
            var failed = _callee.Session;
            Deadline = Instant.Never;
            if (TryNextTarget(now)) return;
            _callee.Session = failed;
        }

        media.RollBack();
        AnswerCaller(CauseMap.Refusal(response, headers), now);
    }

    private void AnswerCaller(SessionDecision decision, Instant now)
    {
        _caller.Status = decision.Status;
        context.Control.Answer(caller, caller.Invite, decision, now);
    }

    /// <summary>Passes an offer on: as it came, or by UPDATE where a re-INVITE is not possible yet, or the other way round (RFC 3311 §5.1).</summary>
    private SessionDecision ForwardOffer(BridgeLeg from, SipRequest request, SessionDescription? offer, Instant now)
    {
        var other = Other(from);
        if (other.Session is not { } session || session.State == SipSessionState.Ended) return new SessionDecision { Status = 481 };

        // The other side is in the middle of an exchange of its own: that one goes first.
        if (!session.MayOffer || _awaitsAnswerInAck is not null || _takeOver is not null) return new SessionDecision { Status = 491 };
        var isEarly = session.State is SipSessionState.Inviting or SipSessionState.Proceeding;
        if (isEarly && !session.PeerAllows(SipMethod.Update)) return SessionDecision.Reject(488, "the other side takes no change before it is answered");

        ReadOnlyMemory<byte> told = default;
        if (offer is not null && media.Offer(offer, from.Side, out told) is var outcome and not OfferOutcome.Taken) return CauseMap.Refusal(outcome);
        var isUpdate = isEarly || (request.Method == SipMethod.Update && session.PeerAllows(SipMethod.Update));
        var change = SessionRequest.WithDescription(isUpdate ? SipMethod.Update : SipMethod.Invite, told) with { Headers = headers.Pass(request) };
        _forwarded.Add(new Forwarded(from, request, other, context.Control.Send(session, change, now)) { IsOffer = true });
        return SessionDecision.Later;
    }

    private void OnForwardedAnswered(Forwarded forwarded, SipResponse? response, Instant now)
    {
        if (forwarded.From.Session is not { } session) return;
        var decision = response is { IsSuccess: true } ? Accepted(forwarded, response, now) : CauseMap.InsideDialog(response, headers);
        if (decision.Status >= 300 && forwarded.IsOffer) media.RollBack();
        context.Control.Answer(session, forwarded.Request, decision, now);
        if (forwarded.IsOffer && decision.Status < 300) context.Changed(this);
    }

    private SessionDecision Accepted(Forwarded forwarded, SipResponse response, Instant now)
    {
        Learn(forwarded.To, response);
        if (!forwarded.IsOffer)
        {
            return new SessionDecision
            {
                Status = response.Status, Headers = headers.Pass(response), ContentType = response.Headers.First(SipHeaderNames.ContentType), Body = response.Body,
            };
        }

        if (!TryReadSdp(response, out var description, out var refusal) || description is null)
            return refusal ?? SessionDecision.Reject(488, "the other side answered without a description");

        // A re-INVITE without a description asked for an offer: its answer comes in the ACK.
        ReadOnlyMemory<byte> told;
        if (OfferExchange.HasDescription(forwarded.Request))
            return media.TryAnswer(description, forwarded.To.Side, out told) ? SessionDecision.Accept(told) : NotAsOffered();
        if (media.Offer(description, forwarded.To.Side, out told) is var outcome and not OfferOutcome.Taken)
        {
            context.Control.Acknowledge(forwarded.To.Session!, default, now);
            return CauseMap.Refusal(outcome);
        }

        _awaitsAnswerInAck = forwarded.From;
        return SessionDecision.Accept(told);
    }

    /// <summary>An answer that takes away the protection it was offered, or brings another.</summary>
    private static SessionDecision NotAsOffered() => SessionDecision.Reject(488, "media was not protected as it was offered");

    private void Learn(BridgeLeg leg, SipMessage message)
    {
        if (parties.Learn(leg.Side, message)) context.Changed(this);
    }

    private BridgeLeg Other(BridgeLeg leg) => leg == _caller ? _callee : _caller;

    private static bool TryReadSdp(SipMessage message, out SessionDescription? description, out SessionDecision? refusal)
    {
        refusal = RecordingBody.Read(message, out var body)?.Refusal;
        description = body.Sdp;
        return refusal is null;
    }

    private static string? ReasonOf(SessionEnd end) => end switch
    {
        SessionEnd.NoAck or SessionEnd.Expired => "SIP;cause=408",
        SessionEnd.Lost => "SIP;cause=481",
        _ => null,
    };

    /// <summary>A phone was offered a leg's place.</summary>
    private sealed record TakeOver(RelaySide Side, SipSession Phone, SipRequest Offer);

    /// <summary>A request passed on whose answer is still to come back.</summary>
    private sealed record Forwarded(BridgeLeg From, SipRequest Request, BridgeLeg To, SipRequest Sent)
    {
        /// <summary>It changes the session.</summary>
        public bool IsOffer { get; init; }
    }
}
