using System.Collections.Immutable;

namespace EdgeAssist.MediaGateway.Siprec;

/// <summary>Who is heard on a stream.</summary>
/// <param name="Names">The participant's names, empty when metadata does not say who sends the stream.</param>
/// <param name="IsMixed">Several parties are heard on it.</param>
internal sealed record StreamSpeaker(ImmutableArray<MetadataName> Names, bool IsMixed)
{
    public static StreamSpeaker Unknown { get; } = new([], false);
}

/// <summary>
/// The metadata of one recording session as it stands after every document so far: a complete one replaces it, a partial one
/// is merged into it (RFC 7865 §6.1).
/// </summary>
internal sealed class MetadataState
{
    private readonly Dictionary<string, MetadataSession> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MetadataParticipant> _participants = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MetadataStream> _streams = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ImmutableArray<string>> _sends = new(StringComparer.Ordinal);
    private readonly HashSet<string> _left = new(StringComparer.Ordinal);

    /// <summary>Ceiling on what partial updates can pile up.</summary>
    private const int MaxObjects = 1024;

    /// <summary>Dialect of the last document, null before the first.</summary>
    public MetadataDialect? Dialect { get; private set; }

    public IReadOnlyCollection<MetadataParticipant> Participants => _participants.Values;

    public IReadOnlyCollection<MetadataSession> Sessions => _sessions.Values;

    /// <summary>Applies a document.</summary>
    /// <returns>True when everything it refers to is known; false asks for a snapshot (RFC 7866 §9.2).</returns>
    public bool Apply(RecordingMetadata document)
    {
        if (document.IsSnapshotRequest) return true;
        if (document.Mode != MetadataMode.Partial) Clear();
        Dialect = document.Dialect;

        foreach (var session in document.Sessions) Put(_sessions, session.Id, Merge(session));
        foreach (var participant in document.Participants) Put(_participants, participant.Id, Merge(participant));
        foreach (var stream in document.Streams) Put(_streams, stream.Id, Merge(stream));
        foreach (var association in document.SessionAssociations) Note(association);
        foreach (var association in document.StreamAssociations) Put(_sends, association.Participant, association.Sends);

        // One association a participant: what it does not repeat has ended (RFC 7865 §6.9, RFC 8068 §3.2.2).
        return document.Mode != MetadataMode.Partial || IsKnown(document);
    }

    /// <summary>Who is heard on the stream with this label.</summary>
    public StreamSpeaker SpeakerOf(string label)
    {
        var stream = label.Length == 0 ? null : _streams.Values.LastOrDefault(candidate => candidate.Label == label);
        if (stream is null) return StreamSpeaker.Unknown;

        var senders = _sends.Where(pair => pair.Value.Contains(stream.Id) && !_left.Contains(pair.Key)).Select(pair => pair.Key).ToList();
        if (stream.IsMixed || senders.Count > 1) return new StreamSpeaker([], true);
        return senders is [var sender] && _participants.TryGetValue(sender, out var participant)
            ? new StreamSpeaker(participant.Names, false)
            : StreamSpeaker.Unknown;
    }

    private void Clear()
    {
        _sessions.Clear();
        _participants.Clear();
        _streams.Clear();
        _sends.Clear();
        _left.Clear();
    }

    private void Note(SessionAssociation association)
    {
        if (!association.HasLeft) _left.Remove(association.Participant);
        else if (_left.Count < MaxObjects) _left.Add(association.Participant);
    }

    private static void Put<T>(Dictionary<string, T> objects, string id, T value)
    {
        if (objects.Count < MaxObjects || objects.ContainsKey(id)) objects[id] = value;
    }

    private MetadataSession Merge(MetadataSession change) => !_sessions.TryGetValue(change.Id, out var known) ? change : known with
    {
        SipSessionIds = change.SipSessionIds.IsEmpty ? known.SipSessionIds : change.SipSessionIds,
        Group = Or(change.Group, known.Group),
        StartTime = Or(change.StartTime, known.StartTime),
        StopTime = Or(change.StopTime, known.StopTime),
    };

    private MetadataParticipant Merge(MetadataParticipant change) =>
        change.Names.IsEmpty && _participants.TryGetValue(change.Id, out var known) ? known : change;

    private MetadataStream Merge(MetadataStream change) => !_streams.TryGetValue(change.Id, out var known)
        ? change
        : change with { Session = Or(change.Session, known.Session), Label = Or(change.Label, known.Label), IsMixed = change.IsMixed || known.IsMixed };

    private static string Or(string value, string otherwise) => value.Length > 0 ? value : otherwise;

    private bool IsKnown(RecordingMetadata document) =>
        document.StreamAssociations.All(association => _participants.ContainsKey(association.Participant)
            && association.Sends.All(_streams.ContainsKey) && association.Receives.All(_streams.ContainsKey))
        && document.SessionAssociations.All(association => _participants.ContainsKey(association.Participant))
        && document.Streams.All(stream => stream.Session.Length == 0 || _sessions.ContainsKey(stream.Session));
}
