using System.Collections.Immutable;
using System.Text;
using EdgeAssist.MediaGateway.Sip.Messages;

namespace EdgeAssist.MediaGateway.Sip.Parsing;

/// <summary>The start line and the header fields of a message, unfolded; nothing in them is interpreted yet.</summary>
internal sealed record SipHeaderSection(string StartLine, SipHeaders Headers)
{
    /// <summary>
    /// Position behind the empty line that ends the header section, −1 when there is none. Lines end with CRLF, or with a
    /// bare LF as some peers send; the body is never looked at.
    /// </summary>
    public static int EndOf(ReadOnlySpan<byte> message)
    {
        for (var start = 0; start < message.Length;)
        {
            var length = message[start..].IndexOf((byte)'\n');
            if (length < 0) return -1;
            if (length == 0 || (length == 1 && message[start] == (byte)'\r')) return start + length + 1;
            start += length + 1;
        }

        return -1;
    }

    /// <summary>Takes the section apart. On failure <paramref name="section"/> holds what could be read before the fault.</summary>
    public static SipParseError TryParse(ReadOnlySpan<byte> bytes, SipLimits limits, out SipHeaderSection section)
    {
        var error = System.Text.Unicode.Utf8.IsValid(bytes) ? SipParseError.None : SipParseError.NotUtf8;
        var text = Encoding.UTF8.GetString(bytes).AsSpan();

        var startLine = TakeLine(ref text).ToString();
        var fields = ImmutableArray.CreateBuilder<SipHeader>();
        while (!text.IsEmpty)
        {
            var line = TakeField(ref text, limits.MaxFieldLength);
            if (line is null) error = Worse(error, SipParseError.HeaderField);
            else if (line.Length == 0) break;
            else if (fields.Count >= limits.MaxHeaders) return Finish(SipParseError.TooManyHeaders, out section);
            else if (TryParseField(line, out var field)) fields.Add(field);
            else error = Worse(error, SipParseError.HeaderField);
        }

        return Finish(startLine.Contains('\r', StringComparison.Ordinal) ? SipParseError.StartLine : error, out section);

        SipParseError Finish(SipParseError outcome, out SipHeaderSection result)
        {
            result = new SipHeaderSection(startLine, new SipHeaders(fields.ToImmutable()));
            return outcome;
        }
    }

    private static SipParseError Worse(SipParseError first, SipParseError next) => first == SipParseError.None ? next : first;

    private static ReadOnlySpan<char> TakeLine(ref ReadOnlySpan<char> text)
    {
        var end = text.IndexOf('\n');
        var line = end < 0 ? text : text[..end];
        text = end < 0 ? [] : text[(end + 1)..];
        return line.EndsWith('\r') ? line[..^1] : line;
    }

    /// <summary>One field with its continuation lines joined by a space (§7.3.1); null when it is longer than allowed.</summary>
    private static string? TakeField(ref ReadOnlySpan<char> text, int maxLength)
    {
        var first = TakeLine(ref text);
        if (text.IsEmpty || !SipGrammar.IsSpace(text[0])) return first.Length > maxLength ? null : first.ToString();

        var field = new StringBuilder().Append(first.TrimEnd(" \t"));
        while (!text.IsEmpty && SipGrammar.IsSpace(text[0]))
        {
            var more = TakeLine(ref text);
            if (field.Length <= maxLength) field.Append(' ').Append(SipGrammar.Trim(more));
        }

        return field.Length > maxLength ? null : field.ToString();
    }

    private static bool TryParseField(string line, out SipHeader field)
    {
        field = default;
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0) return false;

        // White space may stand before the colon; the name is compared after trimming.
        var name = SipGrammar.Trim(line.AsSpan(0, colon));
        var value = SipGrammar.Trim(line.AsSpan(colon + 1));
        if (SipGrammar.IsSpace(line[0]) || !SipGrammar.IsToken(name) || value.Contains('\r')) return false;
        field = new SipHeader(SipHeaderNames.Expand(name.ToString()), value.ToString());
        return true;
    }
}
