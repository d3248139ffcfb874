namespace EdgeAssist.MediaGateway.Sip.Transactions;

/// <summary>Timer values of RFC 3261 table 4, as derived from T1, T2 and T4.</summary>
internal sealed record SipTimers
{
    public static SipTimers Default { get; } = new();

    /// <summary>Round-trip time estimate, 500 ms.</summary>
    public TimeSpan T1 { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest retransmission interval for non-INVITE requests and INVITE responses, 4 s.</summary>
    public TimeSpan T2 { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>Longest time a message stays in the network, 5 s.</summary>
    public TimeSpan T4 { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Timers B, F, H, J, L and M.</summary>
    public TimeSpan SixtyFourT1 => 64 * T1;

    /// <summary>Timer D on unreliable transports: at least 32 s (§17.1.1.2).</summary>
    public TimeSpan D => SixtyFourT1 > TimeSpan.FromSeconds(32) ? SixtyFourT1 : TimeSpan.FromSeconds(32);

    public TimeSpan Double(TimeSpan interval) => interval + interval < T2 ? interval + interval : T2;
}
