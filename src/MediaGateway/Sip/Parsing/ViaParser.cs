using EdgeAssist.MediaGateway.Sip.Messages;

namespace EdgeAssist.MediaGateway.Sip.Parsing;

/// <summary>Parses one Via value; white space may stand around every separator (RFC 3261 §25.1, RFC 4475 §3.1.1.1).</summary>
internal static class ViaParser
{
    public static bool TryParse(ReadOnlySpan<char> text, out Via? via)
    {
        via = null;
        if (!TryTakeWord(ref text, '/', out var protocol) || !protocol.Equals("SIP", StringComparison.OrdinalIgnoreCase)) return false;
        if (!TryTakeWord(ref text, '/', out var version) || version is not "2.0") return false;

        text = SipGrammar.TrimStart(text);
        var transportLength = SipGrammar.TokenLength(text);
        if (transportLength == 0 || transportLength == text.Length || !SipGrammar.IsSpace(text[transportLength])) return false;
        var transport = text[..transportLength].ToString();

        text = SipGrammar.TrimStart(text[transportLength..]);
        var semicolon = text.IndexOf(';');
        var sentBy = SipGrammar.Trim(semicolon < 0 ? text : text[..semicolon]).ToString();
        if (sentBy.Contains(' ', StringComparison.Ordinal) || sentBy.Contains('\t', StringComparison.Ordinal))
            sentBy = sentBy.Replace(" ", "", StringComparison.Ordinal).Replace("\t", "", StringComparison.Ordinal);
        if (!SipUriParser.TryParseHostPort(sentBy, out var host, out var port)) return false;
        if (!SipParameters.TryParse(semicolon < 0 ? [] : text[semicolon..], out var parameters)) return false;

        via = new Via { Transport = transport, Host = host, Port = port, Parameters = parameters };
        return true;
    }

    private static bool TryTakeWord(ref ReadOnlySpan<char> text, char separator, out ReadOnlySpan<char> word)
    {
        var end = text.IndexOf(separator);
        word = end < 0 ? [] : SipGrammar.Trim(text[..end]);
        if (!SipGrammar.IsToken(word)) return false;
        text = text[(end + 1)..];
        return true;
    }
}
