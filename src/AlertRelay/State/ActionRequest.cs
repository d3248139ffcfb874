using EdgeAssist.AlertRelay.Rules;

namespace EdgeAssist.AlertRelay.State;

/// <summary>What a person asks of an alert.</summary>
internal sealed record ActionRequest
{
    public required AlertAction Action { get; init; }

    public required string AlertId { get; init; }

    public required string Actor { get; init; }

    /// <summary>May act on what somebody else holds.</summary>
    public bool Overrides { get; init; }

    /// <summary>The client's id; empty: the client does not want repeats recognised.</summary>
    public string RequestId { get; init; } = "";

    /// <summary>0: any.</summary>
    public int ExpectedVersion { get; init; }

    public string Reason { get; init; } = "";

    public string RequestKey => RequestId.Length == 0 ? "" : RequestKeys.Of(Actor, RequestId);
}

/// <summary>How an action or an event was answered.</summary>
internal enum StepVerdict
{
    Accepted,

    /// <summary>The alert or the call is not known.</summary>
    NotFound,

    /// <summary>The alert is in another version than the client saw.</summary>
    VersionChanged,

    /// <summary>The action does not fit the alert's state.</summary>
    DoesNotFit,

    /// <summary>The request id was used for something else.</summary>
    RequestIdReused,
}

/// <param name="Verdict">Whether it was done.</param>
/// <param name="Alert">The alert as it is now, when it was an action that was accepted.</param>
/// <param name="Why">A sentence for people when it was not accepted.</param>
/// <param name="Silence">The silence as it is now, when it was about one.</param>
/// <param name="Count">How many were noted, when receipts were.</param>
/// <param name="Policy">The switch as it was journaled, when it was one.</param>
/// <param name="Assist">The prompt, message or decision as it is now, when it was about one.</param>
/// <param name="Intervention">The intervention as it is now, when it was about one.</param>
/// <param name="Reason">A stable word for a refusal that has one of its own; empty for that of the verdict.</param>
internal readonly record struct StepAnswer(
    StepVerdict Verdict, V1.Alert? Alert = null, string Why = "", V1.Silence? Silence = null, int Count = 0, V1.PolicySwitch? Policy = null, V1.AssistEvent? Assist = null,
    V1.Intervention? Intervention = null, string Reason = "");

/// <summary>What a person writes about an alert.</summary>
internal sealed record NoteRequest(string AlertId, string Actor, string RequestId, int ExpectedVersion, string Note, string Disposition)
{
    public string RequestKey => RequestKeys.Of(Actor, RequestId);
}

/// <summary>An alert reached somebody.</summary>
/// <param name="AlertId">Which.</param>
/// <param name="Subject">Whom.</param>
/// <param name="At">When.</param>
/// <param name="Archived">The alert as the journal holds it, for one that is no longer in the live state.</param>
internal readonly record struct Delivery(string AlertId, string Subject, DateTimeOffset At, V1.Alert? Archived = null);

/// <summary>What repeats of a request are recognised by: the client's id is unique within its principal only.</summary>
internal static class RequestKeys
{
    public static string Of(string actor, string requestId) => actor + "\n" + requestId;
}
