using System.Globalization;
using EdgeAssist.V1;

namespace EdgeAssist.Host.Demo;

/// <summary>An alert as one line.</summary>
internal static class AlertLine
{
    public static string Describe(AlertEvent happened)
    {
        var alert = happened.Alert;
        var latency = happened.Latency is { } hops ? string.Create(CultureInfo.InvariantCulture, $"  {LatencyTable.Total(hops):0} ms after the words") : "";
        var who = happened.Actor is "" or "system" ? "" : $" by {happened.Actor}";
        var why = happened.Change is AlertChange.Opened or AlertChange.Raised ? "  " + Reasons(alert) : happened.Reason.Length > 0 ? $"  ({happened.Reason})" : "";
        return $"ALERT {happened.Change.ToString().ToLowerInvariant()}{who}  {Describe(alert)}{why}{latency}";
    }

    public static string Describe(Alert alert) => string.Create(CultureInfo.InvariantCulture,
        $"{alert.Level.ToString().ToUpperInvariant()}  risk {alert.Score?.Risk ?? 0:0.00} at {Clock.Format(alert.Score?.At)}  team {Or(alert.Team)}  agent {Or(alert.Agent)}");

    private static string Or(string value) => value.Length > 0 ? value : "–";

    private static string Reasons(Alert alert) =>
        string.Join("; ", (alert.Score?.Reasons ?? []).Take(3).Select(LineScreen.Describe));
}

/// <summary>A call's event as one line; null for what people need not read.</summary>
internal static class CallLine
{
    public static string? Describe(CallEvent happened) => happened.KindCase switch
    {
        CallEvent.KindOneofCase.Started => $"call  {happened.CallId}  began  team {happened.Started.Team}  agent {happened.Started.Agent}",
        CallEvent.KindOneofCase.Transcript when happened.Transcript.Final =>
            $"words {happened.CallId}  {Clock.Format(happened.Transcript.Start)}  {LineScreen.Name(happened.Transcript.Role)}: {happened.Transcript.Text}",
        CallEvent.KindOneofCase.Score => string.Create(CultureInfo.InvariantCulture,
            $"score {happened.CallId}  {Clock.Format(happened.Score.Score.At)}  {happened.Score.Score.Risk:0.00} {happened.Score.Score.Level}"),
        CallEvent.KindOneofCase.Gap => $"gap   {happened.CallId}  {happened.Gap.Cause}  {Clock.Format(happened.Gap.From)} to {Clock.Format(happened.Gap.To)}",
        CallEvent.KindOneofCase.RungChange => $"load  {happened.CallId}  {happened.RungChange.Why}",
        CallEvent.KindOneofCase.Ended => $"call  {happened.CallId}  ended ({happened.Ended.EndReason})",
        _ => null,
    };
}
