namespace EdgeAssist.AlertRelay.Journal.Redis;

/// <summary>Where the shared log is.</summary>
/// <param name="Configuration">As StackExchange.Redis reads it: <c>host:port,password=…,ssl=true</c>.</param>
/// <param name="Prefix">In front of every key; several installations may share a server.</param>
/// <param name="EpochPath">Remembers which log this relay knew: one that was lost is then told from a first start.</param>
internal sealed record RedisJournalOptions(string Configuration, string Prefix, string EpochPath)
{
    /// <summary>How long an append is repeated while the server does not answer. A repeat is recognised and never written twice.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>The keys of one log. The braces keep them in one slot of a cluster.</summary>
internal sealed class RedisKeys(string prefix)
{
    public string Base { get; } = "{" + prefix + "}";

    /// <summary>The stream: entry <c>offset-0</c> holds the record of that offset.</summary>
    public string Log => Base + ":log";

    /// <summary>A hash: epoch, head, oldest, shared keys.</summary>
    public string Meta => Base + ":meta";

    /// <summary>A hash from alert to the offset of its newest record.</summary>
    public string Alerts => Base + ":alerts";

    /// <summary>A channel on which the new head is said after every append.</summary>
    public string More => Base + ":more";

    /// <summary>Offsets of one call's records.</summary>
    public string Call(string callId) => Base + ":call:" + callId;

    /// <summary>Offsets of the records that begin something.</summary>
    public string Beginnings(JournalKind kind) => Base + ":begin:" + ((int)kind).ToString(System.Globalization.CultureInfo.InvariantCulture);
}
