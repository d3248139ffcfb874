namespace EdgeAssist.AlertRelay.Rules;

/// <summary>What a person can do with an alert.</summary>
internal enum AlertAction
{
    Claim,
    Renew,
    Release,
    Escalate,
    Acknowledge,
    Resolve,
    Dismiss,
}

/// <summary>Which action fits which state, and what it makes of the alert. A state on disk is the journal's newest word.</summary>
internal static class AlertLifecycle
{
    public static V1.AlertChange Change(this AlertAction action) => action switch
    {
        AlertAction.Claim or AlertAction.Renew => V1.AlertChange.Claimed,
        AlertAction.Escalate => V1.AlertChange.Escalated,
        AlertAction.Release => V1.AlertChange.Released,
        AlertAction.Acknowledge => V1.AlertChange.Acknowledged,
        AlertAction.Resolve => V1.AlertChange.Resolved,
        _ => V1.AlertChange.Dismissed,
    };

    /// <summary>Why the action does not fit, as a sentence; null when it does.</summary>
    /// <param name="alert">The alert as it is.</param>
    /// <param name="action">What is asked for.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="overrides">The actor may act on what somebody else holds.</param>
    public static string? Refuse(V1.Alert alert, AlertAction action, string actor, bool overrides)
    {
        if (alert.State is V1.AlertState.Resolved or V1.AlertState.Dismissed)
            return $"The alert was {Word(alert.State)} by {alert.ClosedBy}; nothing more can be done with it.";

        var othersHold = alert.Holder.Length > 0 && alert.Holder != actor;
        return (action, alert.State) switch
        {
            (AlertAction.Claim, V1.AlertState.Acknowledged) => $"{alert.Holder} deals with the alert already.",
            (AlertAction.Claim, _) when othersHold => $"{alert.Holder} holds the alert until {alert.LeaseUntil.ToDateTimeOffset():HH:mm:ss} UTC.",
            (AlertAction.Renew, _) when alert.State != V1.AlertState.Claimed || alert.Holder != actor => "You do not hold the alert: the lease has ended or was never yours. Claim it.",
            (AlertAction.Escalate, V1.AlertState.Acknowledged) when othersHold && !overrides => $"{alert.Holder} deals with the alert.",
            (AlertAction.Release, not V1.AlertState.Claimed) => $"The alert is {Word(alert.State)}, not claimed.",
            (not AlertAction.Claim, _) when othersHold && !overrides => $"{alert.Holder} holds the alert.",
            _ => null,
        };
    }

    /// <summary>Changes <paramref name="alert"/>, a copy of the caller's, by an action that fits. The version is the caller's to raise.</summary>
    public static void Apply(V1.Alert alert, AlertAction action, string actor, string reason, DateTimeOffset now, AlertPolicy policy)
    {
        alert.LeaseUntil = action is AlertAction.Claim or AlertAction.Renew ? Timestamp.FromDateTimeOffset(now + policy.Lease) : null;
        (alert.State, alert.Holder) = action switch
        {
            AlertAction.Claim or AlertAction.Renew => (V1.AlertState.Claimed, actor),
            AlertAction.Release or AlertAction.Escalate => (V1.AlertState.Open, ""),
            AlertAction.Acknowledge => (V1.AlertState.Acknowledged, actor),
            AlertAction.Resolve => (V1.AlertState.Resolved, ""),
            _ => (V1.AlertState.Dismissed, ""),
        };
        if (action is AlertAction.Release or AlertAction.Escalate) alert.WaitingSince = Timestamp.FromDateTimeOffset(now);
        if (action is not (AlertAction.Resolve or AlertAction.Dismiss)) return;

        alert.ClosedBy = actor;
        alert.ClosedReason = reason;
        alert.ClosedAt = Timestamp.FromDateTimeOffset(now);
    }

    /// <summary>Nothing more is expected to happen: somebody ended it, or the call is over.</summary>
    public static bool IsOver(this V1.Alert alert) =>
        alert.State is V1.AlertState.Resolved or V1.AlertState.Dismissed || alert.CallEndedAt is not null;

    private static string Word(V1.AlertState state) => state.ToString().ToLowerInvariant();
}
