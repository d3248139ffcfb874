using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Net;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls.Bridge;
using EdgeAssist.MediaGateway.Sip.Auth;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Parsing;
using EdgeAssist.MediaGateway.Sip.UserAgent;

namespace EdgeAssist.MediaGateway.Hosting;

/// <summary>Reads how a trunk's calls are carried through; what cannot be read is said in a sentence.</summary>
internal static class InlineConfiguration
{
    private static readonly ImmutableArray<string> s_transports = ["udp", "tcp", "tls"];

    /// <summary>The trunk's plan; null for one that sends recordings.</summary>
    /// <param name="trunk">Its options.</param>
    /// <param name="realm">Realm its users sign for.</param>
    /// <param name="faults">Gets a sentence for everything that is wrong.</param>
    public static InlineTrunk? Read(TrunkOptions trunk, string realm, ICollection<string> faults)
    {
        var where = $"Sip:Trunks '{trunk.Name}'";
        if (trunk.Mode.Equals("Recording", StringComparison.OrdinalIgnoreCase)) return null;
        if (!trunk.Mode.Equals("Inline", StringComparison.OrdinalIgnoreCase))
        {
            faults.Add($"{where} Mode '{trunk.Mode}' is unknown; write Recording or Inline.");
            return null;
        }

        var options = trunk.Inline;
        if (options.Routes.Count == 0) faults.Add($"{where} is Inline and has no Inline:Routes: say where its calls go.");
        if (options.SessionExpires != TimeSpan.Zero && (options.SessionExpires < TimeSpan.FromSeconds(90) || options.SessionExpires > TimeSpan.FromHours(24)))
            faults.Add($"{where} Inline:SessionExpires is {options.SessionExpires}; it must be 0 or between 00:01:30 and 1.00:00:00.");
        if (options.TargetTimeout < TimeSpan.FromMilliseconds(500) || options.TargetTimeout > TimeSpan.FromSeconds(32))
            faults.Add($"{where} Inline:TargetTimeout is {options.TargetTimeout}; it must be between 00:00:00.5 and 00:00:32.");
        if (options.MediaTimeout != TimeSpan.Zero && (options.MediaTimeout < TimeSpan.FromSeconds(10) || options.MediaTimeout > TimeSpan.FromHours(24)))
            faults.Add($"{where} Inline:MediaTimeout is {options.MediaTimeout}; it must be 0 or between 00:00:10 and 1.00:00:00.");
        return new InlineTrunk
        {
            Routes = [.. options.Routes.Select(route => new Route(route.Prefix, ReadTargets(where, route, faults)))],
            CallerRole = ReadOne(options.CallerRole, PartyRole.Customer, $"{where} Inline:CallerRole", [PartyRole.Customer, PartyRole.Agent, PartyRole.Unknown], faults),
            PassBodies = options.PassBodies.Count == 0 ? OutgoingBody.DefaultPassBodies : [.. options.PassBodies.Select(type => type.ToLowerInvariant())],
            PassHeaders = options.PassHeaders.Count == 0 ? InlineTrunk.DefaultPassHeaders : [.. options.PassHeaders],
            Refer = ReadOne(options.Refer, ReferMode.Pass, $"{where} Inline:Refer", Enum.GetValues<ReferMode>(), faults),
            PassOtherMedia = options.PassOtherMedia,
            LearnPort = options.LearnPort,
            SessionExpires = options.SessionExpires == TimeSpan.Zero ? null : options.SessionExpires,
            EmergencyNumbers = options.EmergencyNumbers.ToFrozenSet(StringComparer.OrdinalIgnoreCase),
            TargetTimeout = options.TargetTimeout,
            Identity = ReadIdentity($"{where} Inline:Credentials", options.Credentials, faults),
            OwnRealm = trunk.Users.Count > 0 ? realm : "",
            MediaTimeout = options.MediaTimeout == TimeSpan.Zero ? null : options.MediaTimeout,
        };
    }

    private static ImmutableArray<IRouteTarget> ReadTargets(string where, RouteOptions route, ICollection<string> faults)
    {
        if (route.Targets.Count == 0) faults.Add($"{where} Inline:Routes '{route.Prefix}' has no Targets.");
        return [.. route.Targets.Select(text => ReadTarget($"{where} Inline:Routes Targets", text, faults)).OfType<IRouteTarget>()];
    }

    /// <summary>A place to send calls to; null when the text is none.</summary>
    internal static IRouteTarget? ReadTarget(string where, string text, ICollection<string> faults)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0 && Enum.TryParse<SipTransport>(text.AsSpan(0, colon), ignoreCase: true, out var transport) && char.IsAsciiLetter(text[0])
            && IPEndPoint.TryParse(text.AsSpan(colon + 1), out var endPoint) && endPoint.Port != 0) return new RouteTarget(transport, endPoint);
        if (ReadName(text) is { } uri) return new NamedTarget(uri);
        faults.Add($"{where} '{text}' is not a place to send calls to: write udp:ADDRESS:PORT, tcp:ADDRESS:PORT or tls:ADDRESS:PORT, or a SIP URI without user, for example sip:pbx.example.com;transport=tcp.");
        return null;
    }

    /// <summary>A SIP URI, or a host name with or without a port and with or without a transport before it.</summary>
    private static SipUri? ReadName(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var scheme = colon < 0 ? "" : text[..colon].ToLowerInvariant();
        var written = scheme switch
        {
            "sip" or "sips" => text,
            "udp" or "tcp" or "tls" => $"sip:{text[(colon + 1)..]};transport={scheme}",
            _ => "sip:" + text,
        };
        var isName = SipUriParser.TryParse(written, out var uri) && uri!.User.Length == 0 && uri.Host.Any(char.IsAsciiLetterOrDigit) && uri.Port != 0
            && (uri.Parameters["transport"] is not { } transport || s_transports.Contains(transport, StringComparer.OrdinalIgnoreCase))
            && !(uri.Scheme == "sips" && "udp".Equals(uri.Parameters["transport"], StringComparison.OrdinalIgnoreCase));
        return isName ? uri : null;
    }

    /// <summary>Who we are when challenged; null when nothing is configured.</summary>
    internal static DigestIdentity? ReadIdentity(string where, InlineCredentialsOptions credentials, ICollection<string> faults)
    {
        if (credentials.Realm.Length + credentials.User.Length + credentials.Password.Length == 0) return null;
        if (credentials.Realm.Length == 0 || credentials.User.Length == 0 || credentials.Password.Length == 0)
            faults.Add($"{where} needs Realm, User and Password, all three.");
        return new DigestIdentity(credentials.Realm, credentials.User, credentials.Password, credentials.AllowMd5);
    }

    /// <summary>One of the names of an enumeration.</summary>
    internal static T ReadOne<T>(string text, T otherwise, string where, IReadOnlyCollection<T> allowed, ICollection<string> faults) where T : struct, Enum
    {
        if (text.Length > 0 && char.IsAsciiLetter(text[0]) && Enum.TryParse<T>(text, ignoreCase: true, out var value) && allowed.Contains(value)) return value;
        faults.Add($"{where} '{text}' is unknown; write {string.Join(", ", allowed)}.");
        return otherwise;
    }
}
