using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls.Supervisors;
using EdgeAssist.MediaGateway.Diagnostics;
using EdgeAssist.MediaGateway.Sdp.OfferAnswer;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.UserAgent;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.MediaGateway.Calls.Bridge;

/// <summary>Finds the way to a peer. Implemented by the owner of the sockets.</summary>
internal interface IOutboundFlows
{
    /// <summary>The flow to a peer, over a connection that is there or will be opened; null when nothing of ours reaches it.</summary>
    /// <param name="transport">Transport.</param>
    /// <param name="remote">Its address.</param>
    /// <param name="domain">The domain whose server it is, which its certificate must prove on TLS; empty for the address itself.</param>
    SipFlow? To(SipTransport transport, IPEndPoint remote, string domain = "");
}

/// <summary>What a bridged call asks of its owner.</summary>
internal sealed class BridgeContext
{
    public required ISessionControl Control { get; init; }

    public required ISessionHandler Handler { get; init; }

    public required IOutboundFlows Flows { get; init; }

    public required Func<string> NewToken { get; init; }

    public required LoopGuard Loops { get; init; }

    public required TransferMap Transfers { get; init; }

    public required FailedTargets Failed { get; init; }

    /// <summary>The call was sent to a target.</summary>
    public required Action<BridgedCall, SipSession, int> Placed { get; init; }

    public required Action<BridgedCall, Instant> Answered { get; init; }

    /// <summary>A participant or the media changed.</summary>
    public required Action<BridgedCall> Changed { get; init; }

    /// <summary>A leg took the place of another, whose session is about to end.</summary>
    public required Action<BridgedCall, BridgeLeg, BridgeLeg, Instant> TakenOver { get; init; }
}

