namespace EdgeAssist.MediaGateway.Hosting;

/// <summary>Signalling. Section <see cref="Section"/>.</summary>
public sealed class SipOptions
{
    public const string Section = "Sip";

    /// <summary>Name of this gateway in the records of its calls, by which relays find it (<c>Links:Gateways</c>). Empty: the machine's.</summary>
    public string GatewayName { get; set; } = "";

    /// <summary>Name servers for names among the routes of inline trunks, <c>ADDRESS</c> or <c>ADDRESS:PORT</c>; empty: those of the system.</summary>
    public IList<string> DnsServers { get; } = [];

    /// <summary>
    /// Where SIP is received: <c>udp:ADDRESS:PORT</c>, <c>tcp:ADDRESS:PORT</c> and <c>tls:ADDRESS:PORT</c> (which needs
    /// <see cref="Tls"/>), IPv6 addresses in brackets, port 0 for any free one. Empty means <c>udp:127.0.0.1:5060</c> and <c>tcp:127.0.0.1:5060</c>. Any other address than loopback needs trunks with
    /// <see cref="TrunkOptions.Peers"/>.
    /// </summary>
    public IList<string> Listen { get; } = [];

    /// <summary>Media address told to peers, when they reach this machine by another than it has (NAT). Empty: the one their signalling reached.</summary>
    public string MediaAddress { get; set; } = "";

    /// <summary>Calls at once, 1 to 10 000; above it INVITE and OPTIONS get 503.</summary>
    public int MaxCalls { get; set; } = 200;

    /// <summary>TCP and TLS connections at once on each port, 1 to 65 536.</summary>
    public int MaxConnections { get; set; } = 1024;

    /// <summary>Connections at once from one address, 1 to 65 536; another is closed at once.</summary>
    public int MaxConnectionsPerSource { get; set; } = 256;

    /// <summary>
    /// Messages a second from one address, 1 to 100 000, twice as many at once. What is above is dropped before it is parsed
    /// over UDP, and waits over TCP and TLS.
    /// </summary>
    public int MaxMessagesPerSecond { get; set; } = 1000;

    /// <summary>New calls a second from one address, 1 to 10 000, twice as many at once; above it they get 503, and soon nothing.</summary>
    public int MaxCallsPerSecond { get; set; } = 100;

    /// <summary>A connection without a call that brings no message and no ping for this long is closed; 5 s to 1 day.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary><c>Ignore</c>: a source that no trunk names gets no answer at all. <c>Refuse</c>: it gets 403, at most 20 times a second.</summary>
    public string UnknownPeers { get; set; } = "Ignore";

    /// <summary>Digest authentication of trunks that have <see cref="TrunkOptions.Users"/>.</summary>
    public SipDigestOptions Digest { get; } = new();

    /// <summary>Certificates of <c>tls:</c> ports and of TLS connections to others.</summary>
    public SipTlsOptions Tls { get; } = new();

    /// <summary>Retry-After of a 503, 1 s to 1 h.</summary>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>RFC 3261 T1, 50 ms to 5 s.</summary>
    public TimeSpan T1 { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Smallest session interval accepted, 90 s (RFC 4028 §4) to 1 h.</summary>
    public TimeSpan MinSessionExpires { get; set; } = TimeSpan.FromSeconds(90);

    /// <summary>A call whose streams should all carry media and are all silent for this long is ended; 10 s to 24 h.</summary>
    public TimeSpan MediaTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long analysis may take for a call's last words, 1 s to 10 min.</summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>File that gets two JSON lines for each call carried through, one a leg; empty writes none. Holds numbers in full: protect it.</summary>
    public string CallRecords { get; set; } = "";

    /// <summary>How long live calls may go on after the order to stop, 0 to 24 h; then they get BYE. The host's own limit must allow it.</summary>
    public TimeSpan DrainTime { get; set; } = TimeSpan.Zero;

    /// <summary>Recording clients. Empty: any source on this machine, no roles. Otherwise see <see cref="UnknownPeers"/> for a source that no trunk covers.</summary>
    public IList<TrunkOptions> Trunks { get; } = [];
}

/// <summary>Digest authentication as a server (RFC 8760): SHA-256, and MD5 only by switch.</summary>
public sealed class SipDigestOptions
{
    /// <summary>Realm, shown to peers; 1 to 64 printable characters.</summary>
    public string Realm { get; set; } = "edgeassist";

    /// <summary>Offers and takes MD5 too, for peers that have nothing else. MD5 credentials that are overheard can be guessed from.</summary>
    public bool AllowMd5 { get; set; }

