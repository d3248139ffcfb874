using System.Collections.Immutable;
using System.Net;

namespace EdgeAssist.MediaGateway.Calls;

/// <summary>What the call layer is told by its configuration.</summary>
internal sealed record RecordingSettings
{
    /// <summary>Asked in order; the first that covers the source takes the call. A source none covers is refused with 403.</summary>
    public ImmutableArray<Trunk> Trunks { get; init; } = [new Trunk()];

    /// <summary>Name of this gateway in the records of its calls.</summary>
    public string GatewayName { get; init; } = "";

    /// <summary>Media address told to peers; null tells the address their signalling reached.</summary>
    public IPAddress? MediaAddress { get; init; }

    /// <summary>A call whose streams are all expected and all silent for this long is ended.</summary>
    public TimeSpan MediaTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long the last words of a call may take behind the gateway before it is let go.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Shortest time between two snapshot requests in one session.</summary>
    public TimeSpan SnapshotInterval { get; init; } = TimeSpan.FromSeconds(30);
}
