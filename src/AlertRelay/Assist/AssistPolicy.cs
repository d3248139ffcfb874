namespace EdgeAssist.AlertRelay.Assist;

/// <summary>The numbers behind prompts. The budget's defaults are its bounds: options make it stricter, see <see cref="Hosting.AlertRelayOptions"/>.</summary>
internal sealed record AssistPolicy
{
    /// <summary>Prompts a call, those that come back after a snooze counted again.</summary>
    public int MostPerCall { get; init; } = 3;

    /// <summary>Between two of them.</summary>
    public TimeSpan Gap { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>The calibrated risk from which a call gets one, 0 to 1.</summary>
    public double ConfidenceFloor { get; init; } = 0.8;

    /// <summary>The mildest level that calls for one.</summary>
    public V1.Level From { get; init; } = V1.Level.Escalated;

    /// <summary>How long what called for a prompt waits for the agent to pause, or for the gap to pass.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a prompt stands when nobody takes it up.</summary>
    public TimeSpan PromptLife { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long after a moment the risk is looked at again.</summary>
    public TimeSpan MeasureAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the prompts of a call that is over are kept at hand: it may come back under its id.</summary>
    public TimeSpan Memory { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Used where the library has nothing in the call's language; empty: then there is no prompt.</summary>
    public string FallbackLocale { get; init; } = "en";

    /// <summary>Whose calendar the days of a history are told in.</summary>
    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Utc;
}
