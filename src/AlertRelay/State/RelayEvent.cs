using EdgeAssist.AlertRelay.Journal;

namespace EdgeAssist.AlertRelay.State;

/// <summary>
/// One thing that happened, with its place: a change of a call or of an alert. Immutable once the writer published it.
/// </summary>
internal sealed record RelayEvent
{
    /// <summary>Place in the journal; 0 for a partial transcript.</summary>
    public required long Offset { get; init; }

    public required JournalKind Kind { get; init; }

    public required string CallId { get; init; }

    /// <summary>Team and agent of the call at that time: what scopes and filters look at.</summary>
    public required string Team { get; init; }

    public required string Agent { get; init; }

    public required DateTimeOffset Time { get; init; }

    /// <summary>Set when the event is about the call.</summary>
    public V1.CallEvent? Call { get; init; }

    /// <summary>Set when the event is about an alert.</summary>
    public V1.AlertEvent? Alert { get; init; }

    /// <summary>Set when the event is about a silence.</summary>
    public V1.Silence? Silence { get; init; }

    /// <summary>Set when the event is a switch of a team's mode.</summary>
    public V1.PolicySwitch? Policy { get; init; }

    /// <summary>It happened to a call of which nothing is shown.</summary>
    public bool IsWithheld => (Call?.Mode ?? Alert?.Alert.Mode) == V1.PolicyMode.Observe;

    /// <summary>Set when the event is about a prompt or a message.</summary>
    public V1.AssistEvent? Assist { get; init; }

    /// <summary>Set when the event is about a supervisor on a call.</summary>
    public V1.Intervention? Intervention { get; init; }

    public string RequestKey { get; init; } = "";

    /// <summary>When it became durable. Null for a partial, and when the process ended before that was noted.</summary>
    public DateTimeOffset? CommittedAt { get; init; }

    public string AlertId => Alert?.Alert.AlertId ?? "";
}
