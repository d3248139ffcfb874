using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeAssist.AlertRelay.Identity;

/// <summary>How an access token was refused.</summary>
internal enum TokenError
{
    None,

    /// <summary>Not of our form.</summary>
    Malformed,

    /// <summary>Not made with our key, or changed on the way.</summary>
    Forged,

    Expired,
}

/// <summary>
/// Makes and checks the relay's own access tokens: <c>ea1.</c>, the claims as JSON, HMAC-SHA256 over both, in base64url.
/// There is one algorithm and the token does not name it, so there is none to talk anybody out of.
/// </summary>
public sealed class TokenAuthority
{
    internal const string Prefix = "ea1.";
    private const int MaxLength = 4096;

    private static readonly TimeSpan LongestLifetime = TimeSpan.FromDays(366);

    private readonly byte[] _key;
    private readonly TimeProvider _time;

    internal TokenAuthority(byte[] key, TimeProvider time)
    {
        _key = key;
        _time = time;
    }

    /// <summary>The authority of a data directory; its key is made when there is none yet.</summary>
    /// <param name="dataDirectory">The relay's data directory.</param>
    /// <param name="time">The clock that ends tokens; the system's when null.</param>
    /// <exception cref="InvalidDataException">The key file is damaged, or others may read it.</exception>
    public static TokenAuthority Open(string dataDirectory, TimeProvider? time = null) =>
        new(KeyFile.ReadOrMake(KeyPath(dataDirectory)).Key, time ?? TimeProvider.System);

    internal static string KeyPath(string dataDirectory) => Path.Combine(dataDirectory, "keys", "identity.key");

    /// <summary>A token for somebody.</summary>
    /// <param name="principal">Who, and what they may see.</param>
    /// <param name="lifetime">More than nothing, at most 366 days.</param>
    /// <exception cref="ArgumentException">The subject is empty, a supervisor has no team, or the lifetime is out of range.</exception>
    public string Issue(Principal principal, TimeSpan lifetime)
    {
        ArgumentNullException.ThrowIfNull(principal);
        ArgumentException.ThrowIfNullOrWhiteSpace(principal.Subject, nameof(principal));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lifetime, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lifetime, LongestLifetime);
        if (principal.Role == PrincipalRole.Supervisor && principal.Teams.Count == 0)
            throw new ArgumentException("A supervisor needs at least one team; «*» stands for all.", nameof(principal));

        var claims = new TokenClaims
        {
            Subject = principal.Subject,
            Role = principal.Role,
            Teams = [.. principal.Teams],
            SeesPersonal = principal.SeesPersonal,
            ExpiresAt = (_time.GetUtcNow() + lifetime).ToUnixTimeMilliseconds(),
        };
        var signed = Prefix + Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims, TokenJson.Default.TokenClaims));
        return signed + "." + Base64Url.EncodeToString(HMACSHA256.HashData(_key, Encoding.ASCII.GetBytes(signed)));
    }

    internal TokenError TryRead(string token, out Caller? caller)
    {
        caller = null;
        if (token.Length > MaxLength || !token.StartsWith(Prefix, StringComparison.Ordinal)) return TokenError.Malformed;
        var dot = token.LastIndexOf('.');
        if (dot < Prefix.Length || !TryDecode(token.AsSpan(Prefix.Length, dot - Prefix.Length), out var json)
            || !TryDecode(token.AsSpan(dot + 1), out var mac)) return TokenError.Malformed;

        var expected = HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(token[..dot]));
        if (!CryptographicOperations.FixedTimeEquals(expected, mac)) return TokenError.Forged;

        // Signed by us from here on.
        var claims = JsonSerializer.Deserialize(json, TokenJson.Default.TokenClaims)!;
        var expiresAt = DateTimeOffset.FromUnixTimeMilliseconds(claims.ExpiresAt);
        if (_time.GetUtcNow() >= expiresAt) return TokenError.Expired;

        var principal = new Principal { Subject = claims.Subject, Role = claims.Role, Teams = claims.Teams, SeesPersonal = claims.SeesPersonal };
        caller = new Caller(principal, expiresAt);
        return TokenError.None;
    }

    private static bool TryDecode(ReadOnlySpan<char> text, out byte[] bytes)
    {
        bytes = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        if (Base64Url.DecodeFromChars(text, bytes, out _, out var written) != OperationStatus.Done) return false;
        bytes = bytes[..written];
        return true;
    }
}

/// <summary>What a token says.</summary>
internal sealed record TokenClaims
{
    [JsonPropertyName("sub")]
    public required string Subject { get; init; }

    [JsonPropertyName("role")]
    public required PrincipalRole Role { get; init; }

    [JsonPropertyName("teams")]
    public required string[] Teams { get; init; }

    [JsonPropertyName("personal")]
    public bool SeesPersonal { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    [JsonPropertyName("exp")]
    public required long ExpiresAt { get; init; }
}

[JsonSerializable(typeof(TokenClaims))]
internal sealed partial class TokenJson : JsonSerializerContext;
