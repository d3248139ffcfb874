using System.Collections.Immutable;
using System.Net;

namespace EdgeAssist.MediaGateway.Hosting;

/// <summary>Where SIP is really received, once the gateway has started: what a configured port 0 became.</summary>
public sealed class SipEndpoints
{
    /// <summary>UDP ports, in the order configured; empty before the start.</summary>
    public ImmutableArray<IPEndPoint> Udp { get; internal set; } = [];

    /// <summary>TCP ports, in the order configured; empty before the start.</summary>
    public ImmutableArray<IPEndPoint> Tcp { get; internal set; } = [];

    /// <summary>TLS ports, in the order configured; empty before the start.</summary>
    public ImmutableArray<IPEndPoint> Tls { get; internal set; } = [];
}