/// <summary>
/// The back-to-back user agent (RFC 7092): carries calls of inline trunks through, relays their media and gives a copy of it
/// to analysis. Called by the signalling loop only; nothing it does waits, and nothing behind the fork can reach the call.
/// </summary>
internal sealed class BridgeServer(
    RecordingSettings settings, IMediaRelay relay, ICallAudioSink sink, CallRecords records, TimeProvider time, GatewayMetrics metrics, ILogger<BridgeServer> logger)
    : ISessionHandler
{
    /// <summary>How often the media of calls is looked at.</summary>
    private static readonly TimeSpan s_watch = TimeSpan.FromSeconds(1);

    private readonly Dictionary<SipSession, BridgedCall> _bySession = [];
    private readonly HashSet<BridgedCall> _calls = [];
    private readonly HashSet<BridgedCall> _dialling = [];   // not answered yet: the only ones with a deadline
    private readonly HashSet<BridgedCall> _watched = [];    // answered calls of trunks with a limit on silence
    private readonly Dictionary<BridgedCall, AnalysisFeed> _feeds = [];
    private readonly Dictionary<InlineTrunk, HeaderPolicy> _policies = [];
    private readonly CallClosings _closings = new(time, settings.CloseTimeout, metrics, logger);
    private readonly LoopGuard _loops = new();
    private readonly TransferMap _transfers = new();
    private readonly FailedTargets _failed = new();
    private BridgeContext? _context;
    private Instant _nextWatch = Instant.Never;

    public SessionProfile Profile => SessionProfile.Bridge;

    public int CallCount => _calls.Count;

    /// <summary>Told of every call that is over.</summary>
    public Action<CallId, Instant> CallOver { get; set; } = (_, _) => { };

    /// <summary>A live call, as a supervisor can be put on it.</summary>
    public SupervisedCall? Find(CallId id) => _calls.FirstOrDefault(call => call.Parties.Info.Id == id) is not { } found ? null : new SupervisedCall
    {
        Info = found.Parties.Info,
        Bridged = found,
        Heard = found is { IsEmergency: false, Media.Audio: { } line } ? [line.Stream.Audio(RelaySide.Caller), line.Stream.Audio(RelaySide.Callee)] : [],
    };

    /// <summary>Calls of each trunk now; the recording server's own when both share the trunks.</summary>
    public TrunkLoad Load { get; set; } = new();

    /// <summary>When <see cref="OnTime"/> has something to do.</summary>
    public Instant Deadline => _dialling.Aggregate(_watched.Count > 0 ? _nextWatch : Instant.Never, (first, call) => Instant.Min(first, call.Deadline));

    /// <summary>Joins the server to signalling. Once, by the owner of both.</summary>
    public void Connect(ISessionControl control, IOutboundFlows flows, Func<string> newToken) => _context = new BridgeContext
    {
        Control = control, Handler = this, Flows = flows, NewToken = newToken, Loops = _loops, Transfers = _transfers, Failed = _failed,
        Placed = OnPlaced, Answered = OnAnswered, Changed = OnChanged, TakenOver = OnTakenOver,
    };

    public bool IsExempt(SipRequest invite, SipFlow flow) => TrunkOf(flow)?.Inline?.IsEmergency(invite) == true;

    public SessionDecision OnInvite(SipSession session, SipRequest invite, Instant now)
    {
        var trunk = TrunkOf(session.Flow)!;
        var inline = trunk.Inline!;
        if (invite.Headers.First(SipHeaderNames.MaxForwards) is { } hops && int.TryParse(hops, NumberStyles.None, CultureInfo.InvariantCulture, out var left) && left == 0)
            return Refuse(new SessionDecision { Status = 483 });
        if (_loops.IsOurs(invite)) return Refuse(new SessionDecision { Status = 482 });
        if (inline.RouteOf(InlineTrunk.Called(invite)) is not { } route) return Refuse(SessionDecision.Reject(404, "no route leads there"));
        if (RecordingBody.Read(invite, out var body) is { } fault) return Refuse(fault.Refusal);

        var call = MakeCall(session, trunk, inline, route, now);
        ReadOnlyMemory<byte> offer = default;
        if (body.Sdp is { } sdp && call.Media.Offer(sdp, RelaySide.Caller, out offer) is var outcome and not OfferOutcome.Taken)
        {
            DisposeEnded(call);
            return Refuse(CauseMap.Refusal(outcome));
        }

        _calls.Add(call);
        _bySession[session] = call;
        _transfers.Add(call, call.Caller);
        Load.Enter(trunk);
        metrics.CallStarted();
        var decision = call.Place(offer, now);
        if (decision.Status >= 300)
        {
            call.Caller.Status = decision.Status;
            call.OnEnded(call.Caller, SessionEnd.Refused, null, now);
            Release(call, session, now);
        }

        return decision;
    }

    public SessionDecision OnModify(SipSession session, SipRequest request, Instant now) =>
        Find(session, out var leg) is { } call ? call.OnModify(leg!, request, now) : new SessionDecision { Status = 481 };

    public SessionDecision OnRequest(SipSession session, SipRequest request, Instant now) =>
        Find(session, out var leg) is { } call ? call.OnRequest(leg!, request, now) : new SessionDecision { Status = 481 };

    public SessionDecision OnPrack(SipSession session, SipRequest prack, Instant now) =>
        Find(session, out var leg) is { } call ? call.OnPrack(leg!, prack, now) : new SessionDecision { Status = 481 };

    public void OnModifyCancelled(SipSession session, SipRequest request, Instant now) => Find(session, out var leg)?.OnModifyCancelled(leg!, request, now);

    public void OnAck(SipSession session, SipRequest ack, Instant now) => Find(session, out var leg)?.OnAck(leg!, ack, now);

    public void OnResponse(SipSession session, SipRequest request, SipResponse? response, Instant now)
    {
        if (Find(session, out var leg) is not { } call) return;
        call.OnResponse(leg!, request, response, now);
        DisposeEnded(call);
    }

    public ReadOnlyMemory<byte> DescriptionOf(SipSession session) => Find(session, out var leg)?.Media.LastTold(leg!.Side) ?? default;

    public void OnEnded(SipSession session, SessionEnd end, SipRequest? bye, Instant now)
    {
        _loops.Remove(session.Invite);
        _transfers.Remove(session.Dialog.Id.CallId);
        if (!_bySession.TryGetValue(session, out var call)) return;
        if (call.LegOf(session) is { } leg) call.OnEnded(leg, end, bye, now);
        Release(call, session, now);
    }

    public void OnTime(Instant now)
    {
        if (_watched.Count > 0 && _nextWatch <= now)
        {
            _nextWatch = now + s_watch;
            foreach (var call in _watched.ToList()) call.CheckMedia(now);
        }

        if (_dialling.Count == 0) return;
        foreach (var call in _dialling.Where(call => call.Deadline <= now).ToList()) call.OnTime(now);
    }

    /// <summary>Completes when every ended call has left analysis, or was let go.</summary>
    public Task WhenClosedAsync() => _closings.WhenIdleAsync();

    private BridgedCall MakeCall(SipSession session, Trunk trunk, InlineTrunk inline, Route route, Instant now)
    {
        var origin = new ClockAnchor(now, ClockAnchor.Read(time).ToWall(now));
        var isEmergency = inline.IsEmergency(session.Invite);
        if (isEmergency) BridgeLog.Emergency(logger, trunk.Name);
        var parties = new BridgeParties(CallId.From(Guid.CreateVersion7(origin.Wall)), settings.GatewayName, trunk, inline.CallerRole, session.Invite, origin);
        var ours = settings.MediaAddress ?? session.Flow.Local.Address;
        var targets = _failed.Order(route, now);
        var theirs = settings.MediaAddress ?? (targets is [var first, ..] ? _context!.Flows.To(first.Transport, first.EndPoint, first.Domain)?.Local.Address : null) ?? ours;
        var media = new BridgeMedia(relay, new BridgeMediaPlan(
            now, ours, theirs, origin.Wall.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture), inline.PassOtherMedia, Fork: !isEmergency, inline.LearnPort,
            ProtectionsOf(session, trunk, targets)));
        if (!_policies.TryGetValue(inline, out var policy)) _policies[inline] = policy = new HeaderPolicy(inline.PassHeaders, inline.OwnRealm);
        return new BridgedCall(_context!, inline, policy, session, targets, media, parties) { Trunk = trunk, IsEmergency = isEmergency };
    }

    /// <summary>
    /// The caller's by its own trunk, the callee's by the trunk that has its address, else by the caller's. Keys go only to targets
    /// all of which are reached over TLS, unless the trunk allows otherwise: the offer is the same for each.
    /// </summary>
    private Protections ProtectionsOf(SipSession caller, Trunk trunk, ImmutableArray<RouteTarget> targets)
    {
        var callee = targets.Select(target => settings.Trunks.FirstOrDefault(
            other => !other.Peers.IsEmpty && other.CoversAddress(target.EndPoint.Address, target.Transport == SipTransport.Tls)) ?? trunk).FirstOrDefault() ?? trunk;
        return new Protections(
            new MediaProtection(trunk.Srtp, caller.Flow.Transport == SipTransport.Tls),
            new MediaProtection(callee.Srtp, !targets.IsEmpty && targets.All(target => target.Transport == SipTransport.Tls)));
    }

    private void OnPlaced(BridgedCall call, SipSession callee, int attempt)
    {
        _bySession[callee] = call;
        _dialling.Add(call);
        _transfers.Add(call, call.Callee);
        call.Parties.Correlate(callee.Invite.CallId);
        BridgeLog.Placed(logger, call.Parties.Info.Id, call.Parties.Info.Trunk, call.Target, attempt);
    }

    private void OnAnswered(BridgedCall call, Instant now)
    {
        _dialling.Remove(call);
        if (call.Trunk.Inline!.MediaTimeout is not null)
        {
            if (_watched.Count == 0) _nextWatch = now + s_watch;
            _watched.Add(call);
        }

        call.Parties.SpeaksCodec(call.Media.Audio?.Codec ?? "");
        var info = call.Parties.Info;
        BridgeLog.Answered(logger, info.Id, (now - info.Origin).TotalSeconds, info.Legs[0].Codec, string.Join(", ", info.Legs.Select(leg => leg.Role)));
        if (call.IsEmergency || call.Media.Audio is not { } line) return;
        var feed = new AnalysisFeed(sink, info, metrics, logger);
        _feeds[call] = feed;
        feed.AddLeg(info.Legs[0], line.Stream.Audio(RelaySide.Caller));
        feed.AddLeg(info.Legs[1], line.Stream.Audio(RelaySide.Callee));
    }

    private void OnTakenOver(BridgedCall call, BridgeLeg leaving, BridgeLeg taking, Instant now)
    {
        taking.Session!.Handler = this;
        _bySession[taking.Session] = call;
        _transfers.Add(call, taking);
        records.Write(call, leaving, now);
        BridgeLog.TakenOver(logger, call.Parties.Info.Id);
    }

    private void OnChanged(BridgedCall call)
    {
        call.Parties.SpeaksCodec(call.Media.Audio?.Codec ?? "");
        if (_feeds.TryGetValue(call, out var feed)) feed.Update(call.Parties.Info);
        DisposeEnded(call);
    }

    private BridgedCall? Find(SipSession session, out BridgeLeg? leg)
    {
        leg = null;
        if (!_bySession.TryGetValue(session, out var call)) return null;
        leg = call.LegOf(session);
        return leg is null ? null : call;
    }

    /// <summary>Lets a session go, and the call with its last one.</summary>
    private void Release(BridgedCall call, SipSession session, Instant now)
    {
        _bySession.Remove(session);
        DisposeEnded(call);
        if (!call.IsFinished || !_calls.Remove(call)) return;

        CallOver(call.Parties.Info.Id, now);
        _dialling.Remove(call);
        _watched.Remove(call);
        Load.Leave(call.Trunk);
        metrics.CallEnded(call.Caller.End);
        records.Write(call, now);
        BridgeLog.Ended(logger, call.Parties.Info.Id, call.Caller.End.ToString(), call.Caller.Status, (now - call.Parties.Info.Origin).TotalSeconds,
            call.Caller.Media.PacketsReceived, call.Callee.Media.PacketsReceived);
        if (_feeds.Remove(call, out var feed))
        {
            var reason = call.Caller.EndedByPeer || call.Callee.EndedByPeer ? CallEndReason.Hangup
                : call.Caller.End == SessionEnd.Local ? CallEndReason.Shutdown : CallEndReason.Timeout;
            _closings.Add(call.Parties.Info.Id, token => feed.CloseAsync(reason, token));
        }
    }

    private void DisposeEnded(BridgedCall call)
    {
        foreach (var stream in call.Media.TakeEnded()) _closings.Add(call.Parties.Info.Id, _ => stream.DisposeAsync().AsTask());
    }

    private Trunk? TrunkOf(SipFlow flow) => settings.Trunks.FirstOrDefault(trunk => trunk.Covers(flow));

    private SessionDecision Refuse(SessionDecision decision)
    {
        BridgeLog.Refused(logger, decision.Status, decision.Reason ?? "");
        return decision;
    }
}
