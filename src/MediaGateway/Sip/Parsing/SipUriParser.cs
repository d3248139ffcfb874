using System.Buffers;
using System.Net;
using EdgeAssist.MediaGateway.Sip.Messages;

namespace EdgeAssist.MediaGateway.Sip.Parsing;

/// <summary>Parses URIs (RFC 3261 §19.1, §25.1).</summary>
internal static class SipUriParser
{
    private const string Unreserved = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.!~*'()";

    // '#' is not in the grammar, but phones dial it unescaped.
    private static readonly SearchValues<char> UserChars = SearchValues.Create(Unreserved + "%&=+$,;?/#");
    private static readonly SearchValues<char> PasswordChars = SearchValues.Create(Unreserved + "%&=+$,:");
    private static readonly SearchValues<char> ParameterChars = SearchValues.Create(Unreserved + "%[]/:&+$");
    private static readonly SearchValues<char> HeaderChars = SearchValues.Create(Unreserved + "%[]/?:+$=&");
    private static readonly SearchValues<char> HostChars = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._");
    private static readonly SearchValues<char> SchemeChars = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

    /// <summary>Whether the text is a URI of any scheme; <paramref name="uri"/> is set for sip and sips.</summary>
    public static bool TryParseAny(ReadOnlySpan<char> text, out SipUri? uri)
    {
        uri = null;
        var colon = text.IndexOf(':');
        if (colon <= 0 || colon == text.Length - 1 || !char.IsAsciiLetter(text[0]) || text[..colon].ContainsAnyExcept(SchemeChars)) return false;
        if (IsSip(text[..colon])) return TryParse(text, out uri);

        foreach (var c in text)
            if (c is <= ' ' or '<' or '>' or '"' or '\x7F') return false;
        return true;
    }

    /// <summary>Parses a sip: or sips: URI.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out SipUri? uri)
    {
        uri = null;
        var colon = text.IndexOf(':');
        if (colon < 0 || !IsSip(text[..colon])) return false;
        var scheme = text[..colon].ToString().ToLowerInvariant();
        var rest = text[(colon + 1)..];

        // '@' stands nowhere but behind the user part; the user part may hold ';', '?' and '/' (RFC 4475 §3.1.1.9).
        if (!TryParseUserInfo(ref rest, out var user, out var password)) return false;

        var headers = "";
        var question = rest.IndexOf('?');
        if (question >= 0)
        {
            if (!IsEscapedText(rest[(question + 1)..], HeaderChars)) return false;
            headers = rest[(question + 1)..].ToString();
            rest = rest[..question];
        }

        var semicolon = rest.IndexOf(';');
        var hostPort = semicolon < 0 ? rest : rest[..semicolon];
        if (!TryParseHostPort(hostPort, out var host, out var port)) return false;
        if (!TryParseParameters(semicolon < 0 ? [] : rest[(semicolon + 1)..], semicolon >= 0, out var parameters)) return false;

        uri = new SipUri
        {
            Scheme = scheme, User = user, Password = password, Host = host, Port = port, Parameters = parameters, Headers = headers,
        };
        return true;
    }

    /// <summary>Parses <c>host</c> or <c>host:port</c>; an IPv6 address needs its brackets (RFC 5118 §4.2).</summary>
    public static bool TryParseHostPort(ReadOnlySpan<char> text, out string host, out int? port)
    {
        host = "";
        port = null;
        var hostLength = text is ['[', ..] ? text.IndexOf(']') + 1 : text.IndexOf(':');
        if (hostLength < 0) hostLength = text.Length;
        if (hostLength == 0 || !IsHost(text[..hostLength])) return false;

        host = text[..hostLength].ToString();
        var rest = text[hostLength..];
        if (rest.IsEmpty) return true;
        if (rest[0] != ':' || !SipGrammar.TryParseNumber(rest[1..], 65_535, out var number)) return false;
        port = number == 0 ? null : (int)number;
        return true;
    }

    private static bool IsSip(ReadOnlySpan<char> scheme) =>
        scheme.Equals("sip", StringComparison.OrdinalIgnoreCase) || scheme.Equals("sips", StringComparison.OrdinalIgnoreCase);

    private static bool TryParseUserInfo(ref ReadOnlySpan<char> rest, out string user, out string? password)
    {
        user = "";
        password = null;
        var at = rest.IndexOf('@');
        if (at < 0) return true;

        var info = rest[..at];
        rest = rest[(at + 1)..];
        var colon = info.IndexOf(':');
        var userPart = colon < 0 ? info : info[..colon];
        if (userPart.IsEmpty || !IsEscapedText(userPart, UserChars)) return false;
        user = userPart.ToString();
        if (colon < 0) return true;

        if (!IsEscapedText(info[(colon + 1)..], PasswordChars)) return false;
        password = info[(colon + 1)..].ToString();
        return true;
    }

    private static bool IsHost(ReadOnlySpan<char> host)
    {
        if (host is not ['[', .. var inner, ']']) return !host.ContainsAnyExcept(HostChars);
        return !inner.Contains('%') && IPAddress.TryParse(inner, out var address) && address.GetAddressBytes().Length == 16;
    }

    private static bool TryParseParameters(ReadOnlySpan<char> text, bool any, out SipParameters parameters)
    {
        parameters = SipParameters.None;
        if (!any) return true;

        var items = new List<SipParameter>();
        foreach (var range in text.Split(';'))
        {
            var item = text[range];
            var equals = item.IndexOf('=');
            var name = equals < 0 ? item : item[..equals];
            var value = equals < 0 ? [] : item[(equals + 1)..];
            if (name.IsEmpty || items.Count >= 32 || !IsEscapedText(name, ParameterChars) || !IsEscapedText(value, ParameterChars)) return false;
            items.Add(new SipParameter(name.ToString(), equals < 0 ? null : value.ToString()));
        }

        parameters = new SipParameters([.. items]);
        return true;
    }

    private static bool IsEscapedText(ReadOnlySpan<char> text, SearchValues<char> allowed)
    {
        if (text.ContainsAnyExcept(allowed)) return false;
        for (var i = text.IndexOf('%'); i >= 0 && i < text.Length; i++)
        {
            if (text[i] != '%') continue;
            if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2])) return false;
        }

        return true;
    }
}
