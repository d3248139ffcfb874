using System.Collections.Immutable;
using System.Net;
using EdgeAssist.MediaGateway.Sdp.OfferAnswer;
using EdgeAssist.MediaGateway.Sip.Auth;
using EdgeAssist.MediaGateway.Sip.UserAgent;
using EdgeAssist.MediaGateway.Siprec;
using EdgeAssist.MediaGateway.Siprec.Profiles;

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

    /// <summary>Names one of which its certificate must prove, over TLS; empty asks for none.</summary>
    public ImmutableArray<string> Certificates { get; init; } = [];

    /// <summary>Users one of whom must sign every new call by digest authentication; none asks for no signature.</summary>
    public DigestUsers Users { get; init; } = DigestUsers.None;

    /// <summary>Calls at once, 0 for no limit of its own.</summary>
    public int MaxCalls { get; init; }

    /// <summary>How its calls are carried through; null when it sends recordings.</summary>
    public Bridge.InlineTrunk? Inline { get; init; }

    /// <summary>Whether its media is protected.</summary>
    public SrtpPolicy Srtp { get; init; }

    /// <summary>The make of its clients; null finds it out for each session.</summary>
    public VendorProfile? Profile { get; init; }

    public RoleRules Roles { get; init; } = RoleRules.None;

    /// <summary>Whether what came over this flow is of this trunk.</summary>
    public bool Covers(SipFlow flow) => CoversAddress(flow.Remote.Address, flow.Transport == SipTransport.Tls)
        && (Certificates.IsEmpty || (!flow.PeerNames.IsDefault && flow.PeerNames.Any(name => Certificates.Contains(name, StringComparer.OrdinalIgnoreCase))));

    /// <summary>Whether something from this address may be of this trunk; a trunk known by certificate is only met over TLS.</summary>
    public bool CoversAddress(IPAddress source, bool isTls)
    {
        if (!Certificates.IsEmpty && !isTls) return false;
        var address = source.IsIPv4MappedToIPv6 ? source.MapToIPv4() : source;
        return Peers.IsEmpty || Peers.Any(peer => peer.Contains(address));
    }
}
