namespace EdgeAssist.MediaGateway.Sip.Messages;

/// <summary>One header field as it stood in the message, unfolded and trimmed.</summary>
/// <param name="Name">The long form for names with a compact form, otherwise as received; compared without case.</param>
/// <param name="Value">The value, without CR or LF.</param>
internal readonly record struct SipHeader(string Name, string Value)
{
    public bool Is(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);
}
