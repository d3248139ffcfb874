namespace EdgeAssist.MediaGateway.Siprec;

/// <summary>Finds what clients add to the schema: elements of other namespaces, or of names the schema does not have.</summary>
internal static class MetadataExtensions
{
    private static readonly HashSet<string> Objects = new(StringComparer.OrdinalIgnoreCase)
    {
        "group", "session", "participant", "stream", "participantsessionassoc", "participantstreamassoc", "sessionrecordingassoc",
    };

    private static readonly HashSet<string> Known = new(Objects, StringComparer.OrdinalIgnoreCase)
    {
        "datamode", "requestreason", "sipSessionID", "group-ref", "start-time", "stop-time", "reason", "associate-time",
        "disassociate-time", "nameID", "aor", "name", "send", "recv", "label", "mode",
    };

    public static IEnumerable<MetadataExtension> Of(XmlElement root)
    {
        foreach (var child in root.Children)
        {
            if (IsExtension(child, root)) yield return new MetadataExtension("recording", "", child);
            else if (Objects.Contains(child.Name))
            {
                var id = child.Attribute(child.Name + "_id", "id", "participant_id", "session_id");
                foreach (var inner in child.Children.Where(inner => IsExtension(inner, root)))
                    yield return new MetadataExtension(child.Name.ToLowerInvariant(), id, inner);
            }
        }
    }

    private static bool IsExtension(XmlElement element, XmlElement root) => element.Namespace != root.Namespace || !Known.Contains(element.Name);
}
