using EdgeAssist.AlertRelay.Fanout;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.Policy;
using EdgeAssist.AlertRelay.State;

namespace EdgeAssist.AlertRelay.Grpc;

/// <summary>Calls as a principal with a filter sees them. Partials and scores give way to newer ones for a slow reader.</summary>
internal sealed class CallView(V1.CallFilter filter, Principal principal) : IStreamView
{
    public string Key { get; } = "calls\u001c" + FilterKey.Of(filter) + "\u001c" + principal.ScopeKey;

    public bool Matches(string callId, string team, string agent) =>
        principal.Covers(team, agent)
        && (filter.Teams.Count == 0 || filter.Teams.Contains(team))
        && (filter.Agents.Count == 0 || filter.Agents.Contains(agent))
        && (filter.CallIds.Count == 0 || filter.CallIds.Contains(callId));

    public bool Matches(V1.Call call) => Matches(call.CallId, call.Team, call.Agent);

    public V1.Call Show(V1.Call call)
    {
        var shown = SilentCalls.Show(call, principal);
        return principal.SeesPersonal ? shown : Redaction.Hide(shown);
    }

    public V1.CallDetail Show(V1.CallDetail detail)
    {
        detail = SilentCalls.Show(detail, principal);
        if (!principal.SeesPersonal) detail.Call = Redaction.Hide(detail.Call);
        if (!filter.FinalsOnly) return detail;
        for (var i = detail.Transcript.Count - 1; i >= 0; i--)
        {
            if (!detail.Transcript[i].Final) detail.Transcript.RemoveAt(i);
        }

        return detail;
    }

    public Frame? Project(RelayEvent relayEvent)
    {
        if (relayEvent.Call is not { } change) return null;
        if (!Matches(relayEvent.CallId, relayEvent.Team, relayEvent.Agent)) return Leaving(relayEvent);
        if (filter.FinalsOnly && relayEvent.Offset == 0) return null;
        if (relayEvent.IsWithheld)
        {
            if (SilentCalls.OnStreams(change) is not { } told) return null;
            change = told;
        }

        var message = EncodedEvent.Of(principal.SeesPersonal ? change : Redaction.Hide(change));
        return relayEvent.Kind switch
        {
            JournalKind.Score => new Frame(relayEvent, message, "score\u001f" + relayEvent.CallId),

            // A final voids the partial before it, and is never voided itself.
            JournalKind.Transcript => new Frame(relayEvent, message, relayEvent.Offset == 0 ? PartialKey(change) : "") { Voids = PartialKey(change) },
            _ => new Frame(relayEvent, message, ""),
        };
    }

    /// <summary>The end of sight, when an update takes a call that was seen out of it.</summary>
    public Frame? Leaving(RelayEvent relayEvent) =>
        relayEvent.Call is { } change && !Matches(relayEvent.CallId, relayEvent.Team, relayEvent.Agent) && HasLeft(change, relayEvent) ? Revoked(relayEvent) : null;

    // An update that takes the call out of sight is told, without what it says.
    private bool HasLeft(V1.CallEvent change, RelayEvent relayEvent) =>
        (change.LeftTeam.Length > 0 || change.LeftAgent.Length > 0)
        && Matches(
            relayEvent.CallId,
            change.LeftTeam.Length > 0 ? change.LeftTeam : relayEvent.Team,
            change.LeftAgent.Length > 0 ? change.LeftAgent : relayEvent.Agent);

    private static Frame Revoked(RelayEvent relayEvent) =>
        new(relayEvent, new V1.Revoked { CallId = relayEvent.CallId, Offset = relayEvent.Offset }, "");

    private static string PartialKey(V1.CallEvent change) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"partial\u001f{change.Transcript.Leg}\u001f{change.CallId}");
}
