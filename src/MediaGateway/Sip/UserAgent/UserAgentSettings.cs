using EdgeAssist.MediaGateway.Sip.Transactions;

namespace EdgeAssist.MediaGateway.Sip.UserAgent;

/// <summary>What the user agent core is told by its configuration.</summary>
internal sealed record UserAgentSettings
{
    public SipTimers Timers { get; init; } = SipTimers.Default;

    /// <summary>Sessions at once; above it INVITE and OPTIONS get 503.</summary>
    public int MaxSessions { get; init; } = 200;

    /// <summary>Server transactions at once; above it requests are refused without keeping state.</summary>
    public int MaxTransactions { get; init; } = 16_384;

    /// <summary>Retry-After of a 503.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Smallest session interval accepted (RFC 4028 §4: 90 s).</summary>
    public TimeSpan MinSessionExpires { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>Gives a number from 0 up to 1, for the times RFC 3261 §14 wants random; always 0 when not given.</summary>
    public Func<double> NextRandom { get; init; } = () => 0;

    /// <summary>Server and User-Agent.</summary>
    public string Product { get; init; } = "EdgeAssist";
}
