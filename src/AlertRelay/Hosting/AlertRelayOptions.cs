namespace EdgeAssist.AlertRelay.Hosting;

/// <summary>Settings of the relay, section <c>AlertRelay</c>. Addresses and certificates are the host's.</summary>
public sealed class AlertRelayOptions
{
    public const string Section = "AlertRelay";

    /// <summary>Holds the journal and the keys. Required.</summary>
    public string DataDirectory { get; set; } = "";

    /// <summary>How long history is kept, 1 hour to 10 years. 30 days.</summary>
    public TimeSpan RetentionAge { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How many records are kept at most, 1,000 to 1,000,000,000. One million: about half a gigabyte.</summary>
    public long RetentionCount { get; set; } = 1_000_000;

    /// <summary>How often a stream says that it lives, 0.5 s to 60 s. 5 s; clients give a stream up after three.</summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Events that may wait for one slow reader, 16 to 65,536. 256.</summary>
    public int MaxPendingEvents { get; set; } = 256;

    /// <summary>A stream is asked to come anew after so long, less up to a tenth, 1 minute to 1 day. 30 minutes.</summary>
    public TimeSpan MaxStreamAge { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>A reader that takes nothing for so long is given up, 1 s to 5 minutes. 15 s.</summary>
    public TimeSpan WriteStall { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Streams one principal may have open, 1 to 100,000. 32.</summary>
    public int MaxStreamsPerPrincipal { get; set; } = 32;

    /// <summary>How long an ended alert keeps its call quiet unless the call calms, 0 s to 1 hour. 2 minutes.</summary>
    public TimeSpan AlertCoolDown { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a call is calm before its alert says so, 1 s to 10 minutes of the call. 30 s.</summary>
    public TimeSpan CalmFor { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a claim holds, 1 s to 1 hour. 60 s.</summary>
    public TimeSpan ClaimLease { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Streams one principal may open in a minute, 10 to 1,000,000. 600.</summary>
    public int NewStreamsPerMinute { get; set; } = 600;

    /// <summary>Connections one address may have open, 1 to 1,000,000. 1,024. Loopback is not limited.</summary>
    public int MaxConnectionsPerAddress { get; set; } = 1_024;

    /// <summary>Connections one address may open in a second, ten times as many at once, 1 to 100,000. 50.</summary>
    public int NewConnectionsPerSecond { get; set; } = 50;

    /// <summary>Loopback is limited like any other address. Off: a proxy on this machine stands for everybody.</summary>
    public bool LimitLoopback { get; set; }

    /// <summary>An OpenID Connect issuer whose access tokens are taken beside our own, <c>https://…</c>. Empty: none.</summary>
    public string OidcIssuer { get; set; } = "";

    /// <summary>What the issuer's tokens must be meant for (<c>aud</c>). Required with an issuer.</summary>
    public string OidcAudience { get; set; } = "";

    /// <summary>What claim <c>tid</c> of the issuer's tokens must hold; empty: not looked at.</summary>
    public string OidcTenant { get; set; } = "";

    /// <summary>Who is asked when nobody acts, as a JSON file (see <c>samples/rota.json</c>); read again when it changes. Empty: nobody else is.</summary>
    public string RotaFile { get; set; } = "";

    /// <summary>
    /// Mode of teams that have none of their own: <c>assist</c> shows what is found out, <c>observe</c> keeps it and shows nothing
    /// (the silent baseline). Empty: nothing is said here, which is assist until an admin says otherwise.
    /// </summary>
    public string DefaultMode { get; set; } = "";

    /// <summary>Teams in the mode observe.</summary>
    public IList<string> ObserveTeams { get; } = [];

    /// <summary>Teams in the mode assist.</summary>
    public IList<string> AssistTeams { get; } = [];

    /// <summary>While a graver alert for the same customer and team stands, milder ones are kept quiet. Off.</summary>
    public bool InhibitWithinGroup { get; set; }

    /// <summary>Folder of the browser console, relative to the program; empty: none is served. <c>console</c>.</summary>
    public string ConsoleDirectory { get; set; } = "console";

    /// <summary>How long measures are kept, apart from the journal, 30 days to 10 years. 3 years.</summary>
    public TimeSpan MeasuresRetention { get; set; } = TimeSpan.FromDays(3 * 366);

    /// <summary>How long reports that were made by the calendar are kept, 30 days to 100 years. 10 years.</summary>
    public TimeSpan ReportRetention { get; set; } = TimeSpan.FromDays(3660);

    /// <summary>The site's time zone, whose days and hours reports use: an IANA name. UTC.</summary>
    public string TimeZone { get; set; } = "UTC";

    /// <summary>Lets tools list the services (gRPC reflection). Off.</summary>
    public bool Reflection { get; set; }

    /// <summary>
    /// A Redis server (6.2 or later, <c>appendonly yes</c>, <c>appendfsync always</c>) whose log several relays share, as
    /// StackExchange.Redis reads it: <c>HOST:PORT,password=…,ssl=true</c>. Empty: the journal is a file in the data directory.
    /// </summary>
    public string SharedLog { get; set; } = "";

    /// <summary>In front of the shared log's keys: one per installation on a server. <c>edgeassist</c>.</summary>
    public string SharedLogPrefix { get; set; } = "edgeassist";

    /// <summary>On a shared log: a call of which nothing was heard for so long is ended as lost, 1 minute to 1 day. 15 minutes.</summary>
    public TimeSpan SilentCallAfter { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Prompts for agents. On.</summary>
    public bool Prompts { get; set; } = true;

    /// <summary>Entries of the operator's own beside ours, as <c>*.yaml</c> files; read again when they change. Empty: ours alone.</summary>
    public string PlaybookDirectory { get; set; } = "";

    /// <summary>Prompts an agent gets in one call, 1 to 3. 3. More only with <see cref="LooserPrompts"/>.</summary>
    public int PromptsPerCall { get; set; } = 3;

    /// <summary>From one prompt to the next, 45 s to 30 minutes. 45 s. Less only with <see cref="LooserPrompts"/>.</summary>
    public TimeSpan PromptGap { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>The calibrated risk from which a call gets a prompt, 0.8 to 1. 0.8. Lower only with <see cref="LooserPrompts"/>.</summary>
    public double PromptConfidence { get; set; } = 0.8;

    /// <summary>
    /// An administrator's word that agents may be asked for more of their attention than the defaults allow: then up to 10 prompts a
    /// call, 10 s apart, from a risk of 0.5. Off. Told in the log at every start.
    /// </summary>
    public bool LooserPrompts { get; set; }

    /// <summary>Language of prompts where the library has none in the call's; empty: then there is no prompt. <c>en</c>.</summary>
    public string PromptFallbackLocale { get; set; } = "en";

    /// <summary>Ceiling on the journal file in pages of 4 KiB; null: the disk is the limit.</summary>
    public long? JournalMaxPages { get; set; }

    /// <summary>Team, or «*», to mode, as far as the configuration says something.</summary>
    internal Dictionary<string, V1.PolicyMode> ConfiguredModes()
    {
        var modes = new Dictionary<string, V1.PolicyMode>(StringComparer.Ordinal);
        if (DefaultMode.Length > 0) modes[Policy.TeamModes.Others] = DefaultMode == "observe" ? V1.PolicyMode.Observe : V1.PolicyMode.Assist;
        foreach (var team in ObserveTeams) modes[team] = V1.PolicyMode.Observe;
        foreach (var team in AssistTeams) modes[team] = V1.PolicyMode.Assist;
        return modes;
    }
}
