using EdgeAssist.AlertRelay.Fanout;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.Policy;
using EdgeAssist.AlertRelay.State;

namespace EdgeAssist.AlertRelay.Grpc;

/// <summary>Alerts as a principal with a filter sees them. No change of an alert is ever left out.</summary>
internal sealed class AlertView(V1.AlertFilter filter, Principal principal) : IStreamView
{
    // Who the rota asks is a matter of the person, not of what they may see.
    public string Key { get; } = "alerts\u001c" + FilterKey.Of(filter) + "\u001c" + principal.ScopeKey + (filter.AssignedToMe ? "\u001e" + principal.Subject : "");

    public bool Matches(V1.Alert alert) =>
        principal.Covers(alert.Team, alert.Agent)
        && (filter.Teams.Count == 0 || filter.Teams.Contains(alert.Team))
        && (filter.Agents.Count == 0 || filter.Agents.Contains(alert.Agent))
        && (filter.CallIds.Count == 0 || filter.CallIds.Contains(alert.CallId))
        && alert.Level >= filter.MinLevel
        && (filter.IncludeSuppressed || alert.SuppressedBy.Length == 0)
        && (!filter.AssignedToMe || alert.AssignedTo.Contains(principal.Subject) || alert.Holder == principal.Subject
            || alert.Receipts.Any(receipt => receipt.Subject == principal.Subject));

    /// <summary>It exists for this principal, if they look for it once its call has ended.</summary>
    public bool Finds(V1.Alert alert) => Matches(alert) && SilentCalls.Finds(alert, principal);

    public V1.Alert Show(V1.Alert alert) => principal.SeesPersonal ? alert : Redaction.Hide(alert);

    public Frame? Project(RelayEvent relayEvent)
    {
        if (relayEvent.Alert is not { Change: not V1.AlertChange.Told } change || !Matches(change.Alert)) return null;
        if (relayEvent.IsWithheld)
        {
            if (SilentCalls.OnStreams(change) is not { } told) return null;
            change = told;
        }

        return new Frame(relayEvent, EncodedEvent.Of(principal.SeesPersonal ? change : Redaction.Hide(change)), ReplacedBy: "");
    }
}
