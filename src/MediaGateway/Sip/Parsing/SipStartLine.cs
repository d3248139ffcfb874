using EdgeAssist.MediaGateway.Sip.Messages;

namespace EdgeAssist.MediaGateway.Sip.Parsing;

/// <summary>Request-Line or Status-Line (RFC 3261 §7.1, §7.2): single spaces, nothing behind.</summary>
internal readonly record struct SipStartLine
{
    public SipParseError Error { get; private init; }

    public string Why { get; private init; }

    public bool IsResponse { get; private init; }

    public SipMethod Method { get; private init; }

    public string RequestUri { get; private init; }

    public SipUri? Target { get; private init; }

    public int Status { get; private init; }

    public string ReasonPhrase { get; private init; }

    public static SipStartLine Parse(string line) =>
        line.StartsWith("SIP/", StringComparison.OrdinalIgnoreCase) ? ParseStatusLine(line) : ParseRequestLine(line);

    private static SipStartLine ParseStatusLine(string line)
    {
        // "SIP/2.0 200 OK": the reason phrase may be empty, its space may not (RFC 4475 §3.1.1.13); a missing one is let pass.
        var code = line.Length >= 11 ? line.AsSpan(8, 3) : [];
        var wellFormed = line.Length >= 11 && line.StartsWith("SIP/2.0 ", StringComparison.OrdinalIgnoreCase) && (line.Length == 11 || line[11] == ' ');
        if (!wellFormed || !SipGrammar.TryParseNumber(code, 699, out var status) || status < 100)
            return new SipStartLine { Error = SipParseError.StatusLine, Why = "the status line is malformed", IsResponse = true };
        return new SipStartLine { IsResponse = true, Status = (int)status, ReasonPhrase = line.Length > 12 ? line[12..] : "", Why = "" };
    }

    private static SipStartLine ParseRequestLine(string line)
    {
        var first = line.IndexOf(' ', StringComparison.Ordinal);
        var last = line.LastIndexOf(' ');
        if (first <= 0 || last <= first || !SipGrammar.IsToken(line.AsSpan(0, first)))
            return new SipStartLine { Error = SipParseError.StartLine, Why = "the request line is malformed" };

        var request = new SipStartLine { Method = new SipMethod(line[..first]), RequestUri = line[(first + 1)..last], Why = "" };
        var version = line.AsSpan(last + 1);
        if (version.IsEmpty)
            return request with { Error = SipParseError.StartLine, Why = "white space at the end of the request line" };
        if (!version.StartsWith("SIP/", StringComparison.OrdinalIgnoreCase))
            return request with { Error = SipParseError.StartLine, Why = "the request line does not end with SIP/2.0" };
        if (!version.Equals("SIP/2.0", StringComparison.OrdinalIgnoreCase))
            return request with { Error = SipParseError.Version, Why = "only SIP/2.0 is spoken here" };
        return request.WithTarget();
    }

    private SipStartLine WithTarget()
    {
        if (RequestUri.AsSpan().ContainsAny(' ', '\t'))
            return this with { Error = SipParseError.RequestUri, Why = "white space in the Request-URI or around it" };
        if (RequestUri is ['<', ..])
            return this with { Error = SipParseError.RequestUri, Why = "angle brackets around the Request-URI" };
        if (!SipUriParser.TryParseAny(RequestUri, out var target))
            return this with { Error = SipParseError.RequestUri, Why = "the Request-URI is malformed" };

        // A '?' here would smuggle header fields into the request (RFC 3261 §19.1.1, RFC 4475 §3.1.2.11).
        if (target?.Headers.Length > 0)
            return this with { Error = SipParseError.RequestUri, Why = "header fields in the Request-URI" };
        return this with { Target = target };
    }
}
