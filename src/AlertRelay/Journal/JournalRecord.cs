namespace EdgeAssist.AlertRelay.Journal;

/// <summary>What a record says. The numbers are on disk: never reuse one.</summary>
internal enum JournalKind
{
    CallStarted = 1,
    CallUpdated = 2,

    /// <summary>A final; partials are not journaled.</summary>
    Transcript = 3,
    Score = 4,
    Gap = 5,
    RungChange = 6,
    CallEnded = 7,
    AlertOpened = 16,
    AlertChanged = 17,

    /// <summary>A silence as it is now.</summary>
    Silence = 18,

    /// <summary>A switch of a team between being shown and being silent.</summary>
    PolicySwitch = 32,

    /// <summary>A supervisor's intervention as it is now.</summary>
    Intervention = 40,

    /// <summary>A prompt or a message as it is now, or what is kept beside them.</summary>
    Assist = 48,
}

/// <summary>One record to be written: what a reader filters by in the open, the rest as a payload the journal does not look into.</summary>
internal sealed record JournalRecord
{
    public required JournalKind Kind { get; init; }

    public required string CallId { get; init; }

    /// <summary>Empty for records that are about a call only.</summary>
    public string AlertId { get; init; } = "";

    public string Team { get; init; } = "";

    public string Agent { get; init; } = "";

    /// <summary>When it happened.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Who asked for it and with which request id; empty for what nobody asked for.</summary>
    public string RequestKey { get; init; } = "";

    /// <summary>Serialised <c>edgeassist.v1.CallEvent</c>, <c>AlertEvent</c>, <c>Silence</c>, <c>PolicySwitch</c>, <c>AssistEvent</c> or <c>Intervention</c>, without what the offset implies.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }
}

/// <summary>A record with its place.</summary>
/// <param name="Offset">From 1.</param>
/// <param name="Record">What was written.</param>
/// <param name="CommittedAt">When it became durable; null when the process ended before that was noted.</param>
internal sealed record StoredRecord(long Offset, JournalRecord Record, DateTimeOffset? CommittedAt);
