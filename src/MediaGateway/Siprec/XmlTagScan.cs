namespace EdgeAssist.MediaGateway.Siprec;

/// <summary>
/// Looks over a document before <see cref="System.Xml.XmlReader"/> gets it: the reader keeps all attributes of an element at
/// once, at some 400 octets each, and has no ceiling of its own for their number.
/// </summary>
internal static class XmlTagScan
{
    /// <summary>Whether an element has more attributes than this.</summary>
    public static bool Exceeds(ReadOnlySpan<byte> document, int attributes)
    {
        for (var at = document.IndexOf((byte)'<'); at >= 0;)
        {
            var rest = document[at..];
            var length = rest switch
            {
                [_, (byte)'!', (byte)'-', (byte)'-', ..] => Behind(rest, "-->"u8),
                [_, (byte)'!', (byte)'[', ..] => Behind(rest, "]]>"u8),
                [_, (byte)'?', ..] => Behind(rest, "?>"u8),
                _ => TagLength(rest, attributes),
            };
            if (length < 0) return true;

            var next = rest[length..].IndexOf((byte)'<');
            at = next < 0 ? -1 : at + length + next;
        }

        return false;
    }

    private static int Behind(ReadOnlySpan<byte> text, ReadOnlySpan<byte> end)
    {
        var at = text.IndexOf(end);
        return at < 0 ? text.Length : at + end.Length;
    }

    /// <summary>Length of the tag the text starts with; −1 when it has too many quoted values.</summary>
    private static int TagLength(ReadOnlySpan<byte> text, int attributes)
    {
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == (byte)'>') return i + 1;
            if (text[i] is not ((byte)'"' or (byte)'\'')) continue;
            if (attributes-- == 0) return -1;
            var close = text[(i + 1)..].IndexOf(text[i]);
            if (close < 0) return text.Length;
            i += close + 1;
        }

        return text.Length;
    }
}
