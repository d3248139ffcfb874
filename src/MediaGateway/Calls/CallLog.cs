using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Siprec;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.MediaGateway.Calls;

/// <summary>Log lines of calls. They name calls by our own id only: addresses, names and labels of parties are personal.</summary>
internal static partial class CallLog
{
    [LoggerMessage(2101, LogLevel.Information, "Call {Call} started on trunk '{Trunk}': {Legs} audio legs, metadata {Dialect}, client {Profile}, roles {Roles}.")]
    public static partial void Started(ILogger logger, CallId call, string trunk, int legs, string dialect, string profile, string roles);

    [LoggerMessage(2102, LogLevel.Information, "Call {Call} ended ({End}) after {Seconds:0.0} s: {Packets} packets, {Lost} lost.")]
    public static partial void Ended(ILogger logger, CallId call, string end, double seconds, long packets, long lost);

    [LoggerMessage(2103, LogLevel.Warning, "INVITE refused with {Status}: {Why}")]
    public static partial void Refused(ILogger logger, int status, string why);

    [LoggerMessage(2104, LogLevel.Warning, "Call {Call}: metadata refused ({Error}); the call goes on, roles may stay unknown.")]
    public static partial void MetadataRefused(ILogger logger, CallId call, MetadataError error);

    [LoggerMessage(2105, LogLevel.Information, "Call {Call}: an update refers to something unknown; a snapshot was asked for.")]
    public static partial void SnapshotAsked(ILogger logger, CallId call);

    [LoggerMessage(2106, LogLevel.Warning, "Call {Call}: analysis did not finish within {Seconds} s and was let go.")]
    public static partial void CloseTimedOut(ILogger logger, CallId call, double seconds);

    [LoggerMessage(2107, LogLevel.Error, "Call {Call}: closing failed.")]
    public static partial void CloseFailed(ILogger logger, CallId call, Exception error);

    [LoggerMessage(2110, LogLevel.Information, "Call {Call}: recording is {State} now.")]
    public static partial void RecordingChanged(ILogger logger, CallId call, RecordingState state);

    [LoggerMessage(2109, LogLevel.Debug, "Trunk '{Trunk}': {Parts} parts of a body are of types that are not read here; the rest of it is taken.")]
    public static partial void PartsIgnored(ILogger logger, string trunk, int parts);

    [LoggerMessage(2108, LogLevel.Warning, "Call {Call}: every stream was silent for {Seconds} s; it is ended.")]
    public static partial void Silent(ILogger logger, CallId call, double seconds);
}
