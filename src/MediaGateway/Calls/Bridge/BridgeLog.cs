using EdgeAssist.Contracts;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.MediaGateway.Calls.Bridge;

/// <summary>Log lines of bridged calls. They name calls by our own id only: numbers, names and addresses of parties are personal.</summary>
internal static partial class BridgeLog
{
    [LoggerMessage(2201, LogLevel.Information, "Call {Call} goes from trunk '{Trunk}' to {Target}, attempt {Attempt}.")]
    public static partial void Placed(ILogger logger, CallId call, string trunk, string target, int attempt);

    [LoggerMessage(2202, LogLevel.Information, "Call {Call} was answered after {Seconds:0.0} s; codec {Codec}, roles {Roles}.")]
    public static partial void Answered(ILogger logger, CallId call, double seconds, string codec, string roles);

    [LoggerMessage(2203, LogLevel.Information, "Call {Call} ended: {End}, status {Status}, after {Seconds:0.0} s; packets from caller {Caller}, from callee {Callee}.")]
    public static partial void Ended(ILogger logger, CallId call, string end, int status, double seconds, long caller, long callee);

    [LoggerMessage(2204, LogLevel.Warning, "INVITE refused with {Status}: {Why}")]
    public static partial void Refused(ILogger logger, int status, string why);

    [LoggerMessage(2205, LogLevel.Error, "Call {Call}: analysis failed; the call goes on without it.")]
    public static partial void AnalysisFailed(ILogger logger, CallId call, Exception error);

    [LoggerMessage(2206, LogLevel.Warning, "An emergency call on trunk '{Trunk}' goes through without admission and analysis.")]
    public static partial void Emergency(ILogger logger, string trunk);

    [LoggerMessage(2208, LogLevel.Information, "Call {Call} was taken over by a supervisor.")]
    public static partial void TakenOver(ILogger logger, CallId call);

    [LoggerMessage(2207, LogLevel.Error, "Call records cannot be written to {Path}; they are lost until that is mended.")]
    public static partial void RecordsFailed(ILogger logger, string path, Exception error);
}
