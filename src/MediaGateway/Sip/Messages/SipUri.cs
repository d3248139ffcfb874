using System.Globalization;
using System.Net;

namespace EdgeAssist.MediaGateway.Sip.Messages;

/// <summary>A sip: or sips: URI (RFC 3261 §19.1). Escapes are kept as they came; <see cref="UserUnescaped"/> decodes once.</summary>
internal sealed record SipUri
{
    /// <summary>sip or sips, lower case.</summary>
    public required string Scheme { get; init; }

    /// <summary>User part with its escapes, empty when absent.</summary>
    public string User { get; init; } = "";

    /// <summary>Password with its escapes; null when absent. Discouraged (§19.1.1), kept so that the URI can be passed on.</summary>
    public string? Password { get; init; }

    /// <summary>Host name or address; an IPv6 address keeps its brackets.</summary>
    public required string Host { get; init; }

    /// <summary>1…65 535, null when absent.</summary>
    public int? Port { get; init; }

    public SipParameters Parameters { get; init; } = SipParameters.None;

    /// <summary>What follows <c>?</c>, with its escapes; never turned into header fields. Empty when absent.</summary>
    public string Headers { get; init; } = "";

    public string UserUnescaped => Uri.UnescapeDataString(User);

    /// <summary>The host as an address, null for a name.</summary>
    public IPAddress? Address => IPAddress.TryParse(Host.AsSpan().Trim("[]"), out var address) ? address : null;

    public override string ToString()
    {
        var userInfo = User.Length == 0 && Password is null ? "" : Password is null ? $"{User}@" : $"{User}:{Password}@";
        var port = Port is { } number ? ":" + number.ToString(CultureInfo.InvariantCulture) : "";
        var headers = Headers.Length == 0 ? "" : "?" + Headers;
        return $"{Scheme}:{userInfo}{Host}{port}{Parameters}{headers}";
    }
}
