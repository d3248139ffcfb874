using System.Globalization;
using System.Text;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls.Bridge;
using EdgeAssist.MediaGateway.Diagnostics;
using EdgeAssist.MediaGateway.Sdp;
using EdgeAssist.MediaGateway.Sdp.OfferAnswer;
using EdgeAssist.MediaGateway.Sip.Auth;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Parsing;
using EdgeAssist.MediaGateway.Sip.UserAgent;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.MediaGateway.Calls.Supervisors;

/// <summary>
/// Calls supervisors' phones and puts them on calls. Called by the signalling loop only. A phone that fails in any way ends its
/// intervention and nothing else: the call's own dialogs are touched by a take-over alone.
/// </summary>
/// <param name="settings">Phones and rules.</param>
/// <param name="gateway">Of the gateway.</param>
/// <param name="relay">Gives the relay when a fork is first listened to: its threads run only where they are needed.</param>
/// <param name="control">Orders in, reports out.</param>
/// <param name="time">The clocks.</param>
/// <param name="metrics">Counts what does not close.</param>
/// <param name="logger">For steps.</param>
internal sealed class SupervisorDesk(
    SupervisionSettings settings, RecordingSettings gateway, Func<IMediaRelay> relay, SupervisorControl control, TimeProvider time, GatewayMetrics metrics, ILogger<SupervisorDesk> logger)
    : ISessionHandler
{
    private const int MaxRemembered = 256;

    /// <summary>How long an ended intervention is still reported, for a relay that was away.</summary>
    private static readonly TimeSpan s_memory = TimeSpan.FromMinutes(10);

    /// <summary>How often the media of phones is looked at.</summary>
    private static readonly TimeSpan s_watch = TimeSpan.FromSeconds(1);

    /// <summary>A phone whose address refuses our packets, and that sends none, is gone after this.</summary>
    private static readonly TimeSpan s_unreachable = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, Intervention> _interventions = new(StringComparer.Ordinal);
    private readonly Dictionary<SipSession, Intervention> _bySession = [];
    private readonly CallClosings _closings = new(time, gateway.CloseTimeout, metrics, logger);
    private SupervisorDeskLinks? _links;
    private Instant _nextWatch = Instant.Never;
    private bool _isChanged;

    public SessionProfile Profile => SessionProfile.Supervisor;

    public SupervisorControl Control => control;

    /// <summary>When <see cref="OnTime"/> has something to do.</summary>
    public Instant Deadline => _bySession.Values.Aggregate(_nextWatch, (first, one) => Instant.Min(first, one.RingsUntil));

    private SupervisorDeskLinks Links => _links ?? throw new InvalidOperationException("The desk is not connected to signalling.");

    /// <summary>Joins the desk to signalling. Once, by the owner of both.</summary>
    public void Connect(SupervisorDeskLinks links) => _links = links;

    public CallCapabilities? CapabilitiesOf(CallId call, string supervisor) =>
        Links.Find(call) is { } found ? SupervisorRules.Of(found, settings, supervisor) : null;

    /// <summary>Calls the phone; it is put on the call when it answers.</summary>
    public ControlAnswer Join(InterventionOrder order, Instant now)
    {
        if (_interventions.TryGetValue(order.Id, out var known)) return new ControlAnswer(known.Report);
        if (Links.Find(order.Call) is not { } call) return Refuse(order, "no_such_call", "The call is over, or this gateway does not carry it.");
        if (_interventions.Values.Any(other => !other.IsOver && other.Order.Call == order.Call)) return Refuse(order, "supervised", "Somebody is on this call already.");
        SipUri? wish = null;
        if (order.Phone.Length > 0 && !SipUriParser.TryParse(order.Phone, out wish)) return Refuse(order, "no_phone", "The phone is not a SIP URI, for example sip:sue@192.0.2.7.");
        if (SupervisorRules.Of(call, settings, order.Supervisor, wish).Of(order.Mode) is { IsPossible: false } against) return Refuse(order, against.WhyNot, against.Sentence);
        if (order.Mode == InterventionMode.TakeOver) return Refuse(order, "mode", "A call is taken over by a supervisor who is on it: join first.");

        var (phone, address) = settings.PhoneOf(order.Supervisor, wish)!.Value;
        var place = phone.PlaceOf(address)!;
        return Links.Flows.To(place.Transport, place.EndPoint, place.Domain) is { } flow
            ? Place(order, call, phone, address, flow, now)
            : Refuse(order, "no_route", $"This gateway does not listen on {place.Transport}: nothing of it reaches your phone.");
    }

    /// <summary>Changes the mode; a take-over completes when the phone has taken the call.</summary>
    public Task<ControlAnswer> ChangeAsync(string id, InterventionMode mode, Instant now)
    {
        if (!_interventions.TryGetValue(id, out var one)) return Task.FromResult(Unknown());
        if (WhyNotChange(one, mode) is { } refusal) return Task.FromResult(refusal);
        if (mode == InterventionMode.TakeOver) return BeginTakeOver(one, now);
        Become(one, mode, "order", now);
        return Task.FromResult(new ControlAnswer(one.Report));
    }

    public ControlAnswer Leave(string id, Instant now)
    {
        if (!_interventions.TryGetValue(id, out var one)) return Unknown();
        if (!one.IsOver) End(one, "left", now);
        return new ControlAnswer(one.Report);
    }

    /// <summary>A call is over, and with it whoever was on it.</summary>
    public void OnCallOver(CallId call, Instant now)
    {
        foreach (var one in _interventions.Values.Where(one => !one.IsOver && one.Order.Call == call).ToList()) End(one, "call_ended", now);
    }

    public SessionDecision OnInvite(SipSession session, SipRequest invite, Instant now) => new() { Status = 481 };   // phones are called, they do not call

    public SessionDecision OnModify(SipSession session, SipRequest request, Instant now)
    {
        if (!_bySession.TryGetValue(session, out var one)) return new SessionDecision { Status = 481 };
        if (one.TakingOver is not null) return new SessionDecision { Status = 491 };
        if (RecordingBody.Read(request, out var body) is { } fault) return fault.Refusal;
        if (body.Sdp is null) return SessionDecision.Accept(request.Method == SipMethod.Invite ? one.Description.Last : default);
        if (one.Description.Read(body.Sdp) is not { } side) return SessionDecision.Reject(488, "one audio line with a codec and a protection of the first offer");
        one.Describe(side);
        return SessionDecision.Accept(one.Description.Answer(side));
    }

    public SessionDecision OnRequest(SipSession session, SipRequest request, Instant now)
    {
        if (request.Method == SipMethod.Info && _bySession.TryGetValue(session, out var one) && KeyIn(request) is { } key) OnKey(one, key, now);
        return request.Method == SipMethod.Info || request.Method == SipMethod.Options ? new SessionDecision { Status = 200 } : new SessionDecision { Status = 405 };
    }

    public void OnAck(SipSession session, SipRequest ack, Instant now)
    {
        // Carries the answer where a re-INVITE of the phone left the offer to us.
        if (_bySession.TryGetValue(session, out var one) && RecordingBody.Read(ack, out var body) is null && body.Sdp is { } sdp && one.Description.Read(sdp) is { } side) one.Describe(side);
    }

    public void OnResponse(SipSession session, SipRequest request, SipResponse? response, Instant now)
    {
        if (!_bySession.TryGetValue(session, out var one)) return;
        if (one.TakingOver is not null && request.Method == SipMethod.Invite) OnTakeOverAnswered(one, request, response, now);
        else if (!one.IsAnswered && request.Method == SipMethod.Invite) OnAnswered(one, response, now);
    }

    public ReadOnlyMemory<byte> DescriptionOf(SipSession session) => _bySession.TryGetValue(session, out var one) ? one.Description.Last : default;

    public void OnEnded(SipSession session, SessionEnd end, SipRequest? bye, Instant now)
    {
        if (!_bySession.Remove(session, out var one) || one.IsOver) return;
        var status = one.LastAnswer is { IsFinal: true } answer ? answer.Status : 0;
        var (cause, sip) = end switch
        {
            SessionEnd.Bye => ("phone_hung_up", 0),
            SessionEnd.Refused => (CauseOf(status), status == 0 ? 408 : status),
            SessionEnd.Local => ("gateway_stopped", 0),
            _ => ("phone_lost", 0),
        };
        Finish(one, cause, sip, now);
    }

    public void OnTime(Instant now)
    {
        while (control.TryTake(out var order)) order!(this, now);
        foreach (var one in _bySession.Values.Where(one => one.RingsUntil <= now).ToList()) End(one, "no_answer", now, 487);
        if (_nextWatch <= now) Watch(now);
        if (!_isChanged) return;
        _isChanged = false;
        control.Publish([.. _interventions.Values.Select(one => one.Report)]);
    }

    /// <summary>Completes when the ports of all phones are given back.</summary>
    public Task WhenClosedAsync() => _closings.WhenIdleAsync();

    private ControlAnswer Place(InterventionOrder order, SupervisedCall call, SupervisorPhone phone, SipUri address, SipFlow flow, Instant now)
    {
        var isMixed = call.IsMixable;
        var protection = new MediaProtection(phone.Srtp, flow.Transport == SipTransport.Tls);
        var wishesProtection = call.Bridged?.Media.Audio is { } line && (line.IsProtected(RelaySide.Caller) || line.IsProtected(RelaySide.Callee));
        var description = new SupervisorDescription(
            ClockAnchor.Read(time).ToWall(now).ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture),
            gateway.MediaAddress ?? flow.Local.Address,
            isMixed ? SupervisorDescription.ForMixing(call.Codec, phone.Codecs) : SupervisorDescription.ForListening(phone.Codecs),
            protection.Offers(wishesProtection),
            phone.LearnPort);
        var whisperTo = call.AgentSide ?? RelaySide.Callee;
        var plan = new SupervisorPlan
        {
            Side = description.Unanswered, Mode = SupervisionMode.Listen, WhisperTo = whisperTo,
            KeyPressed = key => control.Post((desk, at) => desk.OnKey(order.Id, key, at)),
        };
        if ((isMixed ? call.Stream!.TryAttach(plan) : relay().TryListen(call.Heard, plan)) is not { } leg) return Refuse(order, "no_port", "No RTP port is free, or somebody is on this call already.");

        var invite = SupervisorInvite.Make(address, flow, order.Id, settings.SessionExpires, description.Write(leg.LocalEndPoint.Port), Links.NewToken);
        var session = Links.Control.Call(this, invite, flow, now, phone.Identity is { } identity ? new DigestClient(identity, Links.NewToken) : null);
        var one = new Intervention(order, phone, description, leg) { Session = session, WhisperTo = whisperTo, PlaysTone = settings.PlaysTone, RingsUntil = now + settings.RingTime };
        Forget(now);
        _interventions[order.Id] = one;
        _bySession[session] = one;
        Note(one, InterventionPhase.Calling, "order", now);
        return new ControlAnswer(one.Report);
    }

    private void OnAnswered(Intervention one, SipResponse? response, Instant now)
    {
        one.LastAnswer = response;
        if (response is { IsProvisional: true })
        {
            if (response.Status != 100 && one.Phase == InterventionPhase.Calling) Note(one, InterventionPhase.Ringing, "ringing", now, response.Status);
            return;
        }

        if (response is not { IsSuccess: true }) return;   // the end of the session follows and says why
        if (RecordingBody.Read(response, out var body) is not null || body.Sdp is not { } sdp || one.Description.Read(sdp) is not { } side)
        {
            End(one, "media", now, 488);
            return;
        }

        one.Answer(side, now);
        if (_nextWatch.IsNever) _nextWatch = now + s_watch;
        Note(one, Intervention.PhaseOf(one.Mode), "answered", now, response.Status);
    }

    private ControlAnswer? WhyNotChange(Intervention one, InterventionMode mode)
    {
        if (one.IsOver) return ControlAnswer.Refused("ended", "The intervention is over.");
        if (!one.IsAnswered) return ControlAnswer.Refused("phone_not_answered", "Your phone has not answered yet.");
        if (one.Phase == InterventionPhase.TakenOver) return mode == InterventionMode.TakeOver ? new ControlAnswer(one.Report) : ControlAnswer.Refused("taken_over", "You have taken the call over: the agent is gone.");
        if (one.TakingOver is not null && mode != InterventionMode.TakeOver) return ControlAnswer.Refused("media_change", "The call is being taken over.");
        if (Links.Find(one.Order.Call) is not { } call) return ControlAnswer.Refused("no_such_call", "The call is over.");
        return SupervisorRules.Of(call, settings, one.Order.Supervisor).Modes[(int)mode] is { IsPossible: false, WhyNot: not ("no_phone" or "no_route") } against
            ? ControlAnswer.Refused(against.WhyNot, against.Sentence)
            : null;
    }

    private void Become(Intervention one, InterventionMode mode, string cause, Instant now)
    {
        if (one.Mode == mode) return;
        one.Become(mode);
        Note(one, Intervention.PhaseOf(mode), cause, now);
    }

    private Task<ControlAnswer> BeginTakeOver(Intervention one, Instant now)
    {
        if (one.TakingOver is { } under) return under.Task;
        if (one.Side!.Direction != SdpDirection.SendRecv) return Task.FromResult(ControlAnswer.Refused("phone_on_hold", "Your phone holds the call."));
        if (one.Leg.Statistics.PacketsReceived == 0) return Task.FromResult(ControlAnswer.Refused("phone_silent", "Nothing is heard from your phone yet; the customer would be left alone."));
        var call = Links.Find(one.Order.Call)!;
        var protection = new MediaProtection(one.Phone.Srtp, one.Session.Flow.Transport == SipTransport.Tls);
        if (!call.Bridged!.BeginTakeOver(call.AgentSide!.Value, one.Session, one.Description.Origin, protection, now))
            return Task.FromResult(ControlAnswer.Refused("media_change", "The call is in the middle of a change of its media. Try again."));
        one.TakingOver = new TaskCompletionSource<ControlAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        return one.TakingOver.Task;
    }

    private void OnTakeOverAnswered(Intervention one, SipRequest request, SipResponse? response, Instant now)
    {
        if (response is { IsProvisional: true } || Links.Find(one.Order.Call)?.Bridged is not { } bridged || !bridged.IsTakeOver(request)) return;
        var waiting = one.TakingOver!;
        one.TakingOver = null;
        if (!bridged.CompleteTakeOver(response, one.Session.Invite.To, now))
        {
            if (response is not { IsSuccess: true })
            {
                waiting.TrySetResult(ControlAnswer.Refused("phone_refused", $"Your phone did not take the call ({response?.Status.ToString(CultureInfo.InvariantCulture) ?? "no answer"}). You are on it as before."));
                return;
            }

            // With its 2xx the phone has left the line it had (RFC 3264 §8): there is no «as before» to go back to.
            waiting.TrySetResult(ControlAnswer.Refused("media", "Your phone took the call without an audio line that can be used, and was hung up. The agent is on the call as before; join again."));
            End(one, "media", now, 488);
            return;
        }

        // The dialog is the bridge's from here on, and so is the media.
        _bySession.Remove(one.Session);
        _closings.Add(one.Order.Call, _ => one.Leg.DisposeAsync().AsTask());
        Note(one, InterventionPhase.TakenOver, "order", now);
        waiting.TrySetResult(new ControlAnswer(one.Report));
    }

    private void OnKey(string id, char key, Instant now)
    {
        if (_interventions.TryGetValue(id, out var one)) OnKey(one, key, now);
    }

    private void OnKey(Intervention one, char key, Instant now)
    {
        if (!settings.KeyPad || key is < '1' or > '3') return;
        var mode = (InterventionMode)(key - '1');
        if (WhyNotChange(one, mode) is null) Become(one, mode, "key", now);
    }

    private static char? KeyIn(SipRequest info)
    {
        if (info.Headers.First(SipHeaderNames.ContentType)?.StartsWith("application/dtmf-relay", StringComparison.OrdinalIgnoreCase) != true || info.Body.Length > 256) return null;
        foreach (var line in Encoding.ASCII.GetString(info.Body.Span).Split('\n', StringSplitOptions.TrimEntries))
            if (line.StartsWith("Signal=", StringComparison.OrdinalIgnoreCase) && line.Length > 7) return line[7..].TrimStart() is [var key, ..] ? key : null;
        return null;
    }

    /// <summary>Ends phones that are gone without a word. A held phone owes nothing.</summary>
    private void Watch(Instant now)
    {
        _nextWatch = Instant.Never;
        foreach (var one in _bySession.Values.Where(one => one.IsAnswered && !one.IsOver).ToList())
        {
            _nextWatch = now + s_watch;
            if (one.Side!.Direction is not (SdpDirection.SendRecv or SdpDirection.SendOnly)) continue;
            var counts = one.Leg.Statistics;
            var silent = now - (counts.LastPacketAt.IsNever ? one.AnsweredAt : counts.LastPacketAt);
            if ((counts.Unreachable > 0 && silent >= s_unreachable) || (settings.PhoneTimeout is { } limit && silent >= limit)) End(one, "phone_lost", now);
        }
    }

    /// <summary>Ends an intervention from our side: CANCEL or BYE to the phone. After a take-over the call ends with it.</summary>
    private void End(Intervention one, string cause, Instant now, int status = 0)
    {
        Finish(one, cause, status, now);
        Links.Control.End(one.Session, SessionEnd.Local, now);
    }

    private void Finish(Intervention one, string cause, int status, Instant now)
    {
        one.End(now);
        Note(one, InterventionPhase.Ended, cause, now, status);
        one.TakingOver?.TrySetResult(ControlAnswer.Refused("ended", "The intervention ended before your phone took the call."));
        one.TakingOver = null;
        _closings.Add(one.Order.Call, _ => one.Leg.DisposeAsync().AsTask());
    }

    private void Note(Intervention one, InterventionPhase phase, string cause, Instant now, int status = 0)
    {
        one.Step(new InterventionStep(phase, ClockAnchor.Read(time).ToWall(now), cause, status));
        SupervisorLog.Step(logger, one.Order.Id, one.Order.Call, phase, cause);
        _isChanged = true;
    }

    private void Forget(Instant now)
    {
        var old = _interventions.Values.Where(one => one.IsOver).OrderBy(one => one.EndedAt).ToList();
        foreach (var one in old.Where((one, index) => now - one.EndedAt > s_memory || old.Count - index > MaxRemembered)) _interventions.Remove(one.Order.Id);
    }

    private ControlAnswer Refuse(InterventionOrder order, string whyNot, string sentence)
    {
        SupervisorLog.Refused(logger, order.Id, order.Call, whyNot);
        return ControlAnswer.Refused(whyNot, sentence);
    }

    private static ControlAnswer Unknown() => ControlAnswer.Refused("no_such_intervention", "This gateway knows of no such intervention.");

    private static string CauseOf(int status) => status switch
    {
        486 or 600 => "busy",
        0 or 503 => "unreachable",
        408 or 480 or 487 => "no_answer",
        _ => "refused",
    };
}

/// <summary>What the desk asks of others.</summary>
/// <param name="Control">Signalling.</param>
/// <param name="Flows">Ways to phones.</param>
/// <param name="NewToken">Tokens for tags, branches and Call-IDs.</param>
/// <param name="Find">A live call of this gateway; null when there is none of that id.</param>
internal sealed record SupervisorDeskLinks(ISessionControl Control, IOutboundFlows Flows, Func<string> NewToken, Func<CallId, SupervisedCall?> Find);
