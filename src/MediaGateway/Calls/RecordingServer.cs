using System.Collections.Immutable;
using System.Globalization;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls.Supervisors;
using EdgeAssist.MediaGateway.Diagnostics;
using EdgeAssist.MediaGateway.Sdp.OfferAnswer;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.UserAgent;
using EdgeAssist.MediaGateway.Siprec;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.MediaGateway.Calls;

/// <summary>
/// The recording server (RFC 7866): turns sessions into calls. Called by the signalling loop only; answers at once, because
/// nothing it does waits.
/// </summary>
internal sealed class RecordingServer(
    RecordingSettings settings, IMediaTransport transport, ICallAudioSink sink, TimeProvider time, GatewayMetrics metrics, ILogger<RecordingServer> logger)
    : ISessionHandler
{
    private readonly Dictionary<SipSession, RecordedCall> _calls = [];
    private readonly List<(SipSession Session, RecordedCall Call)> _asking = [];
    private readonly CallClosings _closings = new(time, settings.CloseTimeout, metrics, logger);
    private readonly ImmutableArray<MediaFormat> _ownFormats = OwnFormats(transport.Codecs);
    private static readonly SessionDecision s_notRecording = SessionDecision.Reject(421, "only recording sessions are served here") with
    {
        Headers = [new SipHeader(SipHeaderNames.Require, "siprec")],
    };

    /// <summary>Signalling, for what the call layer starts by itself. Set once by the owner of both.</summary>
    public ISessionControl? Control { get; set; }

    /// <summary>What others ask of the calls; carried out by <see cref="Obey"/>.</summary>
    public RecordingControl Wishes { get; } = new();

    public int CallCount => _calls.Count;

    /// <summary>Told of every call that is over.</summary>
    public Action<CallId, Instant> CallOver { get; set; } = (_, _) => { };

    /// <summary>A live call, as a supervisor can hear it.</summary>
    public SupervisedCall? Find(CallId id) => _calls.Values.FirstOrDefault(call => call.Info.Id == id) is not { } found ? null : new SupervisedCall
    {
        Info = found.Info, Heard = [.. found.Media.Lines.Select(line => line.Media.Audio)],
    };

    /// <summary>Calls of each trunk now.</summary>
    public TrunkLoad Load { get; } = new();

    public SessionDecision OnInvite(SipSession session, SipRequest invite, Instant now)
    {
        var source = session.Flow.Remote.Address;
        var trunk = settings.Trunks.FirstOrDefault(candidate => candidate.Covers(session.Flow));
        if (trunk is null) return Refuse(SessionDecision.Reject(403, "this source is on no trunk"));
        if (trunk.Refuse != 0) return Refuse(SessionDecision.Reject(trunk.Refuse, "calls of this trunk are not recorded"));
        if (Read(invite, trunk, out var body) is { } fault) return Refuse(fault.Refusal);
        if (trunk.IsStrict && RecordingSigns.Of(invite, body) != RecordingSign.Require) return Refuse(s_notRecording);

        var address = settings.MediaAddress ?? session.Flow.Local.Address;
        // The message came a moment ago: its wall-clock time is worked out, not read, else the first call is off by its own set-up.
        var origin = new ClockAnchor(now, ClockAnchor.Read(time).ToWall(now));
        var sessionId = origin.Wall.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        var call = new RecordedCall(CallId.From(Guid.CreateVersion7(origin.Wall)), settings.GatewayName, trunk, invite,
            new CallMedia(transport, now, address, sessionId, new MediaProtection(trunk.Srtp, session.Flow.Transport == SipTransport.Tls)), origin);
        var decision = call.Start(body, source, _ownFormats, sink);
        if (decision.Status >= 300)
        {
            _closings.Add(call, CallEndReason.Lost);
            return Refuse(decision);
        }

        _calls.Add(session, call);
        Load.Enter(trunk);
        metrics.CallStarted();
        if (body.MetadataError != MetadataError.None) NoteRefusedMetadata(call, body.MetadataError);
        CallLog.Started(logger, call.Info.Id, trunk.Name, call.Info.Legs.Length, call.Dialect?.ToString() ?? "none", call.Profile.Name,
            string.Join(", ", call.Info.Legs.Select(leg => leg.Role)));
        return decision;
    }

    public SessionDecision OnModify(SipSession session, SipRequest request, Instant now)
    {
        if (!_calls.TryGetValue(session, out var call)) return new SessionDecision { Status = 481 };
        if (Read(request, call.Trunk, out var body) is { } fault) return Refuse(fault.Refusal);

        var decision = call.Modify(request, body, session.Flow.Remote.Address, now);
        if (body.MetadataError != MetadataError.None) NoteRefusedMetadata(call, body.MetadataError);
        DisposeEnded(call);
        if (request.Method == SipMethod.Update && call.WantsSnapshot) _asking.Add((session, call));   // not before the answer to this one is out
        return decision;
    }

    public void OnAck(SipSession session, SipRequest ack, Instant now)
    {
        if (!_calls.TryGetValue(session, out var call)) return;
        RecordingBody.Read(ack, out var body);   // an ACK has no answer: what it fails to say counts as not said
        var goesOn = call.Acknowledge(body, session.Flow.Remote.Address, now);
        DisposeEnded(call);
        if (!goesOn) Control?.End(session, SessionEnd.Refused, now);
        else AskForSnapshot(session, call, now);
    }

    public void OnEnded(SipSession session, SessionEnd end, SipRequest? bye, Instant now)
    {
        if (!_calls.Remove(session, out var call)) return;
        Load.Leave(call.Trunk);
        CallOver(call.Info.Id, now);
        if (bye is not null && RecordingBody.Read(bye, out var body) is null) call.Learn(body);

        var statistics = call.Media.Lines.Select(line => line.Media.Statistics).ToList();
        metrics.CallEnded(end);
        CallLog.Ended(logger, call.Info.Id, end.ToString(), (now - call.Info.Origin).TotalSeconds,
            statistics.Sum(leg => leg.Packets), statistics.Sum(leg => leg.Lost));
        _closings.Add(call, end switch
        {
            SessionEnd.Bye or SessionEnd.Cancelled => CallEndReason.Hangup,
            SessionEnd.Local => CallEndReason.Shutdown,
            _ => CallEndReason.Timeout,
        });
    }

    public SessionDecision OnRequest(SipSession session, SipRequest request, Instant now)
    {
        if (request.Method != SipMethod.Info || !_calls.TryGetValue(session, out var call)) return new SessionDecision { Status = 200 };

        // RFC 6086 §4.2.2: no package was agreed on. INFO without one, as for key presses, is older than packages and taken.
        if (request.Headers.Has("Info-Package")) return SessionDecision.Reject(469, "no info package is taken here") with { Headers = [new SipHeader("Recv-Info", "")] };
        if (call.Profile.ActionOf(request) is { } action) Change(call, action);
        return new SessionDecision { Status = 200 };
    }

    /// <summary>Carries out what <see cref="Wishes"/> holds and asks for what is missing. Called by the signalling loop after each message.</summary>
    public void Obey(Instant now)
    {
        foreach (var (session, call) in _asking) AskForSnapshot(session, call, now);
        _asking.Clear();
        while (Wishes.TryTake(out var wish))
        {
            var call = _calls.Values.FirstOrDefault(candidate => candidate.Info.Id == wish!.Call);
            if (call is not null && wish!.Action is { } action) Change(call, action);
            wish!.Done.TrySetResult(call is not null && (wish.Action is not null || call.Correct(wish.Leg, wish.Role)));
        }
    }

    /// <summary>Ends calls whose media stopped without a word. Called now and then by the signalling loop.</summary>
    public void EndSilent(Instant now)
    {
        foreach (var (session, call) in _calls.Where(pair => pair.Value.IsSilent(now, settings.MediaTimeout)).ToList())
        {
            CallLog.Silent(logger, call.Info.Id, settings.MediaTimeout.TotalSeconds);
            Control?.End(session, SessionEnd.Expired, now);
        }
    }

    /// <summary>Completes when every ended call has left analysis, or was let go.</summary>
    public Task WhenClosedAsync() => _closings.WhenIdleAsync();

    /// <summary>Reads a body as its trunk wants: what a strict one refuses, a lenient one counts.</summary>
    private BodyFault? Read(SipRequest request, Trunk trunk, out RecordingBody body)
    {
        var fault = RecordingBody.Read(request, out body);
        if (fault is not null) return fault;
        if (trunk.IsStrict) return body.StrictFault();
        if (body.UnknownParts > 0)
        {
            metrics.PartsIgnored(body.UnknownParts);
            CallLog.PartsIgnored(logger, trunk.Name, body.UnknownParts);
        }

        return null;
    }

    private void Change(RecordedCall call, RecordingAction action)
    {
        if (call.Control(action)) CallLog.RecordingChanged(logger, call.Info.Id, call.Recording);
    }

    private SessionDecision Refuse(SessionDecision decision)
    {
        CallLog.Refused(logger, decision.Status, decision.Reason ?? "");
        return decision;
    }

    private void NoteRefusedMetadata(RecordedCall call, MetadataError error)
    {
        metrics.MetadataRefused(error);
        CallLog.MetadataRefused(logger, call.Info.Id, error);
    }

    private void DisposeEnded(RecordedCall call)
    {
        foreach (var leg in call.Media.TakeEnded()) _closings.Add(leg, call.Info.Id);
    }

    private void AskForSnapshot(SipSession session, RecordedCall call, Instant now)
    {
        if (!call.WantsSnapshot || now - call.SnapshotAskedAt < settings.SnapshotInterval) return;
        var allowed = session.Invite.Headers.Values(SipHeaderNames.Allow);
        if (!allowed.IsEmpty && !allowed.Contains(SipMethod.Update.Name)) return;

        call.WantsSnapshot = false;
        call.SnapshotAskedAt = now;
        CallLog.SnapshotAsked(logger, call.Info.Id);
        Control?.Update(session, SnapshotRequest.ContentType, SnapshotRequest.Disposition, SnapshotRequest.Document, now);
    }

    /// <summary>What we offer when the client leaves the offer to us: the static payload types among our codecs, and DTMF.</summary>
    private static ImmutableArray<MediaFormat> OwnFormats(ImmutableArray<string> codecs)
    {
        MediaFormat[] known = [new(0, "PCMU", 8000, 1, ""), new(8, "PCMA", 8000, 1, ""), new(9, "G722", 8000, 1, "")];
        return
        [
            .. known.Where(format => codecs.Contains($"{format.EncodingName}/8000", StringComparer.OrdinalIgnoreCase)),
            new MediaFormat(101, "telephone-event", 8000, 1, "0-16"),
        ];
    }
}
