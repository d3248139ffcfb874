using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using EdgeAssist.MediaGateway.Sip.Messages;

namespace EdgeAssist.MediaGateway.Sip.UserAgent;

/// <summary>Transports this stack speaks.</summary>
public enum SipTransport
{
    Udp = 0,
    Tcp = 1,

    /// <summary>TLS 1.2 or 1.3 over TCP.</summary>
    Tls = 2,
}

/// <summary>Where a message came from and where an answer goes: a pair of addresses and, on a stream, one connection.</summary>
/// <param name="Transport">Transport.</param>
/// <param name="Local">Our address as the peer sees it: what Contact and SDP say.</param>
/// <param name="Remote">The peer's address.</param>
/// <param name="Connection">Number of the TCP or TLS connection, 0 on UDP.</param>
internal readonly record struct SipFlow(SipTransport Transport, IPEndPoint Local, IPEndPoint Remote, long Connection = 0)
{
    public const int DefaultPort = 5060;

    /// <summary>Port of sips: and of transport=tls (RFC 3261 §19.1.2).</summary>
    public const int DefaultTlsPort = 5061;

    public bool IsReliable => Transport != SipTransport.Udp;

    /// <summary>Names a certificate proved the peer to have, empty without one: its DNS names, the hosts of its SIP URIs, else its common name.</summary>
    public ImmutableArray<string> PeerNames { get; init; } = [];

    /// <summary>
    /// The domain whose server <see cref="Remote"/> is, found by RFC 3263 and to be proved by its certificate on TLS; empty when the peer
    /// came to us, or was named by its address.
    /// </summary>
    public string Domain { get; init; } = "";

    /// <summary>The Via transport name.</summary>
    public string Name => Transport switch { SipTransport.Udp => "UDP", SipTransport.Tcp => "TCP", _ => "TLS" };

    /// <summary>Our address on this flow as a URI without user, for Contact: the peer that uses it comes back over the same transport.</summary>
    /// <param name="secure">The request this answers had a sips: URI, so ours must be one too (RFC 3261 §12.1.1).</param>
    public string LocalUri(bool secure = false)
    {
        var transport = Transport switch { SipTransport.Udp => "", SipTransport.Tcp => ";transport=tcp", _ => secure ? "" : ";transport=tls" };
        return string.Create(CultureInfo.InvariantCulture, $"{(secure ? "sips" : "sip")}:{Dialog.HostOf(Local.Address)}:{Local.Port}{transport}");
    }

    /// <summary>Puts what the transport saw into the topmost Via: received (RFC 3261 §18.2.1) and rport (RFC 3581 §4).</summary>
    public SipRequest Stamp(SipRequest request)
    {
        var via = request.Via;
        var wantsPort = via.Parameters.Has("rport");
        var source = Remote.Address.IsIPv4MappedToIPv6 ? Remote.Address.MapToIPv4() : Remote.Address;
        var isSame = IPAddress.TryParse(via.Host.AsSpan().Trim("[]"), out var sentBy) && sentBy.Equals(source);
        if (isSame && !wantsPort) return request;

        var parameters = via.Parameters.With("received", source.ToString());
        if (wantsPort) parameters = parameters.With("rport", Remote.Port.ToString(CultureInfo.InvariantCulture));
        via = via with { Parameters = parameters };
        return request with { Via = via, Headers = request.Headers.WithTopVia(via) };
    }

    /// <summary>Where the response to a stamped request goes (RFC 3261 §18.2.2, RFC 3581 §4): never to an address the packet did not come from.</summary>
    public SipFlow ForResponse(Via via)
    {
        if (IsReliable || via.Parameters.Has("rport")) return this;
        return this with { Remote = new IPEndPoint(Remote.Address, via.Port ?? DefaultPort) };
    }
}
