using System.Collections.Immutable;
using System.Security.Cryptography;

namespace EdgeAssist.MediaGateway.Srtp.Dtls;

/// <summary>
/// <c>a=fingerprint</c> (RFC 8122 §5): the hash of the certificate that the peer will show. Whoever can write the session
/// description vouches for it; nothing else about the certificate is looked at.
/// </summary>
/// <param name="Algorithm"><c>sha-256</c>, <c>sha-384</c> or <c>sha-512</c>; weaker ones are refused.</param>
/// <param name="Hash">The hash.</param>
internal sealed record DtlsFingerprint(string Algorithm, ImmutableArray<byte> Hash)
{
    /// <summary>Of a certificate of ours.</summary>
    public static DtlsFingerprint OfCertificate(ReadOnlySpan<byte> certificate) => new("sha-256", [.. SHA256.HashData(certificate)]);

    /// <summary>Reads the value of an attribute. Any text may come in; none throws.</summary>
    public static DtlsFingerprint? Parse(ReadOnlySpan<char> value)
    {
        var text = value.Trim();
        var blank = text.IndexOf(' ');
        if (blank < 0) return null;

        var algorithm = text[..blank].ToString().ToLowerInvariant();
        var octets = text[(blank + 1)..].Trim();
        var length = HashLength(algorithm);
        if (length == 0 || octets.Length != 3 * length - 1) return null;

        var hash = new byte[length];
        for (var i = 0; i < length; i++)
        {
            if (i > 0 && octets[3 * i - 1] != ':') return null;
            if (Convert.FromHexString(octets.Slice(3 * i, 2), hash.AsSpan(i, 1), out _, out var written) != System.Buffers.OperationStatus.Done || written != 1) return null;
        }

        return new DtlsFingerprint(algorithm, [.. hash]);
    }

    /// <summary>Whether a certificate has this hash.</summary>
    public bool Matches(ReadOnlySpan<byte> certificate)
    {
        Span<byte> actual = stackalloc byte[64];
        var length = Algorithm switch
        {
            "sha-256" => SHA256.HashData(certificate, actual),
            "sha-384" => SHA384.HashData(certificate, actual),
            "sha-512" => SHA512.HashData(certificate, actual),
            _ => 0,
        };
        return length == Hash.Length && length > 0 && CryptographicOperations.FixedTimeEquals(actual[..length], Hash.AsSpan());
    }

    public bool Equals(DtlsFingerprint? other) => other is not null && Algorithm == other.Algorithm && Hash.AsSpan().SequenceEqual(other.Hash.AsSpan());

    public override int GetHashCode() => Hash.IsDefaultOrEmpty ? 0 : Hash[0];

    /// <summary>The value as it stands in SDP.</summary>
    public override string ToString() => $"{Algorithm} {string.Join(':', Hash.Select(octet => octet.ToString("X2", System.Globalization.CultureInfo.InvariantCulture)))}";

    private static int HashLength(string algorithm) => algorithm switch { "sha-256" => 32, "sha-384" => 48, "sha-512" => 64, _ => 0 };
}
