using System.Collections.Immutable;

namespace EdgeAssist.MediaGateway.Siprec;

/// <summary>Reads recording metadata in any of its three dialects into one form (RFC 7865 §6, RFC 9806).</summary>
internal static class MetadataParser
{
    private const string Rfc = "urn:ietf:params:xml:ns:recording:1";
    private const string Draft = "urn:ietf:params:xml:ns:recording";
    private const string Siprec = "urn:ietf:params:xml:ns:siprec";

    public static MetadataError TryParse(ReadOnlyMemory<byte> document, out RecordingMetadata? metadata)
    {
        metadata = null;
        var error = XmlElement.TryParse(document, out var root);
        if (error != MetadataError.None) return error;

        var name = root!.Name.ToLowerInvariant();
        if (DialectOf(root.Namespace, name) is not { } dialect) return MetadataError.UnknownRoot;

        metadata = new RecordingMetadata
        {
            Dialect = dialect,
            Namespace = root.Namespace,
            IsSnapshotRequest = name == "requestsnapshot",
            Mode = ModeOf(root.Child("datamode")),
            Groups = [.. root.All("group").Select(group => new MetadataGroup(group.Attribute("group_id", "id")) { Stay = StayOf(group) })],
            Sessions = [.. root.All("session").Select(ReadSession)],
            Participants = [.. root.All("participant").Select(ReadParticipant)],
            Streams = [.. root.All("stream").Select(ReadStream)],
            StreamAssociations = [.. ReadStreamAssociations(root)],
            SessionAssociations = [.. ReadSessionAssociations(root)],
            RecordingAssociations = [.. root.All("sessionrecordingassoc").Select(element => new RecordingAssociation(Reference(element, "session_id", "session"), StayOf(element)))],
            Extensions = [.. MetadataExtensions.Of(root)],
        };
        return MetadataError.None;
    }

    private static MetadataDialect? DialectOf(string ns, string root) => (ns, root) switch
    {
        (Rfc, "recording" or "requestsnapshot") => MetadataDialect.Rfc7865,
        (Draft, "recording" or "requestsnapshot") => MetadataDialect.DraftRecording,
        (Siprec, _) or (_, "recording_metadata") => MetadataDialect.DraftSiprec,
        _ => null,
    };

    private static MetadataMode? ModeOf(string text) => text.ToLowerInvariant() switch
    {
        "complete" => MetadataMode.Complete,
        "partial" => MetadataMode.Partial,
        _ => null,
    };

    private static MetadataSession ReadSession(XmlElement element) => new(element.Attribute("session_id", "id"))
    {
        SipSessionIds = [.. element.All("sipSessionID").Select(id => string.Concat(id.Text.Where(c => !char.IsWhiteSpace(c)))).Where(id => id.Length > 0)],
        Group = element.Child("group-ref"),
        StartTime = element.Child("start-time"),
        StopTime = element.Child("stop-time"),
        Reason = element.Child("reason"),
    };

    private static MetadataParticipant ReadParticipant(XmlElement element)
    {
        // RFC and draft: <nameID aor="..."><name>; first drafts: <aor>, and the name beside it.
        var names = element.All("nameID").Select(id => NameOf(id.Attribute("aor"), id))
            .Concat(element.All("aor").Select(aor => NameOf(aor.Text.Trim(), element)));
        return new MetadataParticipant(element.Attribute("participant_id", "id")) { Names = [.. names.Where(name => name.Aor.Length > 0)] };
    }

    /// <summary>A name and its language; OpenSIPS writes both, and more, into the text (<c>test_user;lang=en-US;id=2</c>).</summary>
    private static MetadataName NameOf(string aor, XmlElement holder)
    {
        var element = holder.All("name").FirstOrDefault();
        var (text, language) = (element?.Text.Trim() ?? "", element?.Attribute("lang") ?? "");
        var semicolon = text.IndexOf(";lang=", StringComparison.OrdinalIgnoreCase);
        if (semicolon < 0) return new MetadataName(aor, text) { Language = language };

        var parameter = text[(semicolon + ";lang=".Length)..].Split(';')[0].Trim();
        return new MetadataName(aor, text[..semicolon].TrimEnd()) { Language = language.Length > 0 ? language : parameter };
    }

    private static MetadataStream ReadStream(XmlElement element) => new(
        element.Attribute("stream_id", "id"),
        Reference(element, "session_id", "session"),
        element.Child("label"),
        element.Child("mode").Equals("mixed", StringComparison.OrdinalIgnoreCase)) { Stay = StayOf(element) };

    private static IEnumerable<StreamAssociation> ReadStreamAssociations(XmlElement root)
    {
        var own = root.All("participantstreamassoc").Select(element => (element, Reference(element, "participant_id", "participant")));

        // The drafts put <send> and <recv> into the participant itself.
        var inside = root.All("participant").Where(element => element.All("send").Any() || element.All("recv").Any())
            .Select(element => (element, element.Attribute("participant_id", "id")));
        return own.Concat(inside).Select(pair => new StreamAssociation(pair.Item2, References(pair.element, "send"), References(pair.element, "recv"))
        {
            Stay = StayOf(pair.element),
        });
    }

    private static IEnumerable<SessionAssociation> ReadSessionAssociations(XmlElement root)
    {
        var own = root.All("participantsessionassoc").Select(element => new SessionAssociation(
            Reference(element, "participant_id", "participant"), Reference(element, "session_id", "session"), StayOf(element)));
        var inside = root.All("participant").Select(element => new SessionAssociation(
            element.Attribute("participant_id", "id"), Reference(element, "session_id", "session"), StayOf(element)));
        return own.Concat(inside.Where(association => association.Session.Length > 0));
    }

    private static MetadataStay StayOf(XmlElement element) => new(element.Child("associate-time"), element.Child("disassociate-time"));

    /// <summary>An id that stands in an attribute, or in a child of the same name.</summary>
    private static string Reference(XmlElement element, string attribute, string draftName)
    {
        var value = element.Attribute(attribute, draftName);
        return value.Length > 0 ? value : element.Child(draftName);
    }

    /// <summary>Stream ids: the text, or an id attribute.</summary>
    private static ImmutableArray<string> References(XmlElement element, string name) =>
        [.. element.All(name).Select(item => item.Text.Trim() is { Length: > 0 } text ? text : item.Attribute("stream_id", "id")).Where(id => id.Length > 0)];
}
