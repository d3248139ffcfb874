using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Net;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Auth;
using EdgeAssist.MediaGateway.Sip.Messages;

namespace EdgeAssist.MediaGateway.Calls.Bridge;

/// <summary>What is done with a transfer asked for by REFER (RFC 3515).</summary>
internal enum ReferMode
{
    /// <summary>The REFER goes to the other side, which places the new call.</summary>
    Pass = 0,

    /// <summary>403: transfers are the business of the systems at either end.</summary>
    Refuse,
}

/// <summary>How calls of a trunk are carried through this gateway.</summary>
internal sealed record InlineTrunk
{
    /// <summary>Header fields passed on when nothing else is configured.</summary>
    public static ImmutableArray<string> DefaultPassHeaders { get; } =
    [
        "Session-ID", "P-Asserted-Identity", "P-Preferred-Identity", "P-Early-Media", "Privacy", "Diversion", "History-Info", "User-to-User",
        "X-*", "Subject", "Priority", "Resource-Priority", "Alert-Info", "Call-Info", "Accept-Contact", "Reject-Contact", "Request-Disposition", "Accept-Language",
        "Geolocation", "Geolocation-Routing", "Geolocation-Error", "Referred-By", "Identity", "Authorization", "Proxy-Authorization", "WWW-Authenticate",
        "Proxy-Authenticate", "Authentication-Info", "Retry-After", "Reason", "Recv-Info", "Info-Package", "Event", "Subscription-State", "Refer-Sub",
        "Feature-Caps", "Error-Info",
    ];

    /// <summary>Asked in order; the first whose prefix fits is taken.</summary>
    public required ImmutableArray<Route> Routes { get; init; }

    /// <summary>Role of whoever calls over this trunk when no rule on addresses says; the other party has the other one.</summary>
    public PartyRole CallerRole { get; init; } = PartyRole.Customer;

    /// <summary>Header fields passed on, without case; a <c>*</c> at the end stands for any ending.</summary>
    public ImmutableArray<string> PassHeaders { get; init; } = DefaultPassHeaders;

    /// <summary>Media types of the INVITE's body parts that go on beside the description, lower case; a <c>*</c> at the end stands for any ending.</summary>
    public ImmutableArray<string> PassBodies { get; init; } = OutgoingBody.DefaultPassBodies;

    public ReferMode Refer { get; init; }

    /// <summary>Media that is not relayed (fax over UDPTL, MSRP) goes directly between the ends; else it is refused with port 0.</summary>
    public bool PassOtherMedia { get; init; }

    /// <summary>Both sides may send from another port of their address than they say (<see cref="RelaySidePlan.LearnPort"/>).</summary>
    public bool LearnPort { get; init; }

    /// <summary>Session interval asked for on the called side; null asks for none (RFC 4028).</summary>
    public TimeSpan? SessionExpires { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Who we are to the targets, when they challenge for this realm; null passes every challenge to the caller.</summary>
    public DigestIdentity? Identity { get; init; }

    /// <summary>Realm we challenge the trunk's callers for: credentials for it end here. Empty when we challenge none.</summary>
    public string OwnRealm { get; init; } = "";

    /// <summary>Called numbers that are emergencies, besides <c>urn:service:sos</c> (RFC 5031).</summary>
    public FrozenSet<string> EmergencyNumbers { get; init; } = FrozenSet<string>.Empty;

    /// <summary>How long one target may stay silent before the next is asked; the whole INVITE transaction (64·T1) when there is only one.</summary>
    public TimeSpan TargetTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a side whose media is due may send none before the call is ended; null for ever.</summary>
    public TimeSpan? MediaTimeout { get; init; }

    /// <summary>Whether calls are sent to this address, so that answers and requests inside calls come from it.</summary>
    public bool HasTarget(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Routes.Any(route => route.Targets.Any(target => target.Has(plain)));
    }

    public Route? RouteOf(string called) => Routes.FirstOrDefault(route => called.StartsWith(route.Prefix, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether an INVITE calls for help: never refused for lack of room, never analysed.</summary>
    public bool IsEmergency(SipRequest invite) =>
        invite.RequestUri.StartsWith("urn:service:sos", StringComparison.OrdinalIgnoreCase) || EmergencyNumbers.Contains(Called(invite));

    /// <summary>The called number or user: of a sip: or tel: Request-URI; the whole of any other.</summary>
    public static string Called(SipRequest invite) =>
        invite.Target is { } target ? target.UserUnescaped.Split(';')[0]
        : invite.RequestUri.StartsWith("tel:", StringComparison.OrdinalIgnoreCase) ? invite.RequestUri["tel:".Length..].Split(';')[0]
        : invite.RequestUri;
}
