using System.Collections.Immutable;
using System.Net;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls.Bridge;
using EdgeAssist.MediaGateway.Sdp.OfferAnswer;
using EdgeAssist.MediaGateway.Sip.Auth;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.UserAgent;

namespace EdgeAssist.MediaGateway.Calls.Supervisors;

/// <summary>What the call layer of supervisors' phones is told by its configuration.</summary>
internal sealed record SupervisionSettings
{
    public ImmutableArray<SupervisorPhone> Phones { get; init; } = [];

    /// <summary>An order may name another phone than the configured one.</summary>
    public bool AnyPhone { get; init; }

    /// <summary>How long a phone may ring.</summary>
    public TimeSpan RingTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A phone that answered and sends no media for this long is gone; null: never.</summary>
    public TimeSpan? PhoneTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Session interval asked of phones (RFC 4028); null asks for none.</summary>
    public TimeSpan? SessionExpires { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Keys 1, 2 and 3 of the phone change the mode.</summary>
    public bool KeyPad { get; init; } = true;

    /// <summary>A tone tells both parties that somebody is on the call.</summary>
    public bool BeepTone { get; init; }

    public SupervisionProfile Profile { get; init; } = SupervisionProfile.Default;

    /// <summary>Whether the tone is played, by the operator's wish or the profile's.</summary>
    public bool PlaysTone => BeepTone || Profile.RequiresTone;

    /// <summary>The phone of a supervisor and the address to call; null when there is none, or when it is not the wished one and may not be another.</summary>
    /// <param name="supervisor">Subject.</param>
    /// <param name="wish">A SIP URI in place of the configured one; null for that one.</param>
    public (SupervisorPhone Phone, SipUri Address)? PhoneOf(string supervisor, SipUri? wish)
    {
        var phone = Phones.FirstOrDefault(candidate => candidate.Subject == supervisor) ?? Phones.FirstOrDefault(candidate => candidate.Subject == SupervisorPhone.Anybody);
        var own = phone?.AddressOf(supervisor);
        if (wish is null || wish.ToString() == own?.ToString()) return phone is null ? null : (phone, own!);
        return AnyPhone ? (phone ?? SupervisorPhone.None, wish) : null;
    }
}

/// <summary>The phone of one supervisor, or of all that have none of their own.</summary>
internal sealed record SupervisorPhone
{
    /// <summary>The subject that stands for everybody.</summary>
    public const string Anybody = "*";

    public static SupervisorPhone None { get; } = new() { Subject = Anybody, Address = new SipUri { Scheme = "sip", Host = "invalid" } };

    public required string Subject { get; init; }

    /// <summary>Its address; <c>{subject}</c> in the user part stands for the supervisor's.</summary>
    public required SipUri Address { get; init; }

    /// <summary>Where its calls go; null: by the trunk, or to the address itself.</summary>
    public IRouteTarget? Target { get; init; }

    /// <summary>The inline trunk whose routes its calls take; null for none.</summary>
    public InlineTrunk? Trunk { get; init; }

    /// <summary>Who we are when challenged.</summary>
    public DigestIdentity? Identity { get; init; }

    public SrtpPolicy Srtp { get; init; }

    /// <summary>Encoding names offered, best first, of PCMU, PCMA and G722; empty: all of them.</summary>
    public ImmutableArray<string> Codecs { get; init; } = [];

    /// <summary>It sends from another port than it says.</summary>
    public bool LearnPort { get; init; }

    public SipUri AddressOf(string supervisor) =>
        Address with { User = Address.User.Replace("{subject}", Uri.EscapeDataString(supervisor), StringComparison.Ordinal) };

    /// <summary>Where an INVITE to an address goes; null when nothing leads there now.</summary>
    public RouteTarget? PlaceOf(SipUri address)
    {
        if (Target is not null) return Target.Places.FirstOrDefault();
        if (Trunk is not null) return Trunk.RouteOf(address.UserUnescaped)?.Targets.SelectMany(target => target.Places).FirstOrDefault();
        if (address.Address is not { } literal) return null;
        var transport = address.Scheme == "sips" ? SipTransport.Tls
            : Enum.TryParse<SipTransport>(address.Parameters["transport"] ?? "udp", ignoreCase: true, out var named) ? named : SipTransport.Udp;
        return new RouteTarget(transport, new IPEndPoint(literal, address.Port ?? (transport == SipTransport.Tls ? SipFlow.DefaultTlsPort : SipFlow.DefaultPort)));
    }
}

/// <summary>What the law of a place, or the house, allows.</summary>
/// <param name="Name">As configured.</param>
/// <param name="Forbidden">Modes that are never allowed.</param>
/// <param name="RequiresTone">Both parties must hear that somebody is on the call: what cannot give them the tone is not allowed.</param>
internal sealed record SupervisionProfile(string Name, ImmutableArray<InterventionMode> Forbidden, bool RequiresTone)
{
    public static SupervisionProfile Default { get; } = new("default", [], RequiresTone: false);

    /// <summary>
    /// For places where every party must know who hears the call (in the USA the «all-party consent» states): no whispering, which one
    /// party must not hear, and the tone for everything else.
    /// </summary>
    public static SupervisionProfile UsAllParty { get; } = new("us-all-party", [InterventionMode.Whisper], RequiresTone: true);

    public static ImmutableArray<SupervisionProfile> All { get; } = [Default, UsAllParty];
}
