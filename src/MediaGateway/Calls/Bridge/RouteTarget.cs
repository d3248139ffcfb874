using System.Collections.Immutable;
using System.Net;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Resolution;
using EdgeAssist.MediaGateway.Sip.UserAgent;

namespace EdgeAssist.MediaGateway.Calls.Bridge;

/// <summary>One target as configured: an address, or a name that leads to several.</summary>
internal interface IRouteTarget
{
    /// <summary>The places it leads to now, in the order to ask them; empty for a name that is not known yet.</summary>
    ImmutableArray<RouteTarget> Places { get; }

    /// <summary>Whether calls are or were lately sent to this address.</summary>
    bool Has(IPAddress address);
}

/// <summary>Where a call may be sent.</summary>
internal sealed record RouteTarget(SipTransport Transport, IPEndPoint EndPoint) : IRouteTarget
{
    /// <summary>The target as host and port of a SIP URI: an address, or the name that led here.</summary>
    public string HostPort { get; init; } = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Dialog.HostOf(EndPoint.Address)}:{EndPoint.Port}");

    /// <summary>The domain that led here, which a certificate must prove on TLS (RFC 5922 §4); empty for a configured address.</summary>
    public string Domain { get; init; } = "";

    public ImmutableArray<RouteTarget> Places => [this];

    public bool Has(IPAddress address) => EndPoint.Address.Equals(address);
}

/// <summary>
/// A target that is a name (RFC 3263). What it leads to is found beforehand and again now and then, on a task of its own; the
/// signalling loop and admission read what was found last.
/// </summary>
internal sealed class NamedTarget(SipUri uri) : IRouteTarget
{
    private const int MaxAddresses = 64;

    private volatile State _state = new([], []);

    public SipUri Uri => uri;

    public ImmutableArray<RouteTarget> Places => _state.Places;

    public bool Has(IPAddress address) => _state.Addresses.Contains(address);

    /// <summary>
    /// Takes what the name leads to; nothing found leaves what stands, so that calls outlive their name server. Addresses of before are
    /// remembered, because calls may still go on there. One caller at a time.
    /// </summary>
    public void Learn(ImmutableArray<SipDestination> found)
    {
        if (found.IsEmpty) return;
        var hostPort = uri.Port is { } port ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{uri.Host}:{port}") : uri.Host;
        var addresses = found.Select(place => place.EndPoint.Address).ToImmutableHashSet();
        if (_state.Addresses.Count + addresses.Count <= MaxAddresses) addresses = addresses.Union(_state.Addresses);
        _state = new State([.. found.Select(place => new RouteTarget(place.Transport, place.EndPoint) { HostPort = hostPort, Domain = uri.Host })], addresses);
    }

    private sealed record State(ImmutableArray<RouteTarget> Places, ImmutableHashSet<IPAddress> Addresses);
}

/// <summary>One line of a trunk's routing table.</summary>
/// <param name="Prefix">What the called number or user begins with; empty for any.</param>
/// <param name="Targets">Asked in order: the next one when the last did not answer or was not able to.</param>
internal sealed record Route(string Prefix, ImmutableArray<IRouteTarget> Targets);

/// <summary>
/// Remembers for a while which places failed (RFC 3263 §4.3), so that the next call does not wait for them again. Belongs to the
/// signalling loop.
/// </summary>
internal sealed class FailedTargets
{
    private const int MaxRemembered = 256;
    private static readonly TimeSpan s_memory = TimeSpan.FromSeconds(30);

    private readonly Dictionary<(SipTransport, IPEndPoint), Instant> _until = [];

    public void Note(RouteTarget target, Instant now)
    {
        if (_until.Count >= MaxRemembered)
            foreach (var (key, until) in _until) if (until <= now) _until.Remove(key);
        if (_until.Count < MaxRemembered) _until[(target.Transport, target.EndPoint)] = now + s_memory;
    }

    public void Clear(RouteTarget target) => _until.Remove((target.Transport, target.EndPoint));

    /// <summary>All places of a route: in their order, but those that failed lately last. None is left out.</summary>
    public ImmutableArray<RouteTarget> Order(Route route, Instant now) =>
        [.. route.Targets.SelectMany(target => target.Places).OrderBy(place => _until.TryGetValue((place.Transport, place.EndPoint), out var until) && until > now)];
}
