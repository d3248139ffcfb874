using EdgeAssist.AlertRelay.Fanout;
using EdgeAssist.AlertRelay.State;
using Google.Protobuf;

namespace EdgeAssist.AlertRelay.Grpc;

/// <summary>How one service words the stream contract they all share.</summary>
internal abstract class StreamDialect
{
    public abstract string Service { get; }

    public abstract IStreamView View { get; }

    public abstract IMessage Hello(V1.Hello hello);

    public abstract IEnumerable<IMessage> Snapshot(RelayState state);

    public abstract IMessage SnapshotEnd(V1.SnapshotEnd end);

    public abstract IMessage Bookmark(V1.Bookmark bookmark);

    public abstract IMessage Heartbeat(V1.Heartbeat heartbeat);

    public abstract IMessage Goaway(V1.Goaway goaway);

    /// <summary>A frame that is no event, with what differs from stream to stream.</summary>
    public abstract IMessage Note(Frame frame, string resumeToken);

    protected static V1.Revoked Revoked(Frame frame, string resumeToken)
    {
        var revoked = ((V1.Revoked)frame.Message).Clone();
        revoked.ResumeToken = resumeToken;
        return revoked;
    }

    /// <summary>A part of the snapshot was written.</summary>
    public virtual void OnTold(IMessage part, Ingest.RelayWriter writer)
    {
    }

    /// <summary>An event was written.</summary>
    public virtual void OnTold(RelayEvent told, Ingest.RelayWriter writer)
    {
    }
}

internal sealed class AlertDialect(AlertView view) : StreamDialect
{
    public override string Service => "alerts";

    public override IStreamView View => view;

    public override IMessage Hello(V1.Hello hello) => new V1.WatchAlertsResponse { Hello = hello };

    public override IEnumerable<IMessage> Snapshot(RelayState state) => state.Alerts.Values
        .Where(alert => !Rules.AlertLifecycle.IsOver(alert) && alert.Mode != V1.PolicyMode.Observe && view.Matches(alert))
        .OrderBy(alert => alert.OpenedAt)
        .Select(alert => new V1.WatchAlertsResponse { Snapshot = view.Show(alert) });

    public override IMessage SnapshotEnd(V1.SnapshotEnd end) => new V1.WatchAlertsResponse { SnapshotEnd = end };

    public override IMessage Bookmark(V1.Bookmark bookmark) => new V1.WatchAlertsResponse { Bookmark = bookmark };

    public override IMessage Heartbeat(V1.Heartbeat heartbeat) => new V1.WatchAlertsResponse { Heartbeat = heartbeat };

    public override IMessage Goaway(V1.Goaway goaway) => new V1.WatchAlertsResponse { Goaway = goaway };

    public override IMessage Note(Frame frame, string resumeToken) => new V1.WatchAlertsResponse { Blindness = (V1.Blindness)frame.Message };

    /// <summary>A newer word on what cannot be seen makes the one that waits void.</summary>
    public static Frame Frame(V1.Blindness blindness) => new(new RelayEvent
    {
        Offset = 0,
        Kind = Journal.JournalKind.Gap,
        CallId = "",
        Team = "",
        Agent = "",
        Time = blindness.At.ToDateTimeOffset(),
    }, blindness, "blindness");
}

internal sealed class AssistDialect(AssistView view, Identity.Principal reader) : StreamDialect
{
    public override string Service => "assist";

    public override IStreamView View => view;

    public override IMessage Hello(V1.Hello hello) => new V1.WatchAssistResponse { Hello = hello };

    public override IEnumerable<IMessage> Snapshot(RelayState state)
    {
        foreach (var call in state.Calls.Values.OrderBy(call => call.StartedOffset))
        {
            if (!state.Assists.TryGetValue(call.Info.CallId, out var assist)) continue;
            foreach (var prompt in assist.Prompts.Where(prompt => Assist.PromptLife.IsAlive(prompt) && view.Matches(prompt)))
                yield return new V1.WatchAssistResponse { Snapshot = new V1.AssistSnapshot { Prompt = view.Show(prompt) } };
            foreach (var message in assist.Messages.Where(message => message.ReadAt is null && view.Matches(message)))
                yield return new V1.WatchAssistResponse { Snapshot = new V1.AssistSnapshot { Message = message } };
        }
    }

    public override IMessage SnapshotEnd(V1.SnapshotEnd end) => new V1.WatchAssistResponse { SnapshotEnd = end };

    public override IMessage Bookmark(V1.Bookmark bookmark) => new V1.WatchAssistResponse { Bookmark = bookmark };

    public override IMessage Heartbeat(V1.Heartbeat heartbeat) => new V1.WatchAssistResponse { Heartbeat = heartbeat };

    public override IMessage Goaway(V1.Goaway goaway) => new V1.WatchAssistResponse { Goaway = goaway };

    public override IMessage Note(Frame frame, string resumeToken) => new V1.WatchAssistResponse { Revoked = Revoked(frame, resumeToken) };

    public override void OnTold(IMessage part, Ingest.RelayWriter writer) => Delivered((part as V1.WatchAssistResponse)?.Snapshot?.Message, writer);

    public override void OnTold(RelayEvent told, Ingest.RelayWriter writer) => Delivered(told.Assist?.Message, writer);

    // Only the agent it was written to makes it delivered.
    private void Delivered(V1.AgentMessage? message, Ingest.RelayWriter writer)
    {
        if (message is { DeliveredAt: null } && message.Agent == reader.Subject) writer.NoteDelivered(message.CallId, message.MessageId);
    }
}

internal sealed class CallDialect(CallView view) : StreamDialect
{
    public override string Service => "calls";

    public override IStreamView View => view;

    public override IMessage Hello(V1.Hello hello) => new V1.WatchCallsResponse { Hello = hello };

    public override IEnumerable<IMessage> Snapshot(RelayState state) => state.Calls.Values
        .Where(call => view.Matches(call.Info))
        .OrderBy(call => call.StartedOffset)
        .Select(call => new V1.WatchCallsResponse { Snapshot = view.Show(call.ToDetail()) });

    public override IMessage SnapshotEnd(V1.SnapshotEnd end) => new V1.WatchCallsResponse { SnapshotEnd = end };

    public override IMessage Bookmark(V1.Bookmark bookmark) => new V1.WatchCallsResponse { Bookmark = bookmark };

    public override IMessage Heartbeat(V1.Heartbeat heartbeat) => new V1.WatchCallsResponse { Heartbeat = heartbeat };

    public override IMessage Goaway(V1.Goaway goaway) => new V1.WatchCallsResponse { Goaway = goaway };

    public override IMessage Note(Frame frame, string resumeToken) => new V1.WatchCallsResponse { Revoked = Revoked(frame, resumeToken) };
}
