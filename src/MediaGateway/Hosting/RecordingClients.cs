using System.Collections.Immutable;
using System.Security.Cryptography;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Sip.Auth;
using EdgeAssist.MediaGateway.Sip.Parsing;
using EdgeAssist.MediaGateway.Sip.Resolution;
using EdgeAssist.MediaGateway.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAssist.MediaGateway.Hosting;

/// <summary>Makes recording clients over real sockets.</summary>
public static class RecordingClients
{
    public static RecordingClient Create(TimeProvider time) =>
        new(time, SipClientChannel.OpenAsync, (local, streams) => RtpPlayout.Bind(local, streams, time));

    /// <summary>A client of one server, over TLS too, that answers the server's challenge.</summary>
    /// <param name="time">Clock.</param>
    /// <param name="serverName">Name the server's certificate must have.</param>
    /// <param name="caFile">Roots for that certificate, PEM; empty for those of the system.</param>
    /// <param name="identity">Who we are; null answers no challenge.</param>
    /// <exception cref="InvalidDataException">The CA file holds no certificate.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    internal static RecordingClient Create(TimeProvider time, string serverName, string caFile, DigestIdentity? identity)
    {
        var tls = new SipTls(new SipTlsSettings { CaFile = caFile }, time, NullLogger.Instance);
        return new RecordingClient(time, SipClientChannel.Over(tls, serverName), (local, streams) => RtpPlayout.Bind(local, streams, time), identity);
    }

    /// <summary>Where a SIP URI leads, in the order to try (RFC 3263); empty when it is none or leads nowhere.</summary>
    internal static async Task<ImmutableArray<SipDestination>> FindAsync(string uri, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!SipUriParser.TryParse(uri, out var parsed)) return [];
        var locator = new SipLocator(DnsClient.OfSystem(time).LookupAsync, most => RandomNumberGenerator.GetInt32(most + 1));
        return await locator.FindAsync(parsed!, cancellationToken);
    }
}
