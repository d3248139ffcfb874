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
            foreach (var session in metadata.Sessions) Write(xml, session);
            foreach (var participant in metadata.Participants) Write(xml, participant);
            foreach (var media in metadata.Streams) Write(xml, media);
            foreach (var association in metadata.SessionAssociations) Write(xml, association);
            foreach (var association in metadata.StreamAssociations) Write(xml, association);
            xml.WriteEndElement();
        }

        return stream.ToArray();
    }

    private static void Write(XmlWriter xml, MetadataSession session)
    {
        xml.WriteStartElement("session", Namespace);
        xml.WriteAttributeString("session_id", session.Id);
        foreach (var id in session.SipSessionIds) xml.WriteElementString("sipSessionID", Namespace, id);
        if (session.StartTime.Length > 0) xml.WriteElementString("start-time", Namespace, session.StartTime);
        if (session.StopTime.Length > 0) xml.WriteElementString("stop-time", Namespace, session.StopTime);
        xml.WriteEndElement();
    }

    private static void Write(XmlWriter xml, MetadataParticipant participant)
    {
        xml.WriteStartElement("participant", Namespace);
        xml.WriteAttributeString("participant_id", participant.Id);
        foreach (var name in participant.Names)
        {
            xml.WriteStartElement("nameID", Namespace);
            xml.WriteAttributeString("aor", name.Aor);
            if (name.Name.Length > 0) xml.WriteElementString("name", Namespace, name.Name);
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static void Write(XmlWriter xml, MetadataStream stream)
    {
        xml.WriteStartElement("stream", Namespace);
        xml.WriteAttributeString("stream_id", stream.Id);
        if (stream.Session.Length > 0) xml.WriteAttributeString("session_id", stream.Session);
        if (stream.Label.Length > 0) xml.WriteElementString("label", Namespace, stream.Label);
        if (stream.IsMixed) xml.WriteElementString("mode", Namespace, "mixed");
        xml.WriteEndElement();
    }

    private static void Write(XmlWriter xml, SessionAssociation association)
    {
        xml.WriteStartElement("participantsessionassoc", Namespace);
        xml.WriteAttributeString("participant_id", association.Participant);
        xml.WriteAttributeString("session_id", association.Session);
        xml.WriteEndElement();
    }

    private static void Write(XmlWriter xml, StreamAssociation association)
    {
        xml.WriteStartElement("participantstreamassoc", Namespace);
        xml.WriteAttributeString("participant_id", association.Participant);
        foreach (var id in association.Sends) xml.WriteElementString("send", Namespace, id);
        foreach (var id in association.Receives) xml.WriteElementString("recv", Namespace, id);
        xml.WriteEndElement();
    }
}
