using EdgeAssist.AlertRelay.Fanout;
using EdgeAssist.AlertRelay.State;

namespace EdgeAssist.AlertRelay.Grpc;

/// <summary>How one service words the stream contract they all share.</summary>
internal abstract class StreamDialect<TResponse>
{
    public abstract string Service { get; }

    public abstract IStreamView View { get; }

    public abstract TResponse Hello(V1.Hello hello);

    public abstract IEnumerable<TResponse> Snapshot(RelayState state);

    public abstract TResponse SnapshotEnd(V1.SnapshotEnd end);

    /// <summary>The event for one stream: the frame's message with what differs from stream to stream.</summary>
    public abstract TResponse Event(Frame frame, string resumeToken, DateTimeOffset emitTime);

    public abstract TResponse Bookmark(V1.Bookmark bookmark);

    public abstract TResponse Heartbeat(V1.Heartbeat heartbeat);

    public abstract TResponse Goaway(V1.Goaway goaway);

    /// <summary>The latency with the fan-out hop; the given one is shared and stays as it is.</summary>
    protected static V1.Latency? WithFanOut(V1.Latency? latency, DateTimeOffset emitTime)
    {
        if (latency?.WordsEndedAt is null) return latency;
        var own = latency.Clone();
        RelayEventCodec.AddHop(own, V1.Hop.FanOut, emitTime);
        return own;
    }
}

internal sealed class AlertDialect(AlertView view) : StreamDialect<V1.WatchAlertsResponse>
{
    public override string Service => "alerts";

    public override IStreamView View => view;

    public override V1.WatchAlertsResponse Hello(V1.Hello hello) => new() { Hello = hello };

    public override IEnumerable<V1.WatchAlertsResponse> Snapshot(RelayState state) => state.Alerts.Values
        .Where(alert => !Rules.AlertLifecycle.IsOver(alert) && view.Matches(alert))
        .OrderBy(alert => alert.OpenedAt)
        .Select(alert => new V1.WatchAlertsResponse { Snapshot = view.Show(alert) });

    public override V1.WatchAlertsResponse SnapshotEnd(V1.SnapshotEnd end) => new() { SnapshotEnd = end };

    public override V1.WatchAlertsResponse Event(Frame frame, string resumeToken, DateTimeOffset emitTime)
    {
        var own = Shallow.Copy((V1.AlertEvent)frame.Message);
        own.ResumeToken = resumeToken;
        own.EmitTime = Timestamp.FromDateTimeOffset(emitTime);
        if (own.Change is V1.AlertChange.Opened or V1.AlertChange.Raised) own.Latency = WithFanOut(own.Alert.Latency, emitTime);
        return new V1.WatchAlertsResponse { Event = own };
    }

    public override V1.WatchAlertsResponse Bookmark(V1.Bookmark bookmark) => new() { Bookmark = bookmark };

    public override V1.WatchAlertsResponse Heartbeat(V1.Heartbeat heartbeat) => new() { Heartbeat = heartbeat };

    public override V1.WatchAlertsResponse Goaway(V1.Goaway goaway) => new() { Goaway = goaway };
}

internal sealed class CallDialect(CallView view) : StreamDialect<V1.WatchCallsResponse>
{
    public override string Service => "calls";

    public override IStreamView View => view;

    public override V1.WatchCallsResponse Hello(V1.Hello hello) => new() { Hello = hello };

    public override IEnumerable<V1.WatchCallsResponse> Snapshot(RelayState state) => state.Calls.Values
        .Where(call => view.Matches(call.Info))
        .OrderBy(call => call.StartedOffset)
        .Select(call => new V1.WatchCallsResponse { Snapshot = view.Show(call.ToDetail()) });

    public override V1.WatchCallsResponse SnapshotEnd(V1.SnapshotEnd end) => new() { SnapshotEnd = end };

    public override V1.WatchCallsResponse Event(Frame frame, string resumeToken, DateTimeOffset emitTime)
    {
        var own = Shallow.Copy((V1.CallEvent)frame.Message);
        own.ResumeToken = resumeToken;
        own.EmitTime = Timestamp.FromDateTimeOffset(emitTime);
        if (own.Score is { } update)
            own.Score = new V1.ScoreUpdate { Score = update.Score, Latency = WithFanOut(update.Latency, emitTime) };
        return new V1.WatchCallsResponse { Event = own };
    }

    public override V1.WatchCallsResponse Bookmark(V1.Bookmark bookmark) => new() { Bookmark = bookmark };

    public override V1.WatchCallsResponse Heartbeat(V1.Heartbeat heartbeat) => new() { Heartbeat = heartbeat };

    public override V1.WatchCallsResponse Goaway(V1.Goaway goaway) => new() { Goaway = goaway };
}
