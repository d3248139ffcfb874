using Google.Protobuf;
using Grpc.Core;

namespace EdgeAssist.AlertRelay.Grpc;

/// <summary>
/// How the relay says no: a status, a sentence, and in the trailers a stable word (<c>edgeassist-reason</c>) and, where a
/// stream can go on, the token to resume with.
/// </summary>
internal static class RelayStatus
{
    public const string ReasonTrailer = "edgeassist-reason";
    public const string ResumeTokenTrailer = "edgeassist-resume-token";
    public const string DetailsTrailer = "grpc-status-details-bin";
    public const string OldestOffsetTrailer = "edgeassist-oldest-offset";

    public static RpcException Unauthenticated(string sentence, string? resumeToken = null) =>
        Make(StatusCode.Unauthenticated, resumeToken is null ? "NO_TOKEN" : "TOKEN_EXPIRED", sentence, resumeToken);

    public static RpcException Forbidden(string sentence) => Make(StatusCode.PermissionDenied, "OUT_OF_SCOPE", sentence);

    public static RpcException Invalid(string sentence, string reason = "INVALID_ARGUMENT") => Make(StatusCode.InvalidArgument, reason, sentence);

    public static RpcException NotFound(string sentence) => Make(StatusCode.NotFound, "NOT_FOUND", sentence);

    public static RpcException HistoryTrimmed(long oldest)
    {
        var error = Make(StatusCode.OutOfRange, "HISTORY_TRIMMED",
            $"The journal begins at offset {oldest}; what the token asks for is gone. Watch anew with a snapshot.");
        error.Trailers.Add(OldestOffsetTrailer, oldest.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return error;
    }

    public static RpcException EpochChanged() => Make(StatusCode.OutOfRange, "EPOCH_CHANGED",
        "The journal was started anew since the token was made. Watch anew with a snapshot.");

    public static RpcException TooSlow(string resumeToken) => Make(StatusCode.ResourceExhausted, "SLOW_READER",
        "Too many events waited for this reader. Resume with the token.", resumeToken);

    public static RpcException TooManyStreams(int limit) => Make(StatusCode.ResourceExhausted, "TOO_MANY_STREAMS",
        $"This principal has {limit} streams open already. Close one first.");

    public static RpcException ShuttingDown() => Make(StatusCode.Unavailable, "SHUTTING_DOWN", "The relay is shutting down; nothing was done. Try again.");

    public static RpcException From(Journal.JournalException fault) => fault.Fault switch
    {
        Journal.JournalFault.Full => Make(StatusCode.ResourceExhausted, "JOURNAL_FULL", "The journal has no room; nothing was written. Try again later."),
        Journal.JournalFault.Damaged => Make(StatusCode.DataLoss, "JOURNAL_DAMAGED", "The journal is damaged; the relay has to be restarted."),
        _ => Make(StatusCode.Unavailable, "JOURNAL_UNAVAILABLE", "The journal cannot be reached; nothing was written. Try again later."),
    };

    public static RpcException From(History.HistoryException fault) => Make(StatusCode.Unavailable, "HISTORY_UNAVAILABLE", fault.Message);

    public static RpcException From(State.StepAnswer answer) => answer.Verdict switch
    {
        State.StepVerdict.NotFound => NotFound(answer.Why),
        State.StepVerdict.VersionChanged => Make(StatusCode.Aborted, "VERSION_CHANGED", answer.Why),
        State.StepVerdict.RequestIdReused => Invalid(answer.Why, "REQUEST_ID_REUSED"),
        _ => DoesNotFit(answer.Reason.Length > 0 ? answer.Reason : "DOES_NOT_FIT", answer.Why),
    };

    public static RpcException DoesNotFit(string reason, string sentence) => Make(StatusCode.FailedPrecondition, reason, sentence);

    public static RpcException GatewayUnreachable() => Make(StatusCode.Unavailable, "GATEWAY_UNREACHABLE",
        "The gateway that carries the call cannot be reached. The call itself is not affected. Try again.");

    public static RpcException TooManyNewStreams() => Make(StatusCode.ResourceExhausted, "TOO_MANY_STREAMS",
        "This principal opens streams faster than is allowed. Keep one open.");

    /// <summary>The error model's details (trailer <c>grpc-status-details-bin</c>): why as a word, and how long to wait.</summary>
    public static byte[] Details(StatusCode code, string reason, string sentence)
    {
        var status = new Rpc.Status { Code = (int)code, Message = sentence, Details = { Any.Pack(new Rpc.ErrorInfo { Reason = reason, Domain = "edgeassist.v1" }) } };
        if (RetryAfter(reason) is { } pause) status.Details.Add(Any.Pack(new Rpc.RetryInfo { RetryDelay = Duration.FromTimeSpan(pause) }));
        return status.ToByteArray();
    }

    // Only what helps when it is tried again as it is; null: something has to change first.
    private static TimeSpan? RetryAfter(string reason) => reason switch
    {
        "SLOW_READER" => TimeSpan.Zero,
        "SHUTTING_DOWN" or "JOURNAL_UNAVAILABLE" or "HISTORY_UNAVAILABLE" or "GATEWAY_UNREACHABLE" => TimeSpan.FromSeconds(1),
        "TOO_MANY_STREAMS" or "JOURNAL_FULL" => TimeSpan.FromSeconds(5),
        _ => null,
    };

    private static RpcException Make(StatusCode code, string reason, string sentence, string? resumeToken = null)
    {
        var trailers = new Metadata { { ReasonTrailer, reason }, { DetailsTrailer, Details(code, reason, sentence) } };
        if (resumeToken is not null) trailers.Add(ResumeTokenTrailer, resumeToken);
        return new RpcException(new global::Grpc.Core.Status(code, sentence), trailers);
    }
}
