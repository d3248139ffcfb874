using EdgeAssist.Contracts;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.Inference.Streaming;

/// <summary>What analysis writes to the log: never words, never numbers of people.</summary>
internal static partial class StreamingLog
{
    [LoggerMessage(4001, LogLevel.Information, "Analysis of call {Call} began")]
    public static partial void CallStarted(ILogger log, CallId call);

    [LoggerMessage(4002, LogLevel.Information, "Analysis of call {Call} ended ({Reason}): {Utterances} utterances, {Gaps} gaps")]
    public static partial void CallEnded(ILogger log, CallId call, CallEndReason reason, int utterances, int gaps);

    [LoggerMessage(4003, LogLevel.Error, "Analysis of call {Call} failed and ends; the call itself goes on")]
    public static partial void CallFailed(ILogger log, Exception exception, CallId call);

    [LoggerMessage(4004, LogLevel.Error, "An utterance of {Audio} could not be recognised")]
    public static partial void RecognitionFailed(ILogger log, Exception exception, TimeSpan audio);

    [LoggerMessage(4005, LogLevel.Warning, "Analysis is now on the rung {Rung}; the oldest utterance has waited {Age}")]
    public static partial void RungChanged(ILogger log, AnalysisRung rung, TimeSpan age);

    [LoggerMessage(4006, LogLevel.Warning, "An event of call {Call} was not taken (try {Attempt} of {Attempts}): {Reason}")]
    public static partial void EventRefused(ILogger log, CallId call, int attempt, int attempts, string reason);

    [LoggerMessage(4007, LogLevel.Error, "An event of call {Call} is lost: the relay did not take it in {Attempts} tries, or too many wait")]
    public static partial void EventLost(ILogger log, CallId call, int attempts);

    [LoggerMessage(4008, LogLevel.Error, "The customer of call {Call} could not be looked up; the call goes on without a history")]
    public static partial void LookUpFailed(ILogger log, Exception exception, CallId call);

    [LoggerMessage(4009, LogLevel.Warning, "Recognition could not be put behind media and voice activity (error {Error} of setpriority): under load both wait for it")]
    public static partial void PriorityKept(ILogger log, int error);
}