    /// <summary>How long a nonce is good, 5 s to 1 h; a peer that uses an older one gets a new one.</summary>
    public TimeSpan NonceLifetime { get; set; } = TimeSpan.FromSeconds(60);
}

/// <summary>SIP over TLS, 1.2 and 1.3. The files are looked at while the program runs: a changed one is used for the next connection.</summary>
public sealed class SipTlsOptions
{
    /// <summary>Our certificate and those between it and its root, PEM.</summary>
    public string CertificateFile { get; set; } = "";

    /// <summary>Its private key, PEM and unencrypted; keep it readable for this program only.</summary>
    public string KeyFile { get; set; } = "";

    /// <summary>Roots for the certificates of servers we connect to, PEM. Empty: those of the system.</summary>
    public string CaFile { get; set; } = "";

    /// <summary>Roots for the certificates of clients, PEM. Empty: clients are not asked for one.</summary>
    public string ClientCaFile { get; set; } = "";

    /// <summary>Whether a client without a certificate is refused, when <see cref="ClientCaFile"/> is given.</summary>
    public bool RequireClientCertificate { get; set; } = true;

    /// <summary>Certificate revocation lists, PEM or DER, signed by a certificate of one of the two CA files.</summary>
    public IList<string> CrlFiles { get; } = [];

    /// <summary>How often the files are looked at, 100 ms to 1 day.</summary>
    public TimeSpan ReloadInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Time a peer has for its handshake, 1 s to 1 min.</summary>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(10);
}

/// <summary>One recording client or a group of them.</summary>
public sealed class TrunkOptions
{
    /// <summary>Name in reports.</summary>
    public string Name { get; set; } = "";

    /// <summary>Team its calls belong to, empty for none.</summary>
    public string Team { get; set; } = "";

    /// <summary>Addresses or networks (<c>192.0.2.0/24</c>) it sends from; empty for any, on loopback only.</summary>
    public IList<string> Peers { get; } = [];

    /// <summary>
    /// Refuses what RFC 7866 allows to be refused: INVITEs without <c>Require: siprec</c> (421), required parts of unknown types
    /// (415), metadata that is not RFC 7865 (400). Off takes what can be understood.
    /// </summary>
    public bool Strict { get; set; }

    /// <summary>
    /// Make of its clients: a profile's name (<c>audiocodes</c>, <c>cisco-cube</c>, <c>oracle</c>, …; see Siprec/README.md) or the path
    /// of a JSON file with a profile of your own. Empty: found out for each session.
    /// </summary>
    public string Profile { get; set; } = "";

    /// <summary>
    /// Protected media of recording sessions (RTP/SAVP, SDES): <c>WithTls</c> takes it where signalling is TLS, <c>Allowed</c> over any
    /// signalling, <c>Required</c> takes nothing else, and only over TLS. What is not taken is refused, never carried unprotected.
    /// </summary>
    public string Srtp { get; set; } = "WithTls";

    /// <summary>480, 486 or 603: answers every INVITE of it so, when its parties did not consent to analysis. 0 takes its calls.</summary>
    public int Refuse { get; set; }

    /// <summary>
    /// Names (DNS names, or domains of SIP URIs) one of which its client certificate must have; then it is met over TLS only, and
    /// <see cref="Peers"/> may stay empty. Needs <see cref="SipTlsOptions.ClientCaFile"/>.
    /// </summary>
    public IList<string> Certificates { get; } = [];

