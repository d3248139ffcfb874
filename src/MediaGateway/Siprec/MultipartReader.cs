using System.Collections.Immutable;
using System.Text;

namespace EdgeAssist.MediaGateway.Siprec;

/// <summary>
/// Takes message bodies apart (RFC 2046 §5.1, RFC 5621). Parts come in any order and may nest; preamble, epilogue and unknown
/// parts are passed over; the close delimiter may be missing. Lines may end with LF alone, and nothing inside a part is
/// changed: one vendor's bodies are all bare LF, and rewriting them breaks Content-Length.
/// </summary>
internal static class MultipartReader
{
    private const int MaxParts = 16;
    private const int MaxDepth = 4;
    private const int MaxBytes = 256 * 1024;

    /// <summary>All leaf parts in order.</summary>
    /// <param name="contentType">The message's Content-Type; empty means application/sdp, as RFC 2543 peers leave it out.</param>
    /// <param name="disposition">The message's Content-Disposition, empty when absent.</param>
    /// <param name="encoding">Content-Transfer-Encoding of this body, empty when absent.</param>
    /// <param name="body">The octets.</param>
    /// <param name="parts">The parts.</param>
    public static BodyError TryRead(string contentType, string disposition, string encoding, ReadOnlyMemory<byte> body, out ImmutableArray<BodyPart> parts)
    {
        var found = ImmutableArray.CreateBuilder<BodyPart>();
        var error = body.Length > MaxBytes ? BodyError.TooLong : Read(contentType, disposition, encoding, "", body, MaxDepth, found);
        parts = error == BodyError.None ? found.ToImmutable() : [];
        return error;
    }

    private static BodyError Read(
        string contentType, string disposition, string encoding, string id, ReadOnlyMemory<byte> body, int depth, ImmutableArray<BodyPart>.Builder found)
    {
        var type = MediaType(contentType);
        if (!type.StartsWith("multipart/", StringComparison.Ordinal))
        {
            if (found.Count >= MaxParts) return BodyError.TooManyParts;
            if (!TransferEncoding.TryDecode(encoding, body, out var content)) return BodyError.TransferEncoding;
            found.Add(new BodyPart(type, Word(disposition), content)
            {
                IsOptional = IsOptional(disposition), TypeField = contentType, DispositionField = disposition, ContentId = id,
            });
            return BodyError.None;
        }

        if (depth == 0) return BodyError.TooDeep;
        if (Boundary(contentType) is not { } boundary) return BodyError.NoBoundary;
        return ReadParts(Encoding.UTF8.GetBytes("--" + boundary), body, depth, found);
    }

    private static BodyError ReadParts(ReadOnlySpan<byte> delimiter, ReadOnlyMemory<byte> body, int depth, ImmutableArray<BodyPart>.Builder found)
    {
        var partStart = -1;
        for (var line = 0; line < body.Length;)
        {
            var rest = body.Span[line..];
            var newline = rest.IndexOf((byte)'\n');
            var next = newline < 0 ? body.Length : line + newline + 1;
            if (IsDelimiter(rest[..(next - line)], delimiter, out var isLast))
            {
                if (partStart >= 0 && ReadPart(body[partStart..EndBefore(body.Span, partStart, line)], depth, found) is var error and not BodyError.None) return error;
                partStart = isLast ? -1 : next;
                if (isLast) return BodyError.None;
            }

            line = next;
        }

        return partStart >= 0 && partStart < body.Length ? ReadPart(body[partStart..], depth, found) : BodyError.None;
    }

    /// <summary>The line end before a delimiter belongs to the delimiter (RFC 2046 §5.1.1).</summary>
    private static int EndBefore(ReadOnlySpan<byte> body, int start, int line)
    {
        var end = line;
        if (end > start && body[end - 1] == (byte)'\n') end--;
        if (end > start && body[end - 1] == (byte)'\r') end--;
        return end;
    }

    private static bool IsDelimiter(ReadOnlySpan<byte> line, ReadOnlySpan<byte> delimiter, out bool isLast)
    {
        isLast = false;
        if (!line.StartsWith(delimiter)) return false;
        var rest = line[delimiter.Length..];
        isLast = rest.StartsWith("--"u8);
        return (isLast ? rest[2..] : rest).Trim(" \t\r\n"u8).IsEmpty;
    }

    private static BodyError ReadPart(ReadOnlyMemory<byte> part, int depth, ImmutableArray<BodyPart>.Builder found)
    {
        var end = Sip.Parsing.SipHeaderSection.EndOf(part.Span);
        var (type, disposition, encoding, id) = ("text/plain", "", "", "");
        var head = end < 0 ? part.Span : part.Span[..end];
        var previous = "";
        foreach (var raw in Encoding.UTF8.GetString(head).Split('\n'))
        {
            var line = raw.TrimEnd('\r');
            if (line.Length > 0 && line[0] is ' ' or '\t') line = previous + ' ' + line.Trim();
            previous = line;
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0) continue;
            var value = line[(colon + 1)..].Trim();
            switch (line[..colon].Trim().ToLowerInvariant())
            {
                case "content-type" or "c": type = value; break;
                case "content-disposition": disposition = value; break;
                case "content-transfer-encoding": encoding = value; break;
                case "content-id": id = value; break;
            }
        }

        return Read(type, disposition, encoding, id, end < 0 ? default : part[end..], depth - 1, found);
    }

    /// <summary>Type and subtype, lower case; nothing behind the first blank or semicolon.</summary>
    private static string MediaType(string contentType) => contentType.Length == 0 ? "application/sdp" : Word(contentType);

    private static string Word(string value)
    {
        var end = value.AsSpan().IndexOfAny(' ', '\t', ';');
        return (end < 0 ? value : value[..end]).ToLowerInvariant();
    }

    private static bool IsOptional(string disposition)
    {
        foreach (var range in disposition.AsSpan().Split(';'))
        {
            var parameter = disposition.AsSpan()[range];
            var equals = parameter.IndexOf('=');
            if (equals > 0 && parameter[..equals].Trim().Equals("handling", StringComparison.OrdinalIgnoreCase))
                return parameter[(equals + 1)..].Trim(" \t\"").Equals("optional", StringComparison.OrdinalIgnoreCase);
        }

        return false;
    }

    /// <summary>The boundary parameter, quoted or not, wherever it stands; 1 to 70 characters. Unquoted ones hold '=' in practice.</summary>
    private static string? Boundary(string contentType)
    {
        foreach (var range in contentType.AsSpan().Split(';'))
        {
            var parameter = contentType.AsSpan()[range].Trim();
            var equals = parameter.IndexOf('=');
            if (equals < 0 || !parameter[..equals].TrimEnd().Equals("boundary", StringComparison.OrdinalIgnoreCase)) continue;

            var value = parameter[(equals + 1)..].Trim();
            var boundary = value is ['"', .., '"'] ? Sip.Parsing.SipGrammar.Unquote(value).TrimEnd() : value.ToString();
            return boundary.Length is > 0 and <= 70 ? boundary : null;
        }

        return null;
    }
}
