using Microsoft.Extensions.Logging;

namespace EdgeAssist.AlertRelay.History;

/// <summary>What the history logs (51xx). Counts and reasons; never a customer, a number or what happened to them.</summary>
internal static partial class HistoryLog
{
    [LoggerMessage(5101, LogLevel.Information, "History open: {Customers} customers, {Interactions} interactions.")]
    public static partial void Open(ILogger logger, long customers, long interactions);

    [LoggerMessage(5102, LogLevel.Error, "{Why} Calls go on without their customers' history.")]
    public static partial void Unavailable(ILogger logger, string why);

    [LoggerMessage(5103, LogLevel.Information, "{Count} rows of the history past their retention were forgotten.")]
    public static partial void Trimmed(ILogger logger, long count);

    [LoggerMessage(5104, LogLevel.Warning, "{Count} recognised calls could not be noted: {Why}")]
    public static partial void NotNoted(ILogger logger, int count, string why);

    [LoggerMessage(5105, LogLevel.Warning, "A customer was forgotten by order of {Actor}: {Interactions} interactions, {Identifiers} identifiers, {Calls} calls; audit entry {AuditId}.")]
    public static partial void Erased(ILogger logger, string actor, long interactions, long identifiers, long calls, long auditId);

    [LoggerMessage(5106, LogLevel.Warning, "The system that is asked for histories did not answer: {Why}")]
    public static partial void PullFailed(ILogger logger, string why);

    [LoggerMessage(5107, LogLevel.Error, "The upkeep of the history failed and goes on.")]
    public static partial void UpkeepFailed(ILogger logger, Exception error);
}
