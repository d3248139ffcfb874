using Grpc.Core;

namespace EdgeAssist.AlertRelay.Tests.Support;

/// <summary>Reads a stream message by message, without the client library's mending.</summary>
internal static class RawWatch
{
    public static AsyncServerStreamingCall<V1.WatchAlertsResponse> Alerts(
        CallInvoker invoker, Metadata headers, string resumeToken = "", bool snapshot = false, V1.AlertFilter? filter = null, CancellationToken cancellationToken = default) =>
        new V1.Alerts.AlertsClient(invoker).Watch(
            new V1.WatchAlertsRequest { ResumeToken = resumeToken, Snapshot = snapshot, Filter = filter }, headers, cancellationToken: cancellationToken);

    public static AsyncServerStreamingCall<V1.WatchCallsResponse> Calls(
        CallInvoker invoker, Metadata headers, string resumeToken = "", bool snapshot = false, V1.CallFilter? filter = null, CancellationToken cancellationToken = default) =>
        new V1.Calls.CallsClient(invoker).Watch(
            new V1.WatchCallsRequest { ResumeToken = resumeToken, Snapshot = snapshot, Filter = filter }, headers, cancellationToken: cancellationToken);

    /// <summary>The next message; fails when the stream ends.</summary>
    public static async Task<T> NextAsync<T>(this AsyncServerStreamingCall<T> call, CancellationToken cancellationToken) =>
        await call.ResponseStream.MoveNext(cancellationToken)
            ? call.ResponseStream.Current
            : throw new InvalidOperationException("The stream ended.");

    /// <summary>The status the stream ends with, after whatever still comes.</summary>
    public static async Task<RpcException> FailureAsync<T>(this AsyncServerStreamingCall<T> call, CancellationToken cancellationToken)
    {
        try
        {
            while (await call.ResponseStream.MoveNext(cancellationToken))
            {
                // Only the end is asked for.
            }
        }
        catch (RpcException error)
        {
            return error;
        }

        throw new InvalidOperationException("The stream ended without a failure.");
    }

    public static string Reason(this RpcException error) => error.Trailers.GetValue("edgeassist-reason") ?? "";

    public static string ResumeToken(this RpcException error) => error.Trailers.GetValue("edgeassist-resume-token") ?? "";
}