    /// <summary>User name to password: one of them must sign every new call (digest authentication). Empty: address and certificate are enough.</summary>
    public IDictionary<string, string> Users { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Calls at once from this trunk, 1 to 10 000; above it INVITE and OPTIONS get 503. 0: only <see cref="SipOptions.MaxCalls"/> limits it.</summary>
    public int MaxCalls { get; set; }

    /// <summary><c>Recording</c>: it sends copies of calls (SIPREC). <c>Inline</c>: its calls are carried through, see <see cref="Inline"/>.</summary>
    public string Mode { get; set; } = "Recording";

    /// <summary>How calls are carried through; for <see cref="Mode"/> <c>Inline</c>.</summary>
    public InlineOptions Inline { get; set; } = new();

    /// <summary>Rules on a party's address, asked in order; the first that matches decides.</summary>
    public IList<RoleRuleOptions> Roles { get; } = [];

    /// <summary>Media label to role (<c>Agent</c>, <c>Customer</c>, <c>Mixed</c>).</summary>
    public IDictionary<string, string> Labels { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Roles of the first, second, … audio line, for a client known to keep that order.</summary>
    public IList<string> Positions { get; } = [];
}

/// <summary>One rule on a party's address of record.</summary>
public sealed class RoleRuleOptions
{
    /// <summary>
    /// <c>Domain</c> (the host), <c>Prefix</c> (the user part starts with), <c>Pattern</c> (a regular expression over the whole
    /// address), <c>ExtensionLength</c> (the user part is digits, this many at most) or <c>Any</c>.
    /// </summary>
    public string Test { get; set; } = "Any";

    /// <summary>What the test compares with; unused for <c>Any</c>.</summary>
    public string Value { get; set; } = "";

    /// <summary><c>Agent</c>, <c>Customer</c>, <c>Mixed</c> or <c>Unknown</c>.</summary>
    public string Role { get; set; } = "";
}

/// <summary>How the calls of a trunk are carried through.</summary>
public sealed class InlineOptions
{
    /// <summary>Where calls go; the first whose prefix fits is taken. At least one.</summary>
    public IList<RouteOptions> Routes { get; } = [];

    /// <summary>Role of whoever calls over this trunk, when no rule on addresses says: <c>Customer</c> (a public trunk), <c>Agent</c> (a PBX), <c>Unknown</c>.</summary>
    public string CallerRole { get; set; } = "Customer";

    /// <summary>
    /// Header fields passed from side to side, a <c>*</c> at the end for any ending. Empty: Session-ID, P-Asserted-Identity, Privacy, Diversion,
    /// History-Info, User-to-User, X-*, and the rest of <c>InlineTrunk.DefaultPassHeaders</c>.
    /// </summary>
    public IList<string> PassHeaders { get; } = [];

    /// <summary>
    /// Media types of an INVITE's other body parts that go on, a <c>*</c> at the end for any ending. Empty: location (PIDF-LO), emergency
    /// data, ISUP and QSIG.
    /// </summary>
    public IList<string> PassBodies { get; } = [];

    /// <summary>Transfers by REFER: <c>Pass</c> to the other side, or <c>Refuse</c> with 403.</summary>
    public string Refer { get; set; } = "Pass";

    /// <summary>Media that cannot be relayed (T.38 over UDPTL, MSRP) goes directly between the ends, whose addresses each other then sees; else it is refused with port 0.</summary>
    public bool PassOtherMedia { get; set; }

    /// <summary>
    /// Parties of this trunk's calls stand behind address translation that changes ports: the first valid packet from the address
    /// of a description fixes the port. Off, only the port of the description is listened to. Default false.
    /// </summary>
    public bool LearnPort { get; set; }

    /// <summary>Session interval asked for on the called side (RFC 4028), 90 s to 24 h; 0 asks for none.</summary>
    public TimeSpan SessionExpires { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Called numbers that are emergencies, besides <c>urn:service:sos</c>: never refused for lack of room, never analysed.</summary>
    public IList<string> EmergencyNumbers { get; } = [];

    /// <summary>Who we are to the targets of the routes; empty passes their challenges to the caller.</summary>
    public InlineCredentialsOptions Credentials { get; set; } = new();

    /// <summary>
    /// How long a side whose media is due (not on hold) may send none before both sides get BYE, 10 s to 24 h; 0 never ends a call for it.
    /// Leave it off where phones suppress silence without comfort noise.
    /// </summary>
    public TimeSpan MediaTimeout { get; set; }

    /// <summary>How long a target may stay silent before the next of its route is asked, 500 ms to 32 s.</summary>
    public TimeSpan TargetTimeout { get; set; } = TimeSpan.FromSeconds(5);
}

/// <summary>What answers a challenge of a route's target (digest authentication).</summary>
public sealed class InlineCredentialsOptions
{
    /// <summary>The targets' realm; challenges of any other go to the caller.</summary>
    public string Realm { get; set; } = "";

    /// <summary>User name.</summary>
    public string User { get; set; } = "";

    /// <summary>Password.</summary>
    public string Password { get; set; } = "";

    /// <summary>Answers a challenge with MD5 too: who overhears the answer can guess from it.</summary>
    public bool AllowMd5 { get; set; }
}

/// <summary>One line of a routing table.</summary>
public sealed class RouteOptions
{
    /// <summary>What the called number or user begins with; empty for any.</summary>
    public string Prefix { get; set; } = "";

    /// <summary>
    /// <c>udp:ADDRESS:PORT</c>, <c>tcp:ADDRESS:PORT</c> or <c>tls:ADDRESS:PORT</c>, or a name that is looked up by RFC 3263:
    /// <c>sip:pbx.example.com</c>, <c>sips:pbx.example.com</c>, <c>tls:pbx.example.com:5061</c>. Asked in order; the next one when the last did not answer.
    /// </summary>
    public IList<string> Targets { get; } = [];
}
