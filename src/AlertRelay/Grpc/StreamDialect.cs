using System.Collections.Frozen;
using EdgeAssist.AlertRelay.Fanout;
using EdgeAssist.AlertRelay.State;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace EdgeAssist.AlertRelay.Grpc;

/// <summary>What one service adds to the stream contract they all share.</summary>
internal abstract class StreamDialect
{
    public abstract string Service { get; }

    public abstract IStreamView View { get; }

    /// <summary>A part of the contract (<see cref="V1.Hello"/>, a piece of the snapshot, <see cref="V1.Heartbeat"/>, …) as the service's response.</summary>
    public abstract IMessage Say(IMessage part);

    /// <summary>The pieces of the snapshot.</summary>
    public abstract IEnumerable<IMessage> Snapshot(RelayState state);

    /// <summary>A piece of the snapshot was written.</summary>
    public virtual void OnTold(IMessage piece, Ingest.RelayWriter writer)
    {
    }

    /// <summary>An event was written.</summary>
    public virtual void OnTold(RelayEvent told, Ingest.RelayWriter writer)
    {
    }
}

/// <inheritdoc cref="StreamDialect"/>
/// <typeparam name="TResponse">One message of the stream: a part of the contract, each of a type of its own.</typeparam>
internal abstract class StreamDialect<TResponse> : StreamDialect
    where TResponse : IMessage<TResponse>, new()
{
    private static readonly FrozenDictionary<MessageDescriptor, IFieldAccessor> Parts =
        new TResponse().Descriptor.Fields.InDeclarationOrder().ToFrozenDictionary(field => field.MessageType, field => field.Accessor);

    public sealed override IMessage Say(IMessage part)
    {
        var response = new TResponse();
        Parts[part.Descriptor].SetValue(response, part);
        return response;
    }
}

internal sealed class AlertDialect(AlertView view) : StreamDialect<V1.WatchAlertsResponse>
{
    public override string Service => "alerts";

    public override IStreamView View => view;

    public override IEnumerable<IMessage> Snapshot(RelayState state) => state.Alerts.Values
        .Where(alert => !Rules.AlertLifecycle.IsOver(alert) && alert.Mode != V1.PolicyMode.Observe && view.Matches(alert))
        .OrderBy(alert => alert.OpenedAt)
        .Select(view.Show);

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

internal sealed class AssistDialect(AssistView view, Identity.Principal reader) : StreamDialect<V1.WatchAssistResponse>
{
    public override string Service => "assist";

    public override IStreamView View => view;

    public override IEnumerable<IMessage> Snapshot(RelayState state)
    {
        foreach (var call in state.Calls.Values.OrderBy(call => call.StartedOffset))
        {
            if (!state.Assists.TryGetValue(call.Info.CallId, out var assist)) continue;
            foreach (var prompt in assist.Prompts.Where(prompt => Assist.PromptLife.IsAlive(prompt) && view.Matches(prompt)))
                yield return new V1.AssistSnapshot { Prompt = view.Show(prompt) };
            foreach (var message in assist.Messages.Where(message => message.ReadAt is null && view.Matches(message)))
                yield return new V1.AssistSnapshot { Message = message };
        }
    }

    public override void OnTold(IMessage piece, Ingest.RelayWriter writer) => Delivered((piece as V1.AssistSnapshot)?.Message, writer);

    public override void OnTold(RelayEvent told, Ingest.RelayWriter writer) => Delivered(told.Assist?.Message, writer);

    // Only the agent it was written to makes it delivered.
    private void Delivered(V1.AgentMessage? message, Ingest.RelayWriter writer)
    {
        if (message is { DeliveredAt: null } && message.Agent == reader.Subject) writer.NoteDelivered(message.CallId, message.MessageId);
    }
}

internal sealed class CallDialect(CallView view) : StreamDialect<V1.WatchCallsResponse>
{
    public override string Service => "calls";

    public override IStreamView View => view;

    public override IEnumerable<IMessage> Snapshot(RelayState state) => state.Calls.Values
        .Where(call => view.Matches(call.Info))
        .OrderBy(call => call.StartedOffset)
        .Select(call => view.Show(call.ToDetail()));
}
