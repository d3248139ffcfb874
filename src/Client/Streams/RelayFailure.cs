using Grpc.Core;

namespace EdgeAssist.Client.Streams;

/// <summary>Statuses as what the caller can do about them.</summary>
internal static class RelayFailure
{
    public static string Reason(RpcException error) => error.Trailers.GetValue("edgeassist-reason") ?? "";

    public static string ResumeToken(RpcException error) => error.Trailers.GetValue("edgeassist-resume-token") ?? "";

    /// <summary>True when the same attempt would fail again.</summary>
    public static bool IsFatal(RpcException error) => error.StatusCode is
        StatusCode.Unauthenticated or StatusCode.PermissionDenied or StatusCode.InvalidArgument or StatusCode.Unimplemented;

    public static EdgeAssistException Explain(RpcException error)
    {
        var kind = error.StatusCode switch
        {
            StatusCode.Unauthenticated => EdgeAssistError.Unauthenticated,
            StatusCode.PermissionDenied => EdgeAssistError.Forbidden,
            StatusCode.InvalidArgument or StatusCode.OutOfRange => EdgeAssistError.InvalidArgument,
            StatusCode.NotFound => EdgeAssistError.NotFound,
            StatusCode.Aborted => EdgeAssistError.VersionChanged,
            StatusCode.FailedPrecondition => EdgeAssistError.DoesNotFit,
            StatusCode.Unimplemented => EdgeAssistError.Unsupported,
            _ => EdgeAssistError.Unavailable,
        };
        return new EdgeAssistException(kind, Reason(error), Sentence(error, kind), error);
    }

    private static string Sentence(RpcException error, EdgeAssistError kind) => kind switch
    {
        EdgeAssistError.Unsupported => "The server does not offer this service. Check the address: it has to be an EdgeAssist relay.",
        EdgeAssistError.Unavailable when Reason(error).Length == 0 => $"The relay cannot be reached ({error.Status.Detail}).",
        _ => error.Status.Detail,
    };
}
