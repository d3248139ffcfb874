using System.Diagnostics.CodeAnalysis;
using EdgeAssist.MediaGateway.Sip.Parsing;

namespace EdgeAssist.MediaGateway.Sip.Auth;

/// <summary>The parameters behind <c>Digest</c> in a challenge or in credentials (RFC 7616 §3.3, §3.4). Accepts any text, never throws.</summary>
internal sealed class DigestFields
{
    private const int MaxFields = 32;
    private const int MaxLength = 4096;

    private readonly Dictionary<string, string> _values = new(StringComparer.OrdinalIgnoreCase);

    private DigestFields()
    {
    }

    /// <summary>The value without quotes, null when absent.</summary>
    public string? this[string name] => _values.GetValueOrDefault(name);

    /// <summary>Takes a header field's value apart; false for another scheme, a malformed list, or a parameter given twice.</summary>
    public static bool TryParse(string header, [NotNullWhen(true)] out DigestFields? fields)
    {
        fields = null;
        const string Scheme = "Digest ";
        if (header.Length > MaxLength || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return false;

        var parsed = new DigestFields();
        foreach (var element in SipGrammar.SplitList(header[Scheme.Length..]))
        {
            var equals = element.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || parsed._values.Count >= MaxFields) return false;
            var name = SipGrammar.Trim(element.AsSpan(0, equals));
            var value = SipGrammar.Trim(element.AsSpan(equals + 1));
            if (!SipGrammar.IsToken(name) || !TryReadValue(value, out var text) || !parsed._values.TryAdd(name.ToString(), text)) return false;
        }

        fields = parsed;
        return parsed._values.Count > 0;
    }

    private static bool TryReadValue(ReadOnlySpan<char> value, out string text)
    {
        text = "";
        if (value is not ['"', ..])
        {
            text = value.ToString();
            return SipGrammar.IsToken(value);
        }

        if (SipGrammar.QuotedLength(value) != value.Length) return false;
        text = SipGrammar.Unquote(value);
        return true;
    }
}

/// <summary>A challenge (RFC 7616 §3.3).</summary>
internal sealed record DigestChallenge
{
    public required string Realm { get; init; }

    public required string Nonce { get; init; }

    public string? Opaque { get; init; }

    /// <summary>The credentials were right, only their nonce is too old.</summary>
    public bool IsStale { get; init; }

    public DigestAlgorithm Algorithm { get; init; }

    /// <summary>Whether qop auth is among the choices; false for a challenge without qop, as RFC 2069 had it.</summary>
    public bool HasQop { get; init; }

    /// <summary>Reads a challenge; false for what cannot be answered here: other schemes, algorithms, or qop auth-int alone.</summary>
    public static bool TryParse(string header, [NotNullWhen(true)] out DigestChallenge? challenge)
    {
        challenge = null;
        if (!DigestFields.TryParse(header, out var fields) || fields["realm"] is not { } realm || fields["nonce"] is not { Length: > 0 } nonce) return false;
        if (!DigestHash.TryParse(fields["algorithm"], out var algorithm)) return false;
        var qop = fields["qop"];
        var hasAuth = qop?.Split(',', StringSplitOptions.TrimEntries).Contains("auth", StringComparer.OrdinalIgnoreCase) == true;
        if (qop is not null && !hasAuth) return false;
        challenge = new DigestChallenge
        {
            Realm = realm, Nonce = nonce, Opaque = fields["opaque"], Algorithm = algorithm, HasQop = hasAuth,
            IsStale = string.Equals(fields["stale"], "true", StringComparison.OrdinalIgnoreCase),
        };
        return true;
    }

    /// <summary>The header field's value.</summary>
    public override string ToString() =>
        $"Digest realm=\"{DigestText.Escape(Realm)}\", nonce=\"{DigestText.Escape(Nonce)}\", algorithm={DigestHash.NameOf(Algorithm)}, qop=\"auth\"{(IsStale ? ", stale=true" : "")}";
}

/// <summary>Credentials (RFC 7616 §3.4).</summary>
internal sealed record DigestCredentials
{
    public required string User { get; init; }

    public required string Realm { get; init; }

    public required string Nonce { get; init; }

    public required string Uri { get; init; }

    /// <summary>Hexadecimal digits; empty before it is computed.</summary>
    public string Response { get; init; } = "";

    public DigestAlgorithm Algorithm { get; init; }

    public string? Opaque { get; init; }

    /// <summary>auth, or null without.</summary>
    public string? Qop { get; init; }

    /// <summary>nc: eight hexadecimal digits as written, with qop.</summary>
    public string Count { get; init; } = "";

    /// <summary>cnonce, with qop.</summary>
    public string ClientNonce { get; init; } = "";

    public static bool TryParse(string header, [NotNullWhen(true)] out DigestCredentials? credentials)
    {
        credentials = null;
        if (!DigestFields.TryParse(header, out var fields) || !DigestHash.TryParse(fields["algorithm"], out var algorithm)) return false;
        if (fields["username"] is not { } user || fields["realm"] is not { } realm || fields["nonce"] is not { } nonce) return false;
        if (fields["uri"] is not { } uri || fields["response"] is not { } response) return false;
        credentials = new DigestCredentials
        {
            User = user, Realm = realm, Nonce = nonce, Uri = uri, Response = response, Algorithm = algorithm, Opaque = fields["opaque"],
            Qop = fields["qop"], Count = fields["nc"] ?? "", ClientNonce = fields["cnonce"] ?? "",
        };
        return true;
    }

    /// <summary>The header field's value. Holds what a dictionary attack could be tried on: never logged.</summary>
    public string ToHeader()
    {
        var opaque = Opaque is null ? "" : $", opaque=\"{DigestText.Escape(Opaque)}\"";
        var qop = Qop is null ? "" : $", qop={Qop}, nc={Count}, cnonce=\"{DigestText.Escape(ClientNonce)}\"";
        return $"Digest username=\"{DigestText.Escape(User)}\", realm=\"{DigestText.Escape(Realm)}\", nonce=\"{DigestText.Escape(Nonce)}\", "
            + $"uri=\"{DigestText.Escape(Uri)}\", response=\"{Response}\", algorithm={DigestHash.NameOf(Algorithm)}{opaque}{qop}";
    }

    /// <summary>Nothing of it prints by accident.</summary>
    public override string ToString() => "digest credentials (not shown)";
}

internal static class DigestText
{
    /// <summary>Puts the escapes of a quoted string where they are needed (RFC 3261 §25.1).</summary>
    public static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}
