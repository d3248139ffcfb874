namespace EdgeAssist.Client;

/// <summary>How the client behaves.</summary>
public sealed class EdgeAssistClientOptions
{
    /// <summary>Pause before the second attempt; doubles up to <see cref="MaxBackoff"/>, each with up to half taken off at random.</summary>
    public TimeSpan MinBackoff { get; init; } = TimeSpan.FromMilliseconds(200);

    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the first message of a stream may take.</summary>
    public TimeSpan HelloTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a single call may take.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The server's clock is this machine's: the last hop of a latency can be told. Null: so for loopback addresses.
    /// </summary>
    public bool? SameClock { get; init; }

    /// <summary>Adjusts the handler of each connection, for example which certificates are trusted.</summary>
    public Action<SocketsHttpHandler>? ConfigureHandler { get; init; }

    /// <summary>Makes the clock replaceable in tests.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
