using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Parsing;

namespace EdgeAssist.MediaGateway.Calls.Bridge;

/// <summary>
/// Names of dialogs in transfers: Replaces (RFC 3891) and Refer-To with Replaces inside (RFC 3515, RFC 5589 §7) name a dialog
/// as the sender knows it, with us; the receiver knows the other leg of the same call.
/// </summary>
internal sealed class TransferMap
{
    private readonly Dictionary<string, (BridgedCall Call, BridgeLeg Leg)> _legs = new(StringComparer.Ordinal);

    public void Add(BridgedCall call, BridgeLeg leg) => _legs[leg.Session!.Dialog.Id.CallId] = (call, leg);

    public void Remove(string callId) => _legs.Remove(callId);

    /// <summary>The transfer fields of a request as the other side must be told them.</summary>
    public IEnumerable<SipHeader> Translate(SipRequest request)
    {
        if (request.Method == SipMethod.Invite && request.Headers.First(SipHeaderNames.Replaces) is { } replaces)
            yield return new SipHeader(SipHeaderNames.Replaces, Replaces(replaces));
        if (request.Method == SipMethod.Refer && request.Headers.First(SipHeaderNames.ReferTo) is { } target)
            yield return new SipHeader(SipHeaderNames.ReferTo, ReferTo(target));
    }

    /// <summary>A Replaces value; one that names no dialog of ours is left as it is.</summary>
    public string Replaces(string value)
    {
        var parts = value.Split(';', StringSplitOptions.TrimEntries);
        var to = ParameterOf(parts, "to-tag=");
        var from = ParameterOf(parts, "from-tag=");
        if (to is null || from is null || !_legs.TryGetValue(parts[0], out var found)) return value;

        // From the sender's side our tag is the remote one. A name that already fits the receiver's side is left.
        var id = found.Leg.Session!.Dialog.Id;
        if (id.LocalTag != to || id.RemoteTag != from) return value;
        var other = found.Leg == found.Call.Caller ? found.Call.Callee : found.Call.Caller;
        if (other.Session?.Dialog.Id is not { } mapped) return value;
        var rest = parts.Skip(1).Where(part => !part.StartsWith("to-tag=", StringComparison.OrdinalIgnoreCase) && !part.StartsWith("from-tag=", StringComparison.OrdinalIgnoreCase));
        return string.Join(';', [mapped.CallId, $"to-tag={mapped.RemoteTag}", $"from-tag={mapped.LocalTag}", .. rest]);
    }

    private string ReferTo(string value)
    {
        if (!NameAddressParser.TryParse(value, out var address, out _) || address!.Uri is not { Headers.Length: > 0 } uri) return value;
        var fields = uri.Headers.Split('&').Select(field =>
            field.StartsWith("Replaces=", StringComparison.OrdinalIgnoreCase)
                ? "Replaces=" + Uri.EscapeDataString(Replaces(Uri.UnescapeDataString(field["Replaces=".Length..])))
                : field);
        return (address with { Address = (uri with { Headers = string.Join('&', fields) }).ToString() }).ToString();
    }

    private static string? ParameterOf(string[] parts, string name) =>
        parts.FirstOrDefault(part => part.StartsWith(name, StringComparison.OrdinalIgnoreCase))?[name.Length..];
}
