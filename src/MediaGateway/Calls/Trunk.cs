using System.Collections.Immutable;
using System.Net;
using EdgeAssist.MediaGateway.Siprec;

namespace EdgeAssist.MediaGateway.Calls;

/// <summary>One recording client or a group of them, as the operator configured it.</summary>
internal sealed record Trunk
{
    /// <summary>Name in reports; empty for the one that stands when none is configured.</summary>
    public string Name { get; init; } = "";

    /// <summary>Team its calls belong to, empty when no rule says.</summary>
    public string Team { get; init; } = "";

    /// <summary>Sources it covers; empty covers all.</summary>
    public ImmutableArray<IPNetwork> Peers { get; init; } = [];

    /// <summary>Refuses what RFC 7866 allows to be refused, where the default is to take what can be understood.</summary>
    public bool IsStrict { get; init; }

    /// <summary>480, 486 or 603 answers every INVITE of it, because its parties did not consent or by policy; 0 takes its calls.</summary>
    public int Refuse { get; init; }

    public RoleRules Roles { get; init; } = RoleRules.None;

    public bool Covers(IPAddress source)
    {
        var address = source.IsIPv4MappedToIPv6 ? source.MapToIPv4() : source;
        return Peers.IsEmpty || Peers.Any(peer => peer.Contains(address));
    }
}
