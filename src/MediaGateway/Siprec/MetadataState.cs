using System.Collections.Immutable;

namespace EdgeAssist.MediaGateway.Siprec;

/// <summary>Who is heard on a stream.</summary>
/// <param name="Names">The participant's names, empty when metadata does not say who sends the stream.</param>
/// <param name="IsMixed">Several parties are heard on it.</param>
internal sealed record StreamSpeaker(ImmutableArray<MetadataName> Names, bool IsMixed)
{
    public static StreamSpeaker Unknown { get; } = new([], false);

    /// <summary>No label joins the m= line and the stream: they were taken together because both come first, second, …</summary>
    public bool ByPosition { get; init; }
}

/// <summary>
/// The metadata of one recording session as it stands after every document so far: a complete one replaces it, a partial one
/// is merged into it (RFC 7865 §6.1).
/// </summary>
internal sealed class MetadataState
{
    private readonly OrderedDictionary<string, MetadataGroup> _groups = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, MetadataSession> _sessions = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, MetadataParticipant> _participants = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, MetadataStream> _streams = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, ImmutableArray<string>> _sends = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<(string Participant, string Session), bool> _stays = [];
    private readonly HashSet<string> _unrecorded = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<(string Owner, string Id, string Namespace, string Name), MetadataExtension> _extensions = [];

    /// <summary>Ceiling on what partial updates can pile up.</summary>
    private const int MaxObjects = 1024;

    /// <summary>Dialect of the last document, null before the first.</summary>
    public MetadataDialect? Dialect { get; private set; }

    public IReadOnlyCollection<MetadataGroup> Groups => _groups.Values;

    public IReadOnlyCollection<MetadataParticipant> Participants => _participants.Values;

    public IReadOnlyCollection<MetadataSession> Sessions => _sessions.Values;

    /// <summary>Sessions that go on and are still recorded here.</summary>
    public IEnumerable<MetadataSession> LiveSessions => _sessions.Values.Where(session => IsLive(session.Id));

    /// <summary>What the schema does not know, last word for each name.</summary>
    public IReadOnlyCollection<MetadataExtension> Extensions => _extensions.Values;

    /// <summary>Applies a document.</summary>
    /// <returns>True when everything it refers to is known; false asks for a snapshot (RFC 7866 §9.2).</returns>
    public bool Apply(RecordingMetadata document)
    {
        if (document.IsSnapshotRequest) return true;
        if (document.Mode != MetadataMode.Partial) Clear();
        Dialect = document.Dialect;

        foreach (var group in document.Groups) Put(_groups, group.Id, group);
        foreach (var session in document.Sessions) Put(_sessions, session.Id, Merge(session));
        foreach (var participant in document.Participants) Put(_participants, participant.Id, Merge(participant));
        foreach (var stream in document.Streams) Put(_streams, stream.Id, Merge(stream));
        foreach (var association in document.SessionAssociations)
            Put(_stays, (association.Participant, association.Session), association.Stay.HasEnded);
        foreach (var association in document.RecordingAssociations) Note(association);
        foreach (var extension in document.Extensions)
            Put(_extensions, (extension.Owner, extension.OwnerId, extension.Element.Namespace, extension.Element.Name), extension);

        // A document's associations of one participant are all there is: what they do not repeat has ended (RFC 7865 §6.9, RFC 8068 §3.2.2).
        foreach (var own in document.StreamAssociations.GroupBy(association => association.Participant, StringComparer.Ordinal))
            Put(_sends, own.Key, [.. own.Where(association => !association.Stay.HasEnded).SelectMany(association => association.Sends).Distinct(StringComparer.Ordinal)]);

        return document.Mode != MetadataMode.Partial || IsKnown(document);
    }

    /// <summary>Who is heard on an audio line.</summary>
    /// <param name="label">Its label, empty when absent.</param>
    /// <param name="position">Its position among the audio lines, from 0: counts only where no label can. Left out when there is none.</param>
    public StreamSpeaker SpeakerOf(string label, int position = int.MaxValue)
    {
        if (label.Length > 0 && StreamOf(label) is { } labelled) return SpeakerOf(labelled);

        // Without a label on either side there is only the order; the role that follows from it says so.
        var unlabelled = _streams.Values.Where(stream => !stream.Stay.HasEnded && IsLive(stream.Session)).ToList();
        if (label.Length > 0 && unlabelled.Exists(stream => stream.Label.Length > 0)) return StreamSpeaker.Unknown;
        return position < unlabelled.Count ? SpeakerOf(unlabelled[position]) with { ByPosition = true } : StreamSpeaker.Unknown;
    }

    /// <summary>The stream of a label; the one of a session that goes on, when sessions follow each other under one label.</summary>
    private MetadataStream? StreamOf(string label)
    {
        var streams = _streams.Values.Where(stream => stream.Label == label).ToList();
        return streams.FindLast(stream => !stream.Stay.HasEnded && IsLive(stream.Session)) ?? streams.LastOrDefault();
    }

    private StreamSpeaker SpeakerOf(MetadataStream stream)
    {
        if (_sends.Count == 0 && !stream.IsMixed) return SpeakerByOrder(stream);
        var senders = _sends.Where(pair => pair.Value.Contains(stream.Id) && !IsGone(pair.Key)).Select(pair => pair.Key).ToList();
        if (stream.IsMixed || senders.Count > 1) return new StreamSpeaker([], true);
        return senders is [var sender] && _participants.TryGetValue(sender, out var participant)
            ? new StreamSpeaker(participant.Names, false)
            : StreamSpeaker.Unknown;
    }

    /// <summary>OpenSIPS before 3 names as many participants as streams and never says who sends which: the order is all there is.</summary>
    private StreamSpeaker SpeakerByOrder(MetadataStream stream) => _participants.Count == _streams.Count
        ? new StreamSpeaker(_participants.GetAt(_streams.IndexOf(stream.Id)).Value.Names, false) { ByPosition = true }
        : StreamSpeaker.Unknown;

    private bool IsLive(string session) =>
        !_unrecorded.Contains(session) && (!_sessions.TryGetValue(session, out var known) || known.StopTime.Length == 0);

    /// <summary>A participant is gone when it has left every session it was in.</summary>
    private bool IsGone(string participant)
    {
        var stays = _stays.Where(pair => pair.Key.Participant == participant).ToList();
        return stays.Count > 0 && stays.TrueForAll(pair => pair.Value);
    }

    private void Clear()
    {
        _groups.Clear();
        _sessions.Clear();
        _participants.Clear();
        _streams.Clear();
        _sends.Clear();
        _stays.Clear();
        _unrecorded.Clear();
        _extensions.Clear();
    }

    private void Note(RecordingAssociation association)
    {
        if (!association.Stay.HasEnded) _unrecorded.Remove(association.Session);
        else if (_unrecorded.Count < MaxObjects) _unrecorded.Add(association.Session);
    }

    private static void Put<TKey, T>(OrderedDictionary<TKey, T> objects, TKey id, T value)
        where TKey : notnull
    {
        if (objects.Count < MaxObjects || objects.ContainsKey(id)) objects[id] = value;
    }

    private MetadataSession Merge(MetadataSession change) => !_sessions.TryGetValue(change.Id, out var known) ? change : known with
    {
        SipSessionIds = change.SipSessionIds.IsEmpty ? known.SipSessionIds : change.SipSessionIds,
        Group = Or(change.Group, known.Group),
        StartTime = Or(change.StartTime, known.StartTime),
        StopTime = Or(change.StopTime, known.StopTime),
        Reason = Or(change.Reason, known.Reason),
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
