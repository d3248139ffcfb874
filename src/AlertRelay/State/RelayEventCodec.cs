using EdgeAssist.AlertRelay.Journal;
using Google.Protobuf;

namespace EdgeAssist.AlertRelay.State;

/// <summary>Events as journal records and back. What the offset implies is not stored twice.</summary>
internal static class RelayEventCodec
{
    public static JournalRecord ToRecord(RelayEvent relayEvent) => new()
    {
        Kind = relayEvent.Kind,
        CallId = relayEvent.CallId,
        AlertId = relayEvent.AlertId,
        Team = relayEvent.Team,
        Agent = relayEvent.Agent,
        Time = relayEvent.Time,
        RequestKey = relayEvent.RequestKey,
        Payload = (relayEvent.Call as IMessage ?? relayEvent.Alert as IMessage ?? relayEvent.Silence as IMessage ?? relayEvent.Policy as IMessage ?? relayEvent.Assist as IMessage ?? relayEvent.Intervention!).ToByteArray(),
    };

    /// <exception cref="JournalException">The payload is not what the kind says.</exception>
    public static RelayEvent ToEvent(StoredRecord stored, string epoch)
    {
        var record = stored.Record;
        try
        {
            var read = new RelayEvent
            {
                Offset = stored.Offset,
                Kind = record.Kind,
                CallId = record.CallId,
                Team = record.Team,
                Agent = record.Agent,
                Time = record.Time,
                RequestKey = record.RequestKey,
                Call = record.Kind < JournalKind.AlertOpened ? V1.CallEvent.Parser.ParseFrom(record.Payload.Span) : null,
                Alert = record.Kind is JournalKind.AlertOpened or JournalKind.AlertChanged ? V1.AlertEvent.Parser.ParseFrom(record.Payload.Span) : null,
                Silence = record.Kind == JournalKind.Silence ? V1.Silence.Parser.ParseFrom(record.Payload.Span) : null,
                Policy = record.Kind == JournalKind.PolicySwitch ? V1.PolicySwitch.Parser.ParseFrom(record.Payload.Span) : null,
                Assist = record.Kind == JournalKind.Assist ? V1.AssistEvent.Parser.ParseFrom(record.Payload.Span) : null,
                Intervention = record.Kind == JournalKind.Intervention ? V1.Intervention.Parser.ParseFrom(record.Payload.Span) : null,
            };
            Place(read, epoch);
            return stored.CommittedAt is { } at ? Stamp(read, at) : read;
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new JournalException(JournalFault.Damaged, $"Record {stored.Offset} of the journal cannot be read as a {record.Kind}.", error);
        }
    }

    /// <summary>Writes the place into the message. Done once, before anybody else sees the event.</summary>
    public static void Place(RelayEvent relayEvent, string epoch)
    {
        if (relayEvent.Call is { } call) (call.Epoch, call.Offset, call.EventId) = (epoch, relayEvent.Offset, EventId(epoch, relayEvent.Offset));
        if (relayEvent.Alert is { } alert) (alert.Epoch, alert.Offset, alert.EventId) = (epoch, relayEvent.Offset, EventId(epoch, relayEvent.Offset));
        if (relayEvent.Assist is { } assist) (assist.Epoch, assist.Offset, assist.EventId) = (epoch, relayEvent.Offset, EventId(epoch, relayEvent.Offset));
    }

    /// <summary>Adds the commit hop where a latency ends in front of it. Done once, before anybody else sees the event.</summary>
    public static RelayEvent Stamp(RelayEvent relayEvent, DateTimeOffset committedAt)
    {
        if (relayEvent.Call?.Score?.Latency is { } latency) AddHop(latency, V1.Hop.Commit, committedAt);
        if (relayEvent.Alert?.Alert.Latency is { } alertLatency) AddHop(alertLatency, V1.Hop.Commit, committedAt);
        if (relayEvent.Assist?.Latency is { } promptLatency) AddHop(promptLatency, V1.Hop.Commit, committedAt);
        return relayEvent with { CommittedAt = committedAt };
    }

    /// <summary>Adds the hop that ends at <paramref name="at"/>, never negative, unless it is there already.</summary>
    public static void AddHop(V1.Latency latency, V1.Hop hop, DateTimeOffset at)
    {
        if (latency.WordsEndedAt is null || latency.Hops.Any(passed => passed.Hop == hop)) return;

        var end = latency.Hops.Aggregate(latency.WordsEndedAt.ToDateTimeOffset(), (sum, passed) => sum + passed.Duration.ToTimeSpan());
        var duration = at > end ? at - end : TimeSpan.Zero;
        latency.Hops.Add(new V1.HopTime { Hop = hop, Duration = Duration.FromTimeSpan(duration) });
    }

    private static string EventId(string epoch, long offset) =>
        offset == 0 ? "" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{epoch}-{offset}");
}
