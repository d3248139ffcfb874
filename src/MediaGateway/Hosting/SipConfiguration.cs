using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Sdp.OfferAnswer;
using EdgeAssist.MediaGateway.Sip.Auth;
using EdgeAssist.MediaGateway.Sip.Transactions;
using EdgeAssist.MediaGateway.Sip.UserAgent;
using EdgeAssist.MediaGateway.Siprec;
using EdgeAssist.MediaGateway.Siprec.Profiles;
using EdgeAssist.MediaGateway.Transport;

namespace EdgeAssist.MediaGateway.Hosting;

/// <summary>An address to listen on.</summary>
internal sealed record SipListenAddress(SipTransport Transport, IPEndPoint EndPoint);

/// <summary>
/// <see cref="SipOptions"/> turned into what the cores take. Reading and validating are one thing: what cannot be read is
/// reported with a sentence that names it, all at once.
/// </summary>
internal sealed class SipConfiguration
{
    /// <summary>Closed by default: reachable from this machine only.</summary>
    internal static readonly ImmutableArray<string> DefaultListen = ["udp:127.0.0.1:5060", "tcp:127.0.0.1:5060"];

    private readonly List<string> _faults = [];

    private SipConfiguration(SipOptions options)
    {
        Listen = [.. (options.Listen.Count == 0 ? [.. DefaultListen] : options.Listen).Select(ReadListen).OfType<SipListenAddress>()];
        (Realm, AllowMd5) = (ReadRealm(options.Digest.Realm), options.Digest.AllowMd5);
        UserAgent = new UserAgentSettings
        {
            MaxSessions = Within(options.MaxCalls, 1, 10_000, "Sip:MaxCalls"),
            RetryAfter = Within(options.RetryAfter, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), "Sip:RetryAfter"),
            MinSessionExpires = Within(options.MinSessionExpires, TimeSpan.FromSeconds(90), TimeSpan.FromHours(1), "Sip:MinSessionExpires"),
            NextRandom = Random.Shared.NextDouble,
            Timers = SipTimers.Default with { T1 = Within(options.T1, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(5), "Sip:T1") },
        };
        MaxConnections = Within(options.MaxConnections, 1, 65_536, "Sip:MaxConnections");
        NonceLifetime = Within(options.Digest.NonceLifetime, TimeSpan.FromSeconds(5), TimeSpan.FromHours(1), "Sip:Digest:NonceLifetime");
        IdleTimeout = Within(options.IdleTimeout, TimeSpan.FromSeconds(5), TimeSpan.FromDays(1), "Sip:IdleTimeout");
        Tls = ReadTls(options.Tls);
        Recording = new RecordingSettings
        {
            GatewayName = options.GatewayName.Length > 0 ? options.GatewayName : Environment.MachineName,
            MediaAddress = options.MediaAddress.Length == 0 ? null : ReadAddress(options.MediaAddress),
            MediaTimeout = Within(options.MediaTimeout, TimeSpan.FromSeconds(10), TimeSpan.FromHours(24), "Sip:MediaTimeout"),
            CloseTimeout = Within(options.CloseTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10), "Sip:CloseTimeout"),
            Trunks = options.Trunks.Count == 0 ? [new Trunk()] : [.. options.Trunks.Select(ReadTrunk)],
        };
        Admission = new SipAdmissionSettings
        {
            Trunks = Recording.Trunks,
            AnswerUnknown = ReadUnknownPeers(options.UnknownPeers),
            MessagesPerSecond = Within(options.MaxMessagesPerSecond, 1, 100_000, "Sip:MaxMessagesPerSecond"),
            CallsPerSecond = Within(options.MaxCallsPerSecond, 1, 10_000, "Sip:MaxCallsPerSecond"),
            ConnectionsPerSource = Within(options.MaxConnectionsPerSource, 1, 65_536, "Sip:MaxConnectionsPerSource"),
        };
        DnsServers = [.. options.DnsServers.Select(ReadServer).OfType<IPEndPoint>()];
        CallRecords = options.CallRecords;
        DrainTime = Within(options.DrainTime, TimeSpan.Zero, TimeSpan.FromHours(24), "Sip:DrainTime");
        CheckThatPeersAreNamed(options);
        CheckTls(options);
    }

    public ImmutableArray<SipListenAddress> Listen { get; }

    public UserAgentSettings UserAgent { get; }

    public RecordingSettings Recording { get; }

    /// <summary>Name servers; empty for those of the system.</summary>
    public ImmutableArray<IPEndPoint> DnsServers { get; }

    /// <summary>File of the call detail records, empty for none.</summary>
    public string CallRecords { get; }

    /// <summary>How long live calls may go on after the order to stop.</summary>
    public TimeSpan DrainTime { get; }

    public int MaxConnections { get; }

    public TimeSpan IdleTimeout { get; }

    public string Realm { get; }

    public bool AllowMd5 { get; }

    public TimeSpan NonceLifetime { get; }

    public SipAdmissionSettings Admission { get; }

    public SipTlsSettings Tls { get; }

    /// <summary>What is wrong, one sentence each; empty when everything could be read.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>Whoever can reach the port can send calls: outside loopback the senders are named, if only as 0.0.0.0/0.</summary>
    private void CheckThatPeersAreNamed(SipOptions options)
    {
        var open = Listen.FirstOrDefault(listen => !IPAddress.IsLoopback(listen.EndPoint.Address));
        if (open is null || (options.Trunks.Count > 0 && options.Trunks.All(trunk => trunk.Peers.Count + trunk.Certificates.Count > 0))) return;
        _faults.Add($"Sip:Listen has {open.EndPoint}, which is reachable from outside, and not every trunk says who may send. Name your SBC in Sip:Trunks:0:Peers, for example 192.0.2.10 or 192.0.2.0/24.");
    }

    public static SipConfiguration Read(SipOptions options) => new(options);

    private SipListenAddress? ReadListen(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var transport = colon < 0 ? "" : text[..colon].ToLowerInvariant();
        if (transport is "udp" or "tcp" or "tls" && IPEndPoint.TryParse(text.AsSpan(colon + 1), out var endpoint) && HasPort(text))
            return new SipListenAddress(Enum.Parse<SipTransport>(transport, ignoreCase: true), endpoint);
        _faults.Add($"Sip:Listen '{text}' is not an address to listen on: write udp:ADDRESS:PORT, tcp:ADDRESS:PORT or tls:ADDRESS:PORT, for example udp:0.0.0.0:5060.");
        return null;
    }

    // "udp:0.0.0.0" parses as an end point with port 0, which is hardly what was meant.
    private static bool HasPort(string text) => char.IsAsciiDigit(text[^1]) && text.LastIndexOf(':') > text.IndexOf(':', StringComparison.Ordinal);

    private IPAddress? ReadAddress(string text)
    {
        if (IPAddress.TryParse(text, out var address)) return address;
        _faults.Add($"Sip:MediaAddress '{text}' is not an IP address.");
        return null;
    }

    private IPEndPoint? ReadServer(string text)
    {
        if (IPEndPoint.TryParse(text, out var server)) return server.Port == 0 ? new IPEndPoint(server.Address, 53) : server;
        _faults.Add($"Sip:DnsServers '{text}' is not a name server: write ADDRESS or ADDRESS:PORT.");
        return null;
    }

    private Trunk ReadTrunk(TrunkOptions options) => new()
    {
        Inline = InlineConfiguration.Read(options, Realm, _faults),
        Name = options.Name,
        Team = options.Team,
        Certificates = [.. options.Certificates],
        Users = ReadUsers(options),
        MaxCalls = Within(options.MaxCalls, 0, 10_000, $"Sip:Trunks '{options.Name}' MaxCalls"),
        Peers = [.. options.Peers.Select(peer => ReadNetwork(options, peer))],
        IsStrict = options.Strict,
        Srtp = ReadSrtp(options),
        Profile = ReadProfile(options),
        Refuse = ReadRefusal(options),
        Roles = new RoleRules
        {
            Addresses = [.. options.Roles.Select(rule => ReadRule(options, rule))],
            Labels = options.Labels.ToImmutableDictionary(
                pair => pair.Key.ToLowerInvariant(), pair => ReadRole(pair.Value, $"Sip:Trunks '{options.Name}' Labels '{pair.Key}'")),
            Positions = [.. options.Positions.Select(role => ReadRole(role, $"Sip:Trunks '{options.Name}' Positions"))],
        },
    };

    private VendorProfile? ReadProfile(TrunkOptions trunk)
    {
        if (trunk.Profile.Length == 0) return null;
        if (!trunk.Profile.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
        {
            if (VendorProfiles.Find(trunk.Profile) is { } known) return known;
            _faults.Add($"Sip:Trunks '{trunk.Name}' Profile '{trunk.Profile}' is unknown; write {string.Join(", ", VendorProfiles.All.Select(profile => profile.Name))}, or the path of a .json file.");
            return null;
        }

        try
        {
            if (VendorProfiles.Parse(File.ReadAllText(trunk.Profile), out var fault) is { } own) return own;
            _faults.Add($"Sip:Trunks '{trunk.Name}' Profile {trunk.Profile}: {fault}.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _faults.Add($"Sip:Trunks '{trunk.Name}' Profile {trunk.Profile} cannot be read: {e.Message}");
        }

        return null;
    }

    private SrtpPolicy ReadSrtp(TrunkOptions trunk)
    {
        if (Enum.TryParse<SrtpPolicy>(trunk.Srtp, ignoreCase: true, out var policy) && Enum.IsDefined(policy) && !int.TryParse(trunk.Srtp, out _)) return policy;
        _faults.Add($"Sip:Trunks '{trunk.Name}' Srtp '{trunk.Srtp}' is unknown; write WithTls, Allowed or Required.");
        return SrtpPolicy.WithTls;
    }

    private int ReadRefusal(TrunkOptions trunk)
    {
        if (trunk.Refuse is 0 or 480 or 486 or 603) return trunk.Refuse;
        _faults.Add($"Sip:Trunks '{trunk.Name}' Refuse is {trunk.Refuse}; write 480, 486 or 603, or 0 to take its calls.");
        return 0;
    }

    private string ReadRealm(string realm)
    {
        if (realm.Length is < 1 or > 64 || realm.Any(c => c is < ' ' or > '~')) _faults.Add($"Sip:Digest:Realm '{realm}' must be 1 to 64 printable ASCII characters.");
        return realm;
    }

    private DigestUsers ReadUsers(TrunkOptions trunk)
    {
        foreach (var (user, password) in trunk.Users)
            if (user.Length == 0 || password.Length < 8) _faults.Add($"Sip:Trunks '{trunk.Name}' Users: '{user}' needs a name and a password of 8 characters or more.");
        return trunk.Users.Count == 0 ? DigestUsers.None : new DigestUsers(Realm, trunk.Users, Convert.ToHexString(RandomNumberGenerator.GetBytes(16)));
    }

    private bool ReadUnknownPeers(string text)
    {
        if (text.Equals("Refuse", StringComparison.OrdinalIgnoreCase)) return true;
        if (!text.Equals("Ignore", StringComparison.OrdinalIgnoreCase)) _faults.Add($"Sip:UnknownPeers '{text}' is unknown; write Ignore or Refuse.");
        return false;
    }

    private SipTlsSettings ReadTls(SipTlsOptions options) => new()
    {
        CertificateFile = options.CertificateFile,
        KeyFile = options.KeyFile,
        CaFile = options.CaFile,
        ClientCaFile = options.ClientCaFile,
        RequireClientCertificate = options.RequireClientCertificate,
        CrlFiles = [.. options.CrlFiles],
        ReloadInterval = Within(options.ReloadInterval, TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1), "Sip:Tls:ReloadInterval"),
        HandshakeTimeout = Within(options.HandshakeTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1), "Sip:Tls:HandshakeTimeout"),
    };

    /// <summary>Files that are named can be read, now; and what needs them names them.</summary>
    private void CheckTls(SipOptions options)
    {
        if (Listen.Any(listen => listen.Transport == SipTransport.Tls) && Tls.CertificateFile.Length == 0)
            _faults.Add("Sip:Listen has a tls: port, and Sip:Tls:CertificateFile and Sip:Tls:KeyFile do not say which certificate to show there.");
        if (Tls.CertificateFile.Length > 0 != Tls.KeyFile.Length > 0) _faults.Add("Sip:Tls:CertificateFile and Sip:Tls:KeyFile are given together or not at all.");
        if (options.Trunks.FirstOrDefault(trunk => trunk.Certificates.Count > 0) is { } pinned && Tls.ClientCaFile.Length == 0)
            _faults.Add($"Sip:Trunks '{pinned.Name}' Certificates needs Sip:Tls:ClientCaFile: without it clients are not asked for a certificate.");
        try
        {
            if (Tls.CertificateFile.Length > 0 == Tls.KeyFile.Length > 0) _ = new SipTlsIdentity(Tls);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            _faults.Add($"Sip:Tls: {e.Message}");
        }
    }

    private IPNetwork ReadNetwork(TrunkOptions trunk, string text)
    {
        if (IPNetwork.TryParse(text, out var network)) return network;
        if (IPAddress.TryParse(text, out var address)) return new IPNetwork(address, address.GetAddressBytes().Length * 8);
        _faults.Add($"Sip:Trunks '{trunk.Name}' Peers '{text}' is neither an address nor a network such as 192.0.2.0/24.");
        return default;
    }

    private RoleRule ReadRule(TrunkOptions trunk, RoleRuleOptions options)
    {
        var where = $"Sip:Trunks '{trunk.Name}' Roles";
        var role = ReadRole(options.Role, where);
        if (!Enum.TryParse<AddressTest>(options.Test, ignoreCase: true, out var test) || !Enum.IsDefined(test))
            _faults.Add($"{where}: Test '{options.Test}' is unknown; write Domain, Prefix, Pattern, ExtensionLength or Any.");
        if (test != AddressTest.Any && options.Value.Length == 0) _faults.Add($"{where}: Test '{options.Test}' needs a Value.");
        if (test == AddressTest.ExtensionLength && (!int.TryParse(options.Value, out var digits) || digits is < 1 or > 20))
            _faults.Add($"{where}: ExtensionLength '{options.Value}' is not a number of digits between 1 and 20.");
        return new RoleRule(test, options.Value, role) { Pattern = test == AddressTest.Pattern ? ReadPattern(where, options.Value) : null };
    }

    private Regex? ReadPattern(string where, string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.IgnoreCase);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            _faults.Add($"{where}: Pattern '{pattern}' is not a regular expression of linear time: {e.Message}");
            return null;
        }
    }

    private PartyRole ReadRole(string text, string where)
    {
        if (Enum.TryParse<PartyRole>(text, ignoreCase: true, out var role) && Enum.IsDefined(role) && !int.TryParse(text, out _)) return role;
        _faults.Add($"{where}: role '{text}' is unknown; write Agent, Customer, Mixed or Unknown.");
        return PartyRole.Unknown;
    }

    private T Within<T>(T value, T min, T max, string name) where T : IComparable<T>
    {
        if (value.CompareTo(min) < 0 || value.CompareTo(max) > 0) _faults.Add($"{name} is {value}; it must be between {min} and {max}.");
        return value;
    }
}
