using EdgeAssist.AlertRelay.Grpc;
using EdgeAssist.AlertRelay.State;
using Google.Protobuf;

namespace EdgeAssist.AlertRelay.Fanout;

/// <summary>
/// What one kind of stream sees: filter, scope of the principal and what is hidden from them. Streams with an equal
/// <see cref="Key"/> see the same, and the work is done once for all of them.
/// </summary>
internal interface IStreamView
{
    string Key { get; }

    /// <summary>The event as this view sees it, or null when it does not concern it. The frame is shared and immutable.</summary>
    Frame? Project(RelayEvent relayEvent);
}

/// <summary>An event as one view sees it.</summary>
/// <param name="Event">The event it came from.</param>
/// <param name="Message">The message without what differs from stream to stream, serialised.</param>
/// <param name="ReplacedBy">
/// Frames of an equal key may be left out when a newer one waits behind them; empty: never left out.
/// </param>
internal sealed record Frame(RelayEvent Event, object Message, string ReplacedBy)
{
    /// <summary>Frames of this key that still wait are void once this frame comes; empty: none.</summary>
    public string Voids { get; init; } = ReplacedBy;

    /// <summary>Bytes of the message, without what a stream adds.</summary>
    public int Size { get; } = Message switch
    {
        EncodedEvent encoded => encoded.Size,
        IMessage note => note.CalculateSize(),
        _ => throw new ArgumentException($"{Message.GetType()} is no message.", nameof(Message)),
    };
}
