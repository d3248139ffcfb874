using System.Xml;

namespace EdgeAssist.MediaGateway.Siprec;

/// <summary>Why a document was refused.</summary>
internal enum MetadataError
{
    None = 0,
    TooLong,
    NotWellFormed,
    TooDeep,
    TooManyElements,
    UnknownRoot,
}

/// <summary>
/// A small element tree. Built with every door closed that XML has: no DTD, hence no entities; no resolver; depth, elements,
/// attributes and size bounded before anything is kept.
/// </summary>
internal sealed class XmlElement(string name, string ns)
{
    private const int MaxBytes = 256 * 1024;
    private const int MaxDepth = 24;
    private const int MaxElements = 4096;
    private const int MaxAttributes = 64;
    private const int MaxTextLength = 8192;
    private const string XmlnsNamespace = "http://www.w3.org/2000/xmlns/";

    private readonly List<XmlElement> _children = [];
    private readonly List<(string Name, string Namespace, string Value)> _attributes = [];

    /// <summary>Local name, without prefix.</summary>
    public string Name => name;

    public string Namespace => ns;

    public string Text { get; private set; } = "";

    public IReadOnlyList<XmlElement> Children => _children;

    public static MetadataError TryParse(ReadOnlyMemory<byte> document, out XmlElement? root)
    {
        root = null;
        if (document.Length > MaxBytes) return MetadataError.TooLong;
        if (XmlTagScan.Exceeds(document.Span, MaxAttributes)) return MetadataError.TooManyElements;

        // Blank lines before the declaration are common between the parts of a body, and not well-formed XML.
        var skip = document.Length - document.Span.TrimStart(" \t\r\n"u8).Length;
        using var stream = new MemoryStream(document[skip..].ToArray(), writable: false);
        using var reader = XmlReader.Create(stream, new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = MaxBytes,
            MaxCharactersFromEntities = 1024,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            IgnoreWhitespace = true,
        });
        try
        {
            return Read(reader, out root);
        }
        catch (XmlException)
        {
            // The one parser here that reports by exception: XmlReader has no other way to say «not well-formed».
            root = null;
            return MetadataError.NotWellFormed;
        }
    }

    /// <summary>Children of this local name, whatever their namespace and case (dataMode, datamode).</summary>
    public IEnumerable<XmlElement> All(string childName) =>
        _children.Where(child => child.Name.Equals(childName, StringComparison.OrdinalIgnoreCase));

    public string Child(string childName) => All(childName).FirstOrDefault()?.Text.Trim() ?? "";

    /// <summary>The first of these attributes that is there, trimmed; empty when none is.</summary>
    public string Attribute(params ReadOnlySpan<string> names)
    {
        foreach (var wanted in names)
            foreach (var (attribute, _, value) in _attributes)
                if (attribute.Equals(wanted, StringComparison.OrdinalIgnoreCase)) return value.Trim();
        return "";
    }

    /// <summary>Writes the element again: names, namespaces, attributes, text and children; prefixes and white space are not kept.</summary>
    public void WriteTo(XmlWriter xml)
    {
        xml.WriteStartElement(Name, Namespace);
        foreach (var (attribute, space, value) in _attributes)
            if (space != XmlnsNamespace) xml.WriteAttributeString(attribute, space, value);
        if (Text.Length > 0) xml.WriteString(Text);
        foreach (var child in _children) child.WriteTo(xml);
        xml.WriteEndElement();
    }

    private static MetadataError Read(XmlReader reader, out XmlElement? root)
    {
        root = null;
        var open = new Stack<XmlElement>();
        var count = 0;
        while (reader.Read())
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    if (++count > MaxElements) return MetadataError.TooManyElements;
                    if (open.Count >= MaxDepth) return MetadataError.TooDeep;
                    var element = Open(reader);
                    if (open.TryPeek(out var parent)) parent._children.Add(element);
                    root ??= element;
                    if (!reader.IsEmptyElement) open.Push(element);
                    break;
                case XmlNodeType.EndElement:
                    open.Pop();
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace:
                    if (open.TryPeek(out var current) && current.Text.Length < MaxTextLength) current.Text += reader.Value;
                    break;
            }
        }

        return root is null ? MetadataError.NotWellFormed : MetadataError.None;
    }

    private static XmlElement Open(XmlReader reader)
    {
        var element = new XmlElement(reader.LocalName, reader.NamespaceURI);
        for (var more = reader.MoveToFirstAttribute(); more; more = reader.MoveToNextAttribute())
            element._attributes.Add((reader.LocalName, reader.NamespaceURI, reader.Value));
        reader.MoveToElement();
        return element;
    }
}
