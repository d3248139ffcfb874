using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Parsing;

namespace EdgeAssist.MediaGateway.Sip.Auth;

/// <summary>What came of a request's credentials.</summary>
internal enum DigestVerdict
{
    /// <summary>A user of this realm sent it, for the first time.</summary>
    Good = 0,

    /// <summary>None, wrong ones, or of somebody unknown: which of these is not said to anybody.</summary>
    Wrong,

    /// <summary>Right, but their nonce is too old, not ours or used before: a new one costs no new question to a person.</summary>
    Stale,
}

/// <summary>Users of one trunk, as H(A1) of each algorithm: passwords themselves are not kept.</summary>
internal sealed class DigestUsers
{
    private readonly Dictionary<string, string[]> _secrets = new(StringComparer.Ordinal);
    private readonly string[] _nobody;

    /// <summary>Nobody: no signature is asked for.</summary>
    public static DigestUsers None { get; } = new("", [], "");

    /// <param name="realm">Realm they belong to.</param>
    /// <param name="users">Name and password.</param>
    /// <param name="nobody">Random text: the password of everyone who is no user.</param>
    public DigestUsers(string realm, IEnumerable<KeyValuePair<string, string>> users, string nobody)
    {
        foreach (var (user, password) in users) _secrets[user] = SecretsOf(user, realm, password);
        _nobody = SecretsOf("nobody", realm, nobody);
    }

    public bool IsEmpty => _secrets.Count == 0;

    /// <summary>H(A1); of somebody unknown one that no response fits, found in the same time.</summary>
    public string SecretOf(string user, DigestAlgorithm algorithm, out bool isKnown)
    {
        isKnown = _secrets.TryGetValue(user, out var secrets);
        return (secrets ?? _nobody)[(int)algorithm];
    }

    private static string[] SecretsOf(string user, string realm, string password) =>
        [DigestHash.Secret(DigestAlgorithm.Sha256, user, realm, password), DigestHash.Secret(DigestAlgorithm.Md5, user, realm, password)];
}

/// <summary>
/// Digest authentication as a server (RFC 3261 §22, RFC 7616, RFC 8760): challenges, and checks what comes back. A known and an
/// unknown user take the same steps and get the same answer. One owner, no locks; time and random octets come in.
/// </summary>
/// <param name="realm">Realm.</param>
/// <param name="nonces">Nonces.</param>
/// <param name="allowMd5">Whether MD5 is offered, after SHA-256, and taken.</param>
internal sealed class DigestServer(string realm, DigestNonces nonces, bool allowMd5)
{
    /// <summary>Checks the Authorization fields of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="users">Who may.</param>
    /// <param name="source">Where it came from.</param>
    /// <param name="now">Now.</param>
    public DigestVerdict Check(SipRequest request, DigestUsers users, IPAddress source, Instant now)
    {
        foreach (var field in request.Headers.Where(field => field.Is(SipHeaderNames.Authorization)))
        {
            if (DigestCredentials.TryParse(field.Value, out var credentials) && credentials.Realm == realm) return Check(request, credentials, users, source, now);
        }

        return DigestVerdict.Wrong;
    }

    /// <summary>Challenges for a 401, the preferred algorithm first (RFC 8760 §2.3).</summary>
    public ImmutableArray<SipHeader> Challenge(IPAddress source, bool stale, ReadOnlySpan<byte> random, Instant now)
    {
        var nonce = nonces.Make(source, random, now);
        var challenge = new DigestChallenge { Realm = realm, Nonce = nonce, IsStale = stale, Algorithm = DigestAlgorithm.Sha256 };
        var first = new SipHeader(SipHeaderNames.WwwAuthenticate, challenge.ToString());
        return allowMd5 ? [first, new SipHeader(SipHeaderNames.WwwAuthenticate, (challenge with { Algorithm = DigestAlgorithm.Md5 }).ToString())] : [first];
    }

    private DigestVerdict Check(SipRequest request, DigestCredentials credentials, DigestUsers users, IPAddress source, Instant now)
    {
        var secret = users.SecretOf(credentials.User, credentials.Algorithm, out var isKnown);
        var expected = DigestHash.Response(credentials.Algorithm, secret, request.Method.Name, credentials);
        var isEqual = CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(credentials.Response.ToLowerInvariant()));
        var isAllowed = credentials.Algorithm == DigestAlgorithm.Sha256 || allowMd5;
        var isFor = credentials.Qop == "auth" && IsSame(credentials.Uri, request);
        if (!(isEqual & isKnown & isAllowed & isFor)) return DigestVerdict.Wrong;

        var isFresh = nonces.IsGood(credentials.Nonce, source, now) && TryReadCount(credentials.Count, out var count) && nonces.TryUse(credentials.Nonce, count, now);
        return isFresh ? DigestVerdict.Good : DigestVerdict.Stale;
    }

    /// <summary>The URI that was signed is the one asked for; a proxy may have touched its parameters (RFC 3261 §22.4, item 4).</summary>
    private static bool IsSame(string uri, SipRequest request)
    {
        if (uri == request.RequestUri) return true;
        return SipUriParser.TryParse(uri, out var signed) && request.Target is { } target && signed!.Scheme == target.Scheme
            && signed.User == target.User && signed.Port == target.Port && signed.Host.Equals(target.Host, StringComparison.OrdinalIgnoreCase);
    }

    private static bool TryReadCount(string text, out uint count)
    {
        count = 0;
        return text.Length == 8 && uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out count);
    }
}
