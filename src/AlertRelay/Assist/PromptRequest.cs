using EdgeAssist.AlertRelay.State;

namespace EdgeAssist.AlertRelay.Assist;

/// <summary>What the call's agent does with a prompt.</summary>
internal enum PromptAction
{
    Show,
    Accept,
    Dismiss,
    Snooze,
}

/// <param name="Action">What.</param>
/// <param name="CallId">The prompt's call.</param>
/// <param name="PromptId">Which.</param>
/// <param name="Actor">The agent.</param>
/// <param name="RequestId">The client's id; empty: repeats are not recognised.</param>
/// <param name="ExpectedVersion">0: any.</param>
/// <param name="Reason">May be empty.</param>
/// <param name="SnoozeFor">Until it comes back.</param>
internal sealed record PromptRequest(
    PromptAction Action, string CallId, string PromptId, string Actor, string RequestId, int ExpectedVersion, string Reason, TimeSpan SnoozeFor = default)
{
    public string RequestKey => RequestId.Length == 0 ? "" : RequestKeys.Of(Actor, RequestId);
}

/// <param name="CallId">To whose agent.</param>
/// <param name="Author">Who writes.</param>
/// <param name="RequestId">The client's id.</param>
/// <param name="Text">What.</param>
internal sealed record MessageRequest(string CallId, string Author, string RequestId, string Text)
{
    public string RequestKey => RequestKeys.Of(Author, RequestId);
}
