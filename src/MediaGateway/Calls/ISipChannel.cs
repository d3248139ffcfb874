using System.Net;
using System.Threading.Channels;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.UserAgent;

namespace EdgeAssist.MediaGateway.Calls;

/// <summary>One peer's signalling connection, for calls placed by us. Implemented in Transport.</summary>
internal interface ISipChannel : IAsyncDisposable
{
    SipFlow Flow { get; }

    /// <summary>Puts bytes on the wire, or into the connection's bounded queue; false when it is full or closed.</summary>
    bool TrySend(SipOutput output);
}

/// <summary>Opens a channel.</summary>
/// <param name="transport">Transport.</param>
/// <param name="target">The peer.</param>
/// <param name="received">Takes what comes in; null is put in once when the connection ends.</param>
/// <param name="cancellationToken">Gives up on connecting.</param>
/// <exception cref="IOException">The peer cannot be reached; the message says why.</exception>
internal delegate Task<ISipChannel> SipChannelFactory(
    SipTransport transport, IPEndPoint target, ChannelWriter<SipMessage?> received, CancellationToken cancellationToken);
