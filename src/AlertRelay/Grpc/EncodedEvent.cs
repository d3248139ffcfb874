using Google.Protobuf;

namespace EdgeAssist.AlertRelay.Grpc;

/// <summary>
/// An event of a watch, serialised once for all streams that see the same. What differs from
/// stream to stream (token, moment of writing, last hop) is not in it: <see cref="WireMessage"/> writes it behind.
/// </summary>
internal sealed class EncodedEvent
{
    private EncodedEvent(EventLayout layout, byte[] body, V1.Latency? latency, byte[] update)
    {
        (Layout, Body, Update) = (layout, body, update);
        if (latency?.WordsEndedAt is null) return;
        Latency = latency.ToByteArray();
        LatencyEnd = latency.Hops.Any(hop => hop.Hop == V1.Hop.FanOut)
            ? null
            : latency.Hops.Aggregate(latency.WordsEndedAt.ToDateTimeOffset(), (sum, passed) => sum + passed.Duration.ToTimeSpan());
    }

    public EventLayout Layout { get; }

    /// <summary>Every field but the stream's own.</summary>
    public byte[] Body { get; }

    /// <summary>The hops up to the commit; empty when the event carries none.</summary>
    public byte[] Latency { get; } = [];

    /// <summary>Where the last hop ends and the fan-out begins; null when that is not to be told.</summary>
    public DateTimeOffset? LatencyEnd { get; }

    /// <summary>The score inside an update, with its tag; empty when the event is none. The latency goes into the same update.</summary>
    public byte[] Update { get; }

    /// <summary>Bytes that all streams share.</summary>
    public int Size => Body.Length + Latency.Length + Update.Length;

    public static EncodedEvent Of(V1.AlertEvent change)
    {
        var latency = change.Change is V1.AlertChange.Opened or V1.AlertChange.Raised ? change.Alert.Latency : null;
        return new EncodedEvent(EventLayout.Alerts, Shallow.Copy(change).ToByteArray(), latency, []);
    }

    /// <param name="change">The change.</param>
    /// <param name="prompt">The prompt as this view sees it; null for a message.</param>
    public static EncodedEvent Of(V1.AssistEvent change, V1.Prompt? prompt)
    {
        var copy = Shallow.Copy(change);
        if (prompt is not null) copy.Prompt = prompt;
        return new EncodedEvent(EventLayout.Assist, copy.ToByteArray(), change.Latency, []);
    }

    public static EncodedEvent Of(V1.CallEvent change)
    {
        var copy = Shallow.Copy(change);
        if (change.Score is not { } update) return new EncodedEvent(EventLayout.Calls, copy.ToByteArray(), null, []);

        copy.ClearKind();
        return new EncodedEvent(EventLayout.Calls, copy.ToByteArray(), update.Latency, new V1.ScoreUpdate { Score = update.Score }.ToByteArray());
    }
}

/// <summary>Field numbers of what a stream adds, as the tags of their length-delimited fields.</summary>
/// <param name="EmitTime"><c>emit_time</c>.</param>
/// <param name="ResumeToken"><c>resume_token</c>.</param>
/// <param name="Latency"><c>latency</c> of the event, or of the score update.</param>
/// <param name="Update">The score update that the latency is in; 0: the event itself.</param>
internal sealed record EventLayout(byte EmitTime, byte ResumeToken, byte Latency, byte Update)
{
    /// <summary>Of <c>event</c> in all responses.</summary>
    public const byte Event = V1.WatchAlertsResponse.EventFieldNumber << 3 | LengthDelimited;

    /// <summary>Of <c>hops</c> in a latency.</summary>
    public const byte Hop = V1.Latency.HopsFieldNumber << 3 | LengthDelimited;

    private const byte LengthDelimited = 2;

    public static EventLayout Alerts { get; } = new(
        V1.AlertEvent.EmitTimeFieldNumber << 3 | LengthDelimited,
        V1.AlertEvent.ResumeTokenFieldNumber << 3 | LengthDelimited,
        V1.AlertEvent.LatencyFieldNumber << 3 | LengthDelimited,
        0);

    public static EventLayout Assist { get; } = new(
        V1.AssistEvent.EmitTimeFieldNumber << 3 | LengthDelimited,
        V1.AssistEvent.ResumeTokenFieldNumber << 3 | LengthDelimited,
        V1.AssistEvent.LatencyFieldNumber << 3 | LengthDelimited,
        0);

    public static EventLayout Calls { get; } = new(
        V1.CallEvent.EmitTimeFieldNumber << 3 | LengthDelimited,
        V1.CallEvent.ResumeTokenFieldNumber << 3 | LengthDelimited,
        V1.ScoreUpdate.LatencyFieldNumber << 3 | LengthDelimited,
        V1.CallEvent.ScoreFieldNumber << 3 | LengthDelimited);
}
