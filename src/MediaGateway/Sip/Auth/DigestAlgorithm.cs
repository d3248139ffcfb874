using System.Security.Cryptography;
using System.Text;

namespace EdgeAssist.MediaGateway.Sip.Auth;

/// <summary>Hashes of digest authentication (RFC 7616 §3.2, RFC 8760 §2.1) that are spoken here, the preferred one first.</summary>
internal enum DigestAlgorithm
{
    Sha256 = 0,

    /// <summary>Broken as a hash; only by an operator's switch, for peers that have nothing else.</summary>
    Md5,
}

/// <summary>The arithmetic of RFC 7616 §3.4, with qop auth.</summary>
internal static class DigestHash
{
    public static string NameOf(DigestAlgorithm algorithm) => algorithm == DigestAlgorithm.Sha256 ? "SHA-256" : "MD5";

    /// <summary>Reads an algorithm's name; none means MD5 (RFC 7616 §3.3). Session variants and others are not spoken.</summary>
    public static bool TryParse(string? name, out DigestAlgorithm algorithm)
    {
        algorithm = string.Equals(name, "SHA-256", StringComparison.OrdinalIgnoreCase) ? DigestAlgorithm.Sha256 : DigestAlgorithm.Md5;
        return algorithm == DigestAlgorithm.Sha256 || name is null || name.Equals("MD5", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>H(A1), which stands for the password: 32 or 16 octets as lower-case hexadecimal digits.</summary>
    public static string Secret(DigestAlgorithm algorithm, string user, string realm, string password) => Hash(algorithm, $"{user}:{realm}:{password}");

    /// <summary>The response of a request (§3.4.1); without qop as RFC 2069 had it.</summary>
    /// <param name="algorithm">Hash.</param>
    /// <param name="secret">H(A1).</param>
    /// <param name="method">Request method.</param>
    /// <param name="credentials">Nonce, count, client nonce, qop and URI are taken from these.</param>
    public static string Response(DigestAlgorithm algorithm, string secret, string method, DigestCredentials credentials)
    {
        var request = Hash(algorithm, $"{method}:{credentials.Uri}");
        return Hash(algorithm, credentials.Qop is null
            ? $"{secret}:{credentials.Nonce}:{request}"
            : $"{secret}:{credentials.Nonce}:{credentials.Count}:{credentials.ClientNonce}:{credentials.Qop}:{request}");
    }

    private static string Hash(DigestAlgorithm algorithm, string text)
    {
        var octets = Encoding.UTF8.GetBytes(text);
#pragma warning disable CA5351 // MD5 is what RFC 3261 §22.4 made every peer speak; it is off unless an operator switches it on
        return Convert.ToHexStringLower(algorithm == DigestAlgorithm.Sha256 ? SHA256.HashData(octets) : MD5.HashData(octets));
#pragma warning restore CA5351
    }
}
