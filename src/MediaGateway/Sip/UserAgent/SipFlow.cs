using System.Net;
using EdgeAssist.MediaGateway.Sip.Messages;

namespace EdgeAssist.MediaGateway.Sip.UserAgent;

/// <summary>Transports this stack speaks.</summary>
public enum SipTransport
{
    Udp = 0,
    Tcp = 1,
}

/// <summary>Where a message came from and where an answer goes: a pair of addresses and, on TCP, one connection.</summary>
/// <param name="Transport">Transport.</param>
/// <param name="Local">Our address as the peer sees it: what Contact and SDP say.</param>
/// <param name="Remote">The peer's address.</param>
/// <param name="Connection">Number of the TCP connection, 0 on UDP.</param>
internal readonly record struct SipFlow(SipTransport Transport, IPEndPoint Local, IPEndPoint Remote, long Connection = 0)
{
    public const int DefaultPort = 5060;

    public bool IsReliable => Transport != SipTransport.Udp;

    /// <summary>The Via transport name.</summary>
    public string Name => Transport == SipTransport.Udp ? "UDP" : "TCP";

    /// <summary>Puts what the transport saw into the topmost Via: received (RFC 3261 §18.2.1) and rport (RFC 3581 §4).</summary>
    public SipRequest Stamp(SipRequest request)
    {
        var via = request.Via;
        var wantsPort = via.Parameters.Has("rport");
        var source = Remote.Address.IsIPv4MappedToIPv6 ? Remote.Address.MapToIPv4() : Remote.Address;
        var isSame = IPAddress.TryParse(via.Host.AsSpan().Trim("[]"), out var sentBy) && sentBy.Equals(source);
        if (isSame && !wantsPort) return request;

        var parameters = via.Parameters.With("received", source.ToString());
        if (wantsPort) parameters = parameters.With("rport", Remote.Port.ToString(System.Globalization.CultureInfo.InvariantCulture));
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
