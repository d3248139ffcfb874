using System.Net;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Parsing;

namespace EdgeAssist.MediaGateway.Sip.UserAgent;

/// <summary>Bytes for the wire.</summary>
/// <param name="Flow">Where to.</param>
/// <param name="Bytes">The message.</param>
/// <param name="Status">Status of a response, 0 for a request: for counting.</param>
internal readonly record struct SipOutput(SipFlow Flow, ReadOnlyMemory<byte> Bytes, int Status)
{
    /// <summary>Where a stream's message goes when its connection is gone; null on UDP.</summary>
    public IPEndPoint? Elsewhere { get; init; }

    /// <summary>Name the certificate of <see cref="Elsewhere"/> must have, on TLS.</summary>
    public string ElsewhereName { get; init; } = "";

    public static SipOutput Of(SipFlow flow, SipMessage message)
    {
        var output = new SipOutput(flow, SipWriter.Write(message), message is SipResponse response ? response.Status : 0);
        if (!flow.IsReliable) return output;

        // A response: to where its request came from, at the port it names (RFC 3261 §18.2.2). A request: to its next hop; a name is
        // not looked up here, the peer's address answers for it.
        var (host, port) = message is SipRequest request ? NextHop(request) : (message.Via.Host, message.Via.Port);
        if (message is SipRequest && flow.Domain.Length > 0 && host.Equals(flow.Domain, StringComparison.OrdinalIgnoreCase))
            return output with { Elsewhere = flow.Remote, ElsewhereName = flow.Domain };   // found beforehand
        var address = message is SipRequest && IPAddress.TryParse(host.AsSpan().Trim("[]"), out var named) ? named : flow.Remote.Address;
        port ??= flow.Transport == SipTransport.Tls ? SipFlow.DefaultTlsPort : SipFlow.DefaultPort;
        return output with { Elsewhere = new IPEndPoint(address, port.Value), ElsewhereName = IsOf(flow, address) ? flow.Domain : host.Trim('[', ']') };
    }

    // Inside a dialog the next hop is a Contact, most often an address: that of the server whose name was asked for.
    private static bool IsOf(SipFlow flow, IPAddress address) => flow.Domain.Length > 0 && address.Equals(flow.Remote.Address);

    private static (string Host, int? Port) NextHop(SipRequest request)
    {
        var next = request.Headers.Values(SipHeaderNames.Route) is [var first, ..] && NameAddressParser.TryParse(first, out var route, out _) ? route!.Uri : request.Target;
        if (next is null && !SipUriParser.TryParse(request.RequestUri, out next)) return ("", null);
        return (next!.Host, next.Port);
    }
}
