using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Relay;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>What stands behind ports of a relay loop. Called on the loop's thread.</summary>
internal interface IRelayPortOwner
{
    /// <summary>One datagram at one of its ports.</summary>
    /// <param name="port">Which.</param>
    /// <param name="isControl">On its RTCP socket.</param>
    /// <param name="source">Where it came from.</param>
    /// <param name="slot">The datagram and room behind it; changed in place.</param>
    /// <param name="length">Of the datagram; −1 when it was longer than the slot.</param>
    /// <param name="now">When it came.</param>
    void OnDatagram(RelayPort port, bool isControl, PeerAddress source, Span<byte> slot, int length, Instant now);

    /// <summary>A time it asked for has come, or has passed.</summary>
    void OnDue(Instant now);
}
