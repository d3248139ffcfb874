using EdgeAssist.MediaGateway.Sip.Messages;

namespace EdgeAssist.MediaGateway.Sip.Parsing;

/// <summary>Parses name-addr and addr-spec with their parameters (RFC 3261 §20.10, §25.1).</summary>
internal static class NameAddressParser
{
    /// <summary>Parses one value.</summary>
    /// <param name="text">The value, unfolded.</param>
    /// <param name="address">The parts.</param>
    /// <param name="fault">What is wrong with it, for a reason phrase; empty on success.</param>
    public static bool TryParse(ReadOnlySpan<char> text, out NameAddress? address, out string fault)
    {
        address = null;
        text = SipGrammar.Trim(text);
        if (!TryTakeDisplayName(ref text, out var name, out fault)) return false;

        ReadOnlySpan<char> uriText;
        if (text is ['<', ..])
        {
            var close = text.IndexOf('>');
            if (close < 0) return Refuse("'<' is not closed", out fault);
            uriText = text[1..close];
            text = text[(close + 1)..];
        }
        else
        {
            // Without brackets the parameters belong to the header field, and a '?' or ',' would be ambiguous (§20).
            var end = text.IndexOf(';');
            uriText = SipGrammar.Trim(end < 0 ? text : text[..end]);
            text = end < 0 ? [] : text[end..];
            if (uriText.ContainsAny('?', ',')) return Refuse("a URI with '?' or ',' needs angle brackets", out fault);
        }

        if (!SipUriParser.TryParseAny(uriText, out var uri)) return Refuse("the URI is malformed", out fault);
        if (!SipParameters.TryParse(text, out var parameters)) return Refuse("a parameter is malformed", out fault);

        address = new NameAddress { DisplayName = name, Address = uriText.ToString(), Uri = uri, Parameters = parameters };
        return true;
    }

    private static bool TryTakeDisplayName(ref ReadOnlySpan<char> text, out string name, out string fault)
    {
        name = fault = "";
        if (text is ['"', ..])
        {
            var length = SipGrammar.QuotedLength(text);
            if (length == 0) return Refuse("the quoted display name is not closed", out fault);
            name = SipGrammar.Unquote(text[..length]);
            text = SipGrammar.TrimStart(text[length..]);
            return text is ['<', ..] || Refuse("a display name must be followed by '<'", out fault);
        }

        var open = text.IndexOf('<');
        if (open < 0) return true;

        var words = SipGrammar.Trim(text[..open]);
        foreach (var c in words)
            if (!SipGrammar.IsSpace(c) && c < '\x80' && !SipGrammar.IsToken([c]))
                return Refuse("a display name with other than token characters needs quotes", out fault);
        name = words.ToString();
        text = text[open..];
        return true;
    }

    private static bool Refuse(string why, out string fault)
    {
        fault = why;
        return false;
    }
}
