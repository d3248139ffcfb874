using EdgeAssist.AlertRelay.Grpc;
using EdgeAssist.AlertRelay.Identity;

namespace EdgeAssist.AlertRelay.Policy;

/// <summary>
/// What of a silent call is told to whom; the one place that knows. On streams nobody hears more than that it began, changed
/// and ended. Who looks afterwards finds its words, and an admin its scores and would-be alerts.
/// </summary>
internal static class SilentCalls
{
    /// <summary>The event as every stream tells it, or null. Its call is silent.</summary>
    public static V1.CallEvent? OnStreams(V1.CallEvent change) =>
        change.KindCase is V1.CallEvent.KindOneofCase.Started or V1.CallEvent.KindOneofCase.Updated or V1.CallEvent.KindOneofCase.Ended ? Shallow.Copy(change, Bare) : null;

    /// <summary>A withdrawal takes an alert that was shown off the screen; nothing else of a would-be alert is told.</summary>
    public static V1.AlertEvent? OnStreams(V1.AlertEvent change)
    {
        if (change.Change != V1.AlertChange.Withdrawn) return null;
        var told = Shallow.Copy(change);
        told.Alert = new V1.Alert
        {
            AlertId = change.Alert.AlertId,
            CallId = change.Alert.CallId,
            Version = change.Alert.Version,
            State = V1.AlertState.Open,
            Team = change.Alert.Team,
            Agent = change.Alert.Agent,
            Mode = change.Alert.Mode,
        };
        return told;
    }

    /// <summary>The call as somebody finds it who looks.</summary>
    public static V1.Call Show(V1.Call call, Principal principal) => IsOpenTo(call, principal) ? call : Bare(call);

    /// <inheritdoc cref="Show(V1.Call, Principal)"/>
    public static V1.CallDetail Show(V1.CallDetail detail, Principal principal)
    {
        if (IsOpenTo(detail.Call, principal)) return detail;
        var shown = new V1.CallDetail { Call = Bare(detail.Call) };
        if (detail.Call.EndedAt is null) return shown;
        shown.Transcript.AddRange(detail.Transcript);
        shown.Gaps.AddRange(detail.Gaps);
        return shown;
    }

    /// <summary>A would-be alert is found by admins, once its call has ended.</summary>
    public static bool Finds(V1.Alert alert, Principal principal) =>
        alert.Mode != V1.PolicyMode.Observe || (principal.Role == PrincipalRole.Admin && alert.CallEndedAt is not null);

    private static bool IsOpenTo(V1.Call call, Principal principal) =>
        call.Mode != V1.PolicyMode.Observe || (principal.Role == PrincipalRole.Admin && call.EndedAt is not null);

    private static V1.Call Bare(V1.Call call)
    {
        if (call.Score is null && call.History is null) return call;
        var bare = call.Clone();
        (bare.Score, bare.History) = (null, null);
        return bare;
    }
}
