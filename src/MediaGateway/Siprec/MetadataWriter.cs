using System.Text;
using System.Xml;

namespace EdgeAssist.MediaGateway.Siprec;

/// <summary>Writes metadata as a recording client sends it (RFC 7865 §6).</summary>
internal static class MetadataWriter
{
    private const string Namespace = "urn:ietf:params:xml:ns:recording:1";

    public static byte[] Write(RecordingMetadata metadata)
    {
        using var stream = new MemoryStream();
        using (var xml = XmlWriter.Create(stream, new XmlWriterSettings { Encoding = new UTF8Encoding(false), Indent = true }))
        {
            xml.WriteStartElement("recording", Namespace);
            xml.WriteElementString("datamode", Namespace, metadata.Mode == MetadataMode.Partial ? "partial" : "complete");
            foreach (var group in metadata.Groups) Write(xml, group, metadata);
            foreach (var session in metadata.Sessions) Write(xml, session, metadata);
            foreach (var participant in metadata.Participants) Write(xml, participant, metadata);
            foreach (var media in metadata.Streams) Write(xml, media, metadata);
            foreach (var association in metadata.RecordingAssociations) Write(xml, association);
            foreach (var association in metadata.SessionAssociations) Write(xml, association);
            foreach (var association in metadata.StreamAssociations) Write(xml, association);
            WriteExtensions(xml, metadata, "recording", "");
            xml.WriteEndElement();
        }

        return stream.ToArray();
    }

    private static void Write(XmlWriter xml, MetadataGroup group, RecordingMetadata metadata)
    {
        xml.WriteStartElement("group", Namespace);
        xml.WriteAttributeString("group_id", group.Id);
        Write(xml, group.Stay);
        WriteExtensions(xml, metadata, "group", group.Id);
        xml.WriteEndElement();
    }

    private static void Write(XmlWriter xml, MetadataSession session, RecordingMetadata metadata)
    {
        xml.WriteStartElement("session", Namespace);
        xml.WriteAttributeString("session_id", session.Id);
        foreach (var id in session.SipSessionIds) xml.WriteElementString("sipSessionID", Namespace, id);
        if (session.Reason.Length > 0) xml.WriteElementString("reason", Namespace, session.Reason);
        if (session.Group.Length > 0) xml.WriteElementString("group-ref", Namespace, session.Group);
        if (session.StartTime.Length > 0) xml.WriteElementString("start-time", Namespace, session.StartTime);
        if (session.StopTime.Length > 0) xml.WriteElementString("stop-time", Namespace, session.StopTime);
        WriteExtensions(xml, metadata, "session", session.Id);
        xml.WriteEndElement();
    }

    private static void Write(XmlWriter xml, MetadataParticipant participant, RecordingMetadata metadata)
    {
        xml.WriteStartElement("participant", Namespace);
        xml.WriteAttributeString("participant_id", participant.Id);
        foreach (var name in participant.Names)
        {
            xml.WriteStartElement("nameID", Namespace);
            xml.WriteAttributeString("aor", name.Aor);
            if (name.Name.Length > 0)
            {
                xml.WriteStartElement("name", Namespace);
                if (name.Language.Length > 0) xml.WriteAttributeString("xml", "lang", null, name.Language);
                xml.WriteString(name.Name);
                xml.WriteEndElement();
            }

            xml.WriteEndElement();
        }

        WriteExtensions(xml, metadata, "participant", participant.Id);
        xml.WriteEndElement();
    }

    private static void Write(XmlWriter xml, MetadataStream stream, RecordingMetadata metadata)
    {
        xml.WriteStartElement("stream", Namespace);
        xml.WriteAttributeString("stream_id", stream.Id);
        if (stream.Session.Length > 0) xml.WriteAttributeString("session_id", stream.Session);
        if (stream.Label.Length > 0) xml.WriteElementString("label", Namespace, stream.Label);
        if (stream.IsMixed) xml.WriteElementString("mode", Namespace, "mixed");
        Write(xml, stream.Stay);
        WriteExtensions(xml, metadata, "stream", stream.Id);
        xml.WriteEndElement();
    }

    private static void Write(XmlWriter xml, SessionAssociation association)
    {
        xml.WriteStartElement("participantsessionassoc", Namespace);
        xml.WriteAttributeString("participant_id", association.Participant);
        xml.WriteAttributeString("session_id", association.Session);
        Write(xml, association.Stay);
        xml.WriteEndElement();
    }

    private static void Write(XmlWriter xml, RecordingAssociation association)
    {
        xml.WriteStartElement("sessionrecordingassoc", Namespace);
        xml.WriteAttributeString("session_id", association.Session);
        Write(xml, association.Stay);
        xml.WriteEndElement();
    }

    private static void Write(XmlWriter xml, StreamAssociation association)
    {
        xml.WriteStartElement("participantstreamassoc", Namespace);
        xml.WriteAttributeString("participant_id", association.Participant);
        foreach (var id in association.Sends) xml.WriteElementString("send", Namespace, id);
        foreach (var id in association.Receives) xml.WriteElementString("recv", Namespace, id);
        Write(xml, association.Stay);
        xml.WriteEndElement();
    }

    private static void Write(XmlWriter xml, MetadataStay stay)
    {
        if (stay.From is { Length: > 0 }) xml.WriteElementString("associate-time", Namespace, stay.From);
        if (stay.To is { Length: > 0 }) xml.WriteElementString("disassociate-time", Namespace, stay.To);
    }

    private static void WriteExtensions(XmlWriter xml, RecordingMetadata metadata, string owner, string id)
    {
        foreach (var extension in metadata.Extensions)
            if (extension.Owner == owner && extension.OwnerId == id) extension.Element.WriteTo(xml);
    }
}
