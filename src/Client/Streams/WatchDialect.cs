using Google.Protobuf;
using Grpc.Core;

namespace EdgeAssist.Client.Streams;

/// <summary>Where an event stands and what came with it.</summary>
/// <param name="Epoch">The journal's.</param>
/// <param name="Offset">0 for what has no place.</param>
/// <param name="ResumeToken">Resumes behind it.</param>
/// <param name="Latency">To be completed by the last hop; null when the event has none.</param>
internal readonly record struct EventPlace(string Epoch, long Offset, string ResumeToken, V1.Latency? Latency);

/// <summary>What one service adds to the stream contract they all share.</summary>
internal abstract class WatchDialect<TResponse, TSnapshot, TEvent>
    where TResponse : IMessage<TResponse>
    where TSnapshot : class
    where TEvent : class
{
    public abstract AsyncServerStreamingCall<TResponse> Open(CallInvoker invoker, string resumeToken, bool snapshot, CallOptions options);

    public abstract EventPlace Place(TEvent watched);

    /// <summary>What a response holds: one part of the contract; null for a part that a later relay may have.</summary>
    public static object? Part(TResponse response) => response.Descriptor.Oneofs[0].Accessor.GetCaseFieldDescriptor(response)?.Accessor.GetValue(response);
}

internal sealed class AlertDialect(V1.AlertFilter filter) : WatchDialect<V1.WatchAlertsResponse, V1.Alert, V1.AlertEvent>
{
    public override AsyncServerStreamingCall<V1.WatchAlertsResponse> Open(CallInvoker invoker, string resumeToken, bool snapshot, CallOptions options) =>
        new V1.Alerts.AlertsClient(invoker).Watch(new V1.WatchAlertsRequest { Filter = filter, Snapshot = snapshot, ResumeToken = resumeToken }, options);

    public override EventPlace Place(V1.AlertEvent watched) => new(watched.Epoch, watched.Offset, watched.ResumeToken, watched.Latency);
}

internal sealed class CallDialect(V1.CallFilter filter) : WatchDialect<V1.WatchCallsResponse, V1.CallDetail, V1.CallEvent>
{
    public override AsyncServerStreamingCall<V1.WatchCallsResponse> Open(CallInvoker invoker, string resumeToken, bool snapshot, CallOptions options) =>
        new V1.Calls.CallsClient(invoker).Watch(new V1.WatchCallsRequest { Filter = filter, Snapshot = snapshot, ResumeToken = resumeToken }, options);

    public override EventPlace Place(V1.CallEvent watched) => new(watched.Epoch, watched.Offset, watched.ResumeToken, watched.Score?.Latency);
}

internal sealed class AssistDialect(V1.AssistFilter filter) : WatchDialect<V1.WatchAssistResponse, V1.AssistSnapshot, V1.AssistEvent>
{
    public override AsyncServerStreamingCall<V1.WatchAssistResponse> Open(CallInvoker invoker, string resumeToken, bool snapshot, CallOptions options) =>
        new V1.Assist.AssistClient(invoker).Watch(new V1.WatchAssistRequest { Filter = filter, Snapshot = snapshot, ResumeToken = resumeToken }, options);

    public override EventPlace Place(V1.AssistEvent watched) => new(watched.Epoch, watched.Offset, watched.ResumeToken, watched.Latency);
}
