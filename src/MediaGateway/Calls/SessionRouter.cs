using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls.Bridge;
using EdgeAssist.MediaGateway.Calls.Supervisors;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.UserAgent;

namespace EdgeAssist.MediaGateway.Calls;

/// <summary>Says which call layer takes an INVITE: the bridge for trunks that are carried through, else the recording server.</summary>
/// <param name="settings">The trunks.</param>
/// <param name="recording">The recording server.</param>
/// <param name="bridge">The bridge; null when no trunk is inline.</param>
/// <param name="supervisors">Calls supervisors' phones; null where nobody is called.</param>
internal sealed class SessionRouter(RecordingSettings settings, RecordingServer recording, BridgeServer? bridge, SupervisorDesk? supervisors = null) : ISessionHandler
{
    public SessionProfile Profile => SessionProfile.Recording;

    /// <summary>Calls of each trunk now, of both kinds.</summary>
    public TrunkLoad Load => recording.Load;

    /// <summary>When <see cref="OnTime"/> has something to do.</summary>
    public Instant Deadline => Instant.Min(bridge?.Deadline ?? Instant.Never, supervisors?.Deadline ?? Instant.Never);

    public ISessionHandler Select(SipRequest invite, SipFlow flow) =>
        bridge is not null && settings.Trunks.FirstOrDefault(trunk => trunk.Covers(flow)) is { Inline: not null } ? bridge : recording;

    /// <summary>Joins the call layers to signalling. Once, by the owner of both.</summary>
    public void Connect(ISessionControl control, IOutboundFlows flows, Func<string> newToken)
    {
        recording.Control = control;
        if (supervisors is not null)
        {
            supervisors.Connect(new SupervisorDeskLinks(control, flows, newToken, id => bridge?.Find(id) ?? recording.Find(id)));
            recording.CallOver = supervisors.OnCallOver;
        }

        if (bridge is null) return;
        if (supervisors is not null) bridge.CallOver = supervisors.OnCallOver;
        bridge.Load = recording.Load;
        bridge.Connect(control, flows, newToken);
    }

    public void OnTime(Instant now)
    {
        recording.Obey(now);
        bridge?.OnTime(now);
        supervisors?.OnTime(now);
    }

    /// <summary>What others ask of the recorded calls; carried out by <see cref="OnTime"/>.</summary>
    public RecordingControl Wishes => recording.Wishes;

    /// <summary>What supervisors ask for; carried out by <see cref="OnTime"/>. Null where nobody is called.</summary>
    public SupervisorControl? Supervisors => supervisors?.Control;

    /// <summary>Ends calls whose media stopped without a word. Called now and then by the signalling loop.</summary>
    public void EndSilent(Instant now) => recording.EndSilent(now);

    /// <summary>Completes when every ended call has left analysis, or was let go.</summary>
    public Task WhenClosedAsync() => Task.WhenAll(recording.WhenClosedAsync(), bridge?.WhenClosedAsync() ?? Task.CompletedTask, supervisors?.WhenClosedAsync() ?? Task.CompletedTask);

    public SessionDecision OnInvite(SipSession session, SipRequest invite, Instant now) => recording.OnInvite(session, invite, now);

    public SessionDecision OnModify(SipSession session, SipRequest request, Instant now) => recording.OnModify(session, request, now);

    public void OnAck(SipSession session, SipRequest ack, Instant now) => recording.OnAck(session, ack, now);

    public void OnEnded(SipSession session, SessionEnd end, SipRequest? bye, Instant now) => recording.OnEnded(session, end, bye, now);
}
