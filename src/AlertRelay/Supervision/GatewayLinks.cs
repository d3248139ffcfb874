using EdgeAssist.Contracts;

namespace EdgeAssist.AlertRelay.Supervision;

/// <summary>The way to a gateway.</summary>
/// <param name="Name">Its name in the records of its calls; empty for any gateway that no other link names.</param>
/// <param name="Control">In this process, or over gRPC.</param>
public sealed record GatewayLink(string Name, ICallControl Control);

/// <summary>The ways to all gateways this relay knows.</summary>
internal sealed class GatewayLinks(IEnumerable<GatewayLink> links)
{
    public IReadOnlyList<GatewayLink> All { get; } = [.. links];

    /// <summary>The link to the gateway that carries a call; null when no link leads there.</summary>
    public GatewayLink? Of(string gateway) =>
        All.FirstOrDefault(link => link.Name.Length > 0 && link.Name.Equals(gateway, StringComparison.OrdinalIgnoreCase)) ?? All.FirstOrDefault(link => link.Name.Length == 0);
}
