using Microsoft.Extensions.Logging;

namespace EdgeAssist.MediaGateway.Grpc;

/// <summary>Log entries of the way to a worker in another process, events 3100 to 3199.</summary>
internal static partial class GrpcSinkLog
{
    [LoggerMessage(3101, LogLevel.Information, "Call {Call}: worker {Worker} analyses it.")]
    public static partial void WorkerAccepted(this ILogger logger, string call, string worker);

    [LoggerMessage(3102, LogLevel.Warning, "Call {Call}: the link to the worker is lost ({Status}: {Detail}); trying again.")]
    public static partial void LinkLost(this ILogger logger, string call, string status, string detail);

    [LoggerMessage(3103, LogLevel.Warning, "Call {Call}: ended without a worker's last results.")]
    public static partial void ClosedWithoutResults(this ILogger logger, string call);

    [LoggerMessage(3104, LogLevel.Error, "Call {Call}: its copy is given up after an error of ours; the call itself goes on.")]
    public static partial void Failed(this ILogger logger, Exception exception, string call);
}
