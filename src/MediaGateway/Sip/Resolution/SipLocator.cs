using System.Collections.Immutable;
using System.Net;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.UserAgent;

namespace EdgeAssist.MediaGateway.Sip.Resolution;

/// <summary>One place to try.</summary>
/// <param name="Transport">Transport.</param>
/// <param name="EndPoint">Address and port.</param>
/// <param name="Name">The domain that was asked for: what a certificate must prove on TLS (RFC 5922 §4).</param>
internal sealed record SipDestination(SipTransport Transport, IPEndPoint EndPoint, string Name);

/// <summary>Answers to DNS questions.</summary>
/// <param name="name">Name.</param>
/// <param name="type">Type.</param>
/// <param name="cancellationToken">Gives up.</param>
/// <returns>Records of that type, aliases followed; empty when there are none or no server answered.</returns>
internal delegate Task<ImmutableArray<DnsRecord>> DnsLookup(string name, DnsType type, CancellationToken cancellationToken);

/// <summary>
/// Where a request to a URI goes (RFC 3263 §4): transport by URI, NAPTR or SRV, servers by SRV, addresses by A and AAAA. The
/// whole order is worked out at once, so that the next place is at hand when one fails (§4.3).
/// </summary>
/// <param name="lookup">DNS.</param>
/// <param name="draw">Draws a number from 0 to the given one, both included.</param>
internal sealed class SipLocator(DnsLookup lookup, Func<int, int> draw)
{
    /// <summary>Places tried for one request at most.</summary>
    private const int MaxDestinations = 16;

    private static readonly ImmutableArray<(SipTransport Transport, string Service, string Prefix)> s_services =
    [
        (SipTransport.Udp, "SIP+D2U", "_sip._udp."), (SipTransport.Tcp, "SIP+D2T", "_sip._tcp."), (SipTransport.Tls, "SIPS+D2T", "_sips._tcp."),
    ];

    /// <summary>The places in the order to try them; empty when the name leads nowhere, or the transport is none we speak.</summary>
    public async Task<ImmutableArray<SipDestination>> FindAsync(SipUri uri, CancellationToken cancellationToken)
    {
        var isSecure = uri.Scheme == "sips";
        if (!TryReadTransport(uri, isSecure, out var wanted)) return [];
        var assumed = wanted ?? (isSecure ? SipTransport.Tls : SipTransport.Udp);

        if (uri.Address is { } address) return [new SipDestination(assumed, new IPEndPoint(address, uri.Port ?? DefaultPort(assumed)), address.ToString())];
        if (uri.Port is { } port) return await FindAddressesAsync(uri.Host, uri.Host, assumed, port, cancellationToken);

        var places = ImmutableArray.CreateBuilder<SipDestination>();
        foreach (var (transport, name) in await FindServicesAsync(uri.Host, wanted, isSecure, cancellationToken))
        {
            foreach (var server in SrvOrder.Of((await lookup(name, DnsType.Srv, cancellationToken)).OfType<DnsService>(), draw))
                places.AddRange(await FindAddressesAsync(uri.Host, server.Target, transport, server.Port, cancellationToken));
            if (places.Count >= MaxDestinations) break;
        }

        if (places.Count == 0) places.AddRange(await FindAddressesAsync(uri.Host, uri.Host, assumed, DefaultPort(assumed), cancellationToken));
        return [.. places.Take(MaxDestinations)];
    }

    /// <summary>Names to ask SRV for, by NAPTR (§4.1), else each transport's own.</summary>
    private async Task<IEnumerable<(SipTransport Transport, string Name)>> FindServicesAsync(
        string host, SipTransport? wanted, bool isSecure, CancellationToken cancellationToken)
    {
        var usable = s_services.Where(service => wanted is { } transport ? service.Transport == transport : !isSecure || service.Transport == SipTransport.Tls).ToList();
        if (wanted is not null) return usable.Select(service => (service.Transport, service.Prefix + host));

        var pointers = (await lookup(host, DnsType.Naptr, cancellationToken)).OfType<DnsPointer>().Where(pointer => pointer.Flags == "s" && pointer.Replacement.Length > 0)
            .OrderBy(pointer => pointer.Order).ThenBy(pointer => pointer.Preference)
            .SelectMany(pointer => usable.Where(service => service.Service == pointer.Service).Select(service => (service.Transport, pointer.Replacement))).ToList();
        return pointers.Count > 0 ? pointers : usable.Select(service => (service.Transport, service.Prefix + host));
    }

    private async Task<ImmutableArray<SipDestination>> FindAddressesAsync(string domain, string host, SipTransport transport, int port, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out var written)) return [new SipDestination(transport, new IPEndPoint(written, port), domain)];
        var (four, six) = (await lookup(host, DnsType.A, cancellationToken), await lookup(host, DnsType.Aaaa, cancellationToken));
        return [.. four.Concat(six).OfType<DnsAddress>().Select(record => new SipDestination(transport, new IPEndPoint(record.Address, port), domain))];
    }

    /// <summary>False for a transport we do not speak, or one that a sips: URI cannot have.</summary>
    private static bool TryReadTransport(SipUri uri, bool isSecure, out SipTransport? transport)
    {
        transport = null;
        if (uri.Parameters["transport"] is not { } text) return true;
        if (!Enum.TryParse<SipTransport>(text, ignoreCase: true, out var named) || !Enum.IsDefined(named) || char.IsAsciiDigit(text[0])) return false;
        if (isSecure && named == SipTransport.Udp) return false;
        transport = isSecure ? SipTransport.Tls : named;   // sips with transport=tcp is TLS over TCP (RFC 3261 §26.2.2)
        return true;
    }

    private static int DefaultPort(SipTransport transport) => transport == SipTransport.Tls ? SipFlow.DefaultTlsPort : SipFlow.DefaultPort;
}
