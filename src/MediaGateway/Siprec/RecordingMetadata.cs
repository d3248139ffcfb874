using System.Collections.Immutable;

namespace EdgeAssist.MediaGateway.Siprec;

/// <summary>Which schema a client speaks.</summary>
internal enum MetadataDialect
{
    /// <summary>RFC 7865, <c>urn:ietf:params:xml:ns:recording:1</c>.</summary>
    Rfc7865 = 0,

    /// <summary>The drafts before it, <c>urn:ietf:params:xml:ns:recording</c>: Oracle, AudioCodes, Ribbon, Metaswitch.</summary>
    DraftRecording = 1,

    /// <summary>The first drafts, <c>urn:ietf:params:xml:ns:siprec</c>: BroadWorks, Webex Calling.</summary>
    DraftSiprec = 2,
}

/// <summary>Whether a document is the whole state or a change of it (RFC 7865 §6.1).</summary>
internal enum MetadataMode
{
    Complete = 0,
    Partial = 1,
}

/// <summary>From when to when something belongs to something else (associate-time, disassociate-time), as written; empty when absent.</summary>
internal readonly record struct MetadataStay(string From, string To)
{
    public bool HasEnded => MetadataTime.HasEnded(From ?? "", To ?? "");
}

/// <summary>Several sessions that belong together (RFC 7865 §6.2).</summary>
internal sealed record MetadataGroup(string Id)
{
    public MetadataStay Stay { get; init; }
}

/// <summary>A communication session (RFC 7865 §6.3).</summary>
internal sealed record MetadataSession(string Id)
{
    /// <summary>sipSessionID values (RFC 7989), without white space.</summary>
    public ImmutableArray<string> SipSessionIds { get; init; } = [];

    public string Group { get; init; } = "";

    public string StartTime { get; init; } = "";

    /// <summary>Not empty once the session has ended.</summary>
    public string StopTime { get; init; } = "";

    /// <summary>Why it began or ended, as written, empty when not said.</summary>
    public string Reason { get; init; } = "";
}

/// <summary>One name of a participant (RFC 7865 §6.5). Personal data.</summary>
internal sealed record MetadataName(string Aor, string Name)
{
    /// <summary>Language of the name (xml:lang), empty when not said.</summary>
    public string Language { get; init; } = "";
}

/// <summary>A participant.</summary>
internal sealed record MetadataParticipant(string Id)
{
    public ImmutableArray<MetadataName> Names { get; init; } = [];
}

/// <summary>A media stream (RFC 7865 §6.6).</summary>
/// <param name="Id">Id.</param>
/// <param name="Session">Its session, empty when not said.</param>
/// <param name="Label">The label of its m= line (RFC 4574), empty when absent.</param>
/// <param name="IsMixed">The client says that several parties are mixed in it.</param>
internal sealed record MetadataStream(string Id, string Session, string Label, bool IsMixed)
{
    public MetadataStay Stay { get; init; }
}

/// <summary>Which streams a participant sends into and receives (RFC 7865 §6.9).</summary>
internal sealed record StreamAssociation(string Participant, ImmutableArray<string> Sends, ImmutableArray<string> Receives)
{
    public MetadataStay Stay { get; init; }
}

/// <summary>A participant's stay in a session (RFC 7865 §6.8).</summary>
internal sealed record SessionAssociation(string Participant, string Session, MetadataStay Stay);

/// <summary>That a session is recorded in this recording session (RFC 7865 §6.10), and until when.</summary>
internal sealed record RecordingAssociation(string Session, MetadataStay Stay);

/// <summary>An element no schema here knows, with the object it stood in: kept with attributes, text and children, to be passed on.</summary>
/// <param name="Owner">Element name of the object: <c>group</c>, <c>session</c>, <c>participant</c>, <c>stream</c>, or <c>recording</c> for the document itself.</param>
/// <param name="OwnerId">Its id, empty for the document.</param>
/// <param name="Element">The element.</param>
internal sealed record MetadataExtension(string Owner, string OwnerId, XmlElement Element);

/// <summary>One metadata document, dialects evened out, in document order.</summary>
internal sealed record RecordingMetadata
{
    public required MetadataDialect Dialect { get; init; }

    public required string Namespace { get; init; }

    /// <summary>Null when not said, which means complete.</summary>
    public MetadataMode? Mode { get; init; }

    /// <summary>The document asks for a snapshot (RFC 7866 §9.2) and holds nothing else.</summary>
    public bool IsSnapshotRequest { get; init; }

    public ImmutableArray<MetadataGroup> Groups { get; init; } = [];

    public ImmutableArray<MetadataSession> Sessions { get; init; } = [];

    public ImmutableArray<MetadataParticipant> Participants { get; init; } = [];

    public ImmutableArray<MetadataStream> Streams { get; init; } = [];

    public ImmutableArray<StreamAssociation> StreamAssociations { get; init; } = [];

    public ImmutableArray<SessionAssociation> SessionAssociations { get; init; } = [];

    public ImmutableArray<RecordingAssociation> RecordingAssociations { get; init; } = [];

    public ImmutableArray<MetadataExtension> Extensions { get; init; } = [];
}
