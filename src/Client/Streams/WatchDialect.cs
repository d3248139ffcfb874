using Grpc.Core;

namespace EdgeAssist.Client.Streams;

/// <summary>One response of a watch, as both services mean it. Exactly one of the parts is set.</summary>
internal readonly record struct WatchMessage<TSnapshot, TEvent>
    where TSnapshot : class
    where TEvent : class
{
    public V1.Hello? Hello { get; init; }

    public TSnapshot? Snapshot { get; init; }

    public V1.SnapshotEnd? SnapshotEnd { get; init; }

    public TEvent? Event { get; init; }

    public V1.Bookmark? Bookmark { get; init; }

    public V1.Heartbeat? Heartbeat { get; init; }

    public V1.Goaway? Goaway { get; init; }

    public V1.Revoked? Revoked { get; init; }

    public V1.Blindness? Blindness { get; init; }
}

/// <summary>Where an event stands and what came with it.</summary>
/// <param name="Epoch">The journal's.</param>
/// <param name="Offset">0 for what has no place.</param>
/// <param name="ResumeToken">Resumes behind it.</param>
/// <param name="Latency">To be completed by the last hop; null when the event has none.</param>
internal readonly record struct EventPlace(string Epoch, long Offset, string ResumeToken, V1.Latency? Latency);

/// <summary>How one service words the stream contract.</summary>
internal abstract class WatchDialect<TResponse, TSnapshot, TEvent>
    where TSnapshot : class
    where TEvent : class
{
    public abstract AsyncServerStreamingCall<TResponse> Open(CallInvoker invoker, string resumeToken, bool snapshot, CallOptions options);

    public abstract WatchMessage<TSnapshot, TEvent> Read(TResponse response);

    public abstract EventPlace Place(TEvent watched);
}

internal sealed class AlertDialect(V1.AlertFilter filter) : WatchDialect<V1.WatchAlertsResponse, V1.Alert, V1.AlertEvent>
{
    public override AsyncServerStreamingCall<V1.WatchAlertsResponse> Open(CallInvoker invoker, string resumeToken, bool snapshot, CallOptions options) =>
        new V1.Alerts.AlertsClient(invoker).Watch(new V1.WatchAlertsRequest { Filter = filter, Snapshot = snapshot, ResumeToken = resumeToken }, options);

    public override WatchMessage<V1.Alert, V1.AlertEvent> Read(V1.WatchAlertsResponse response) => new()
    {
        Hello = response.Hello,
        Snapshot = response.Snapshot,
        SnapshotEnd = response.SnapshotEnd,
        Event = response.Event,
        Bookmark = response.Bookmark,
        Heartbeat = response.Heartbeat,
        Goaway = response.Goaway,
        Blindness = response.Blindness,
    };

    public override EventPlace Place(V1.AlertEvent watched) => new(watched.Epoch, watched.Offset, watched.ResumeToken, watched.Latency);
}

internal sealed class CallDialect(V1.CallFilter filter) : WatchDialect<V1.WatchCallsResponse, V1.CallDetail, V1.CallEvent>
{
    public override AsyncServerStreamingCall<V1.WatchCallsResponse> Open(CallInvoker invoker, string resumeToken, bool snapshot, CallOptions options) =>
        new V1.Calls.CallsClient(invoker).Watch(new V1.WatchCallsRequest { Filter = filter, Snapshot = snapshot, ResumeToken = resumeToken }, options);

    public override WatchMessage<V1.CallDetail, V1.CallEvent> Read(V1.WatchCallsResponse response) => new()
    {
        Hello = response.Hello,
        Snapshot = response.Snapshot,
        SnapshotEnd = response.SnapshotEnd,
        Event = response.Event,
        Bookmark = response.Bookmark,
        Heartbeat = response.Heartbeat,
        Goaway = response.Goaway,
        Revoked = response.Revoked,
    };

    public override EventPlace Place(V1.CallEvent watched) => new(watched.Epoch, watched.Offset, watched.ResumeToken, watched.Score?.Latency);
}

internal sealed class AssistDialect(V1.AssistFilter filter) : WatchDialect<V1.WatchAssistResponse, V1.AssistSnapshot, V1.AssistEvent>
{
    public override AsyncServerStreamingCall<V1.WatchAssistResponse> Open(CallInvoker invoker, string resumeToken, bool snapshot, CallOptions options) =>
        new V1.Assist.AssistClient(invoker).Watch(new V1.WatchAssistRequest { Filter = filter, Snapshot = snapshot, ResumeToken = resumeToken }, options);

    public override WatchMessage<V1.AssistSnapshot, V1.AssistEvent> Read(V1.WatchAssistResponse response) => new()
    {
        Hello = response.Hello,
        Snapshot = response.Snapshot,
        SnapshotEnd = response.SnapshotEnd,
        Event = response.Event,
        Bookmark = response.Bookmark,
        Heartbeat = response.Heartbeat,
        Goaway = response.Goaway,
        Revoked = response.Revoked,
    };

    public override EventPlace Place(V1.AssistEvent watched) => new(watched.Epoch, watched.Offset, watched.ResumeToken, watched.Latency);
}
