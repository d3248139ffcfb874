using EdgeAssist.AlertRelay.Fanout;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.State;

namespace EdgeAssist.AlertRelay.Grpc;

/// <summary>Alerts as a principal with a filter sees them. No change of an alert is ever left out.</summary>
internal sealed class AlertView(V1.AlertFilter filter, Principal principal) : IStreamView
{
    public string Key { get; } = "alerts\u001c" + FilterKey.Of(filter) + "\u001c" + principal.ScopeKey;

    public bool Matches(V1.Alert alert) =>
        principal.Covers(alert.Team, alert.Agent)
        && (filter.Teams.Count == 0 || filter.Teams.Contains(alert.Team))
        && (filter.Agents.Count == 0 || filter.Agents.Contains(alert.Agent))
        && (filter.CallIds.Count == 0 || filter.CallIds.Contains(alert.CallId))
        && alert.Level >= filter.MinLevel;

    public V1.Alert Show(V1.Alert alert) => principal.SeesPersonal ? alert : Redaction.Hide(alert);

    public Frame? Project(RelayEvent relayEvent) => relayEvent.Alert is { } change && Matches(change.Alert)
        ? new Frame(relayEvent, principal.SeesPersonal ? change : Redaction.Hide(change), ReplacedBy: "")
        : null;
}
