namespace EdgeAssist.AlertRelay.History.Matching;

/// <summary>
/// An address of record as far as recognising needs it: <c>sip:</c>, <c>sips:</c>, <c>tel:</c> (RFC 3966) or bare
/// <c>user@host</c>. Personal data.
/// </summary>
/// <param name="User">The user part, unescaped, without parameters and password; of a <c>tel:</c> URI the number.</param>
/// <param name="Host">Lower case, without port; empty for a <c>tel:</c> URI or a bare number.</param>
internal readonly record struct SipAddress(string User, string Host)
{
    /// <summary>Two that are equal are the same address: the user counts with its case, the host without (RFC 3261 §19.1.4).</summary>
    public string Normal => User + "@" + Host;

    public static SipAddress Parse(string text)
    {
        var rest = text.AsSpan().Trim();
        if (rest.StartsWith("<") && rest.IndexOf('>') is > 0 and var end) rest = rest[1..end];
        foreach (var scheme in (ReadOnlySpan<string>)["sips:", "sip:", "tel:"])
        {
            if (!rest.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)) continue;
            rest = rest[scheme.Length..];
            break;
        }

        var at = rest.LastIndexOf('@');
        var user = Before(at < 0 ? rest : rest[..at], ";:");
        var host = at < 0 ? [] : rest[(at + 1)..];
        host = host.StartsWith("[") && host.IndexOf(']') is > 0 and var close ? host[..(close + 1)] : Before(host, ";:?>");
        return new SipAddress(Uri.UnescapeDataString(user.ToString()), host.ToString().ToLowerInvariant());
    }

    private static ReadOnlySpan<char> Before(ReadOnlySpan<char> text, ReadOnlySpan<char> ends) =>
        text.IndexOfAny(ends) is >= 0 and var end ? text[..end] : text;
}
