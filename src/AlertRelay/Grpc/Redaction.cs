namespace EdgeAssist.AlertRelay.Grpc;

/// <summary>
/// Takes away what only a principal with <see cref="Identity.Principal.SeesPersonal"/> may see: the customer, addresses,
/// display names. Words are redacted where they are recognised and stay.
/// </summary>
internal static class Redaction
{
    // Correlation ids that name the customer; the others name calls.
    private static readonly string[] PersonalIds = ["customer-id", "p-asserted-identity", "cisco-far-address"];

    public static V1.Call Hide(V1.Call call)
    {
        var hidden = call.Clone();
        hidden.Customer = "";
        foreach (var leg in hidden.Legs) (leg.Aor, leg.DisplayName) = ("", "");
        foreach (var id in PersonalIds) hidden.CorrelationIds.Remove(id);
        return hidden;
    }

    public static V1.Alert Hide(V1.Alert alert)
    {
        if (alert.Customer.Length == 0) return alert;
        var hidden = alert.Clone();
        hidden.Customer = "";
        return hidden;
    }

    public static V1.CallEvent Hide(V1.CallEvent callEvent) => Shallow.Copy(callEvent, Hide);

    public static V1.AlertEvent Hide(V1.AlertEvent alertEvent)
    {
        var hidden = Shallow.Copy(alertEvent);
        hidden.Alert = Hide(alertEvent.Alert);
        return hidden;
    }
}
