namespace EdgeAssist.AlertRelay.Measures.Store;

/// <summary>The policy's mode as the store knows it. What was written before there were modes was shown.</summary>
internal static class Modes
{
    public static Mode Of(V1.Call call) => Of(call.Mode);

    public static Mode Of(V1.Alert alert) => Of(alert.Mode);

    public static bool HasChanged(V1.Call call) => call.ModeChanged;

    public static bool IsWithdrawn(V1.AlertEvent change) => change.Change == V1.AlertChange.Withdrawn;

    private static Mode Of(V1.PolicyMode mode) => mode == V1.PolicyMode.Observe ? Mode.Observe : Mode.Assist;
}
