using System.Globalization;

namespace EdgeAssist.MediaGateway.Sip.Messages;

/// <summary>One Via value (RFC 3261 §20.42): where the response has to go, and which transaction it belongs to.</summary>
internal sealed record Via
{
    /// <summary>The cookie that says a branch is globally unique (§8.1.1.7).</summary>
    public const string MagicCookie = "z9hG4bK";

    /// <summary>UDP, TCP, TLS or any token.</summary>
    public required string Transport { get; init; }

    /// <summary>Host of sent-by; an IPv6 address keeps its brackets.</summary>
    public required string Host { get; init; }

    public int? Port { get; init; }

    public SipParameters Parameters { get; init; } = SipParameters.None;

    public string? Branch => Parameters["branch"];

    /// <summary>Whether the branch identifies the transaction by itself; a bare cookie does not (RFC 4475 §3.2.1).</summary>
    public bool HasUniqueBranch =>
        Branch is { } branch && branch.Length > MagicCookie.Length && branch.StartsWith(MagicCookie, StringComparison.OrdinalIgnoreCase);

    public string SentBy => Port is { } port ? $"{Host}:{port.ToString(CultureInfo.InvariantCulture)}" : Host;

    public override string ToString() => $"SIP/2.0/{Transport} {SentBy}{Parameters}";
}
