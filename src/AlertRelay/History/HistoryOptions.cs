namespace EdgeAssist.AlertRelay.History;

/// <summary>Settings of the customer's history, section <c>History</c>.</summary>
public sealed class HistoryOptions
{
    public const string Section = "History";

    /// <summary>How far back a call's history reaches, 1 day to 10 years. 180 days. What is still open is told whatever its age.</summary>
    public TimeSpan Age { get; set; } = TimeSpan.FromDays(180);

    /// <summary>Interactions of a call's history at most, the newest, 5 to 500. 50.</summary>
    public int MaxInteractions { get; set; } = 50;

    /// <summary>A source that was not heard of for longer makes a history stale, which is told with it, 1 minute to 1 year. 24 hours.</summary>
    public TimeSpan StaleAfter { get; set; } = TimeSpan.FromHours(24);

    /// <summary>
    /// What a call is recognised by, strongest first: <c>customer-id</c>, <c>ucid</c>, <c>p-asserted-identity</c>, <c>aor</c>,
    /// <c>number</c>. Empty: all of them in this order.
    /// </summary>
    public IList<string> Match { get; } = [];

    /// <summary>ISO 3166 country of numbers written without one, for example <c>DE</c>. Empty: only numbers with their country are understood.</summary>
    public string DefaultRegion { get; set; } = "";

    /// <summary>Trunks whose numbers are written as in another country.</summary>
    public IList<TrunkRegionOptions> Trunks { get; } = [];

    /// <summary>How long interactions that are over are kept, <see cref="Age"/> to 10 years. 400 days.</summary>
    public TimeSpan KeepInteractions { get; set; } = TimeSpan.FromDays(400);

    /// <summary>How long it is kept which call was whose, 1 day to 10 years. 30 days.</summary>
    public TimeSpan KeepCalls { get; set; } = TimeSpan.FromDays(30);

    /// <summary>A system that is asked when a call begins.</summary>
    public HistoryPullOptions Pull { get; } = new();
}

/// <summary>Where the numbers of a trunk are dialled.</summary>
public sealed class TrunkRegionOptions
{
    /// <summary>Name of the trunk, as in section <c>Sip</c>.</summary>
    public string Name { get; set; } = "";

    /// <summary>ISO 3166 country.</summary>
    public string Region { get; set; } = "";
}

/// <summary>A system that is asked over HTTP when a call begins.</summary>
public sealed class HistoryPullOptions
{
    /// <summary>
    /// Address with places for the call's identifiers: <c>{number}</c>, <c>{customer-id}</c>, <c>{ucid}</c>, <c>{aor}</c>. The first
    /// identifier of the call, by the order of <see cref="HistoryOptions.Match"/>, that has a place is filled in, the others stay empty.
    /// https outside loopback. Empty: nobody is asked.
    /// </summary>
    public string Url { get; set; } = "";

    /// <summary>File with one header line that lets us in, for example <c>Authorization: Bearer …</c>; read for each request. Empty: none is sent.</summary>
    public string HeaderFile { get; set; } = "";

    /// <summary>Mapping of the answer (YAML, as for imports, with <c>format: json</c>). Required with an address.</summary>
    public string Mapping { get; set; } = "";

    /// <summary>An answer is not asked for again for so long, 1 s to 7 days. 10 minutes.</summary>
    public TimeSpan Ttl { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long an answer may take, 100 ms to 30 s. 3 s. No call waits for it.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Requests under way at once, 1 to 256; further calls go without. 16.</summary>
    public int MaxAtOnce { get; set; } = 16;

    /// <summary>Failures one after the other until nobody is asked for a while, 1 to 100. 5.</summary>
    public int FailuresToRest { get; set; } = 5;

    /// <summary>How long nobody is asked then, twice as long each time up to 16 times, 1 s to 1 hour. 15 s.</summary>
    public TimeSpan Rest { get; set; } = TimeSpan.FromSeconds(15);
}
