namespace EdgeAssist.MediaGateway.Sip.Messages;

/// <summary>The value of From, To, Contact, Route and Record-Route: <c>"name" &lt;uri&gt;;parameters</c> (RFC 3261 §20.10).</summary>
internal sealed record NameAddress
{
    /// <summary>Display name, quotes and their escapes removed; empty when absent. Personal data.</summary>
    public string DisplayName { get; init; } = "";

    /// <summary>The URI as it stood there, any scheme. Personal data.</summary>
    public required string Address { get; init; }

    /// <summary>The URI taken apart, null when its scheme is neither sip nor sips.</summary>
    public SipUri? Uri { get; init; }

    public SipParameters Parameters { get; init; } = SipParameters.None;

    /// <summary>The tag (§19.3), null when absent.</summary>
    public string? Tag => Parameters["tag"];

    public override string ToString()
    {
        var name = DisplayName.Length == 0 ? "" : $"\"{DisplayName.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\" ";
        return $"{name}<{Address}>{Parameters}";
    }
}
