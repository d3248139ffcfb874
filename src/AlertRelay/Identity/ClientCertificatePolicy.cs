using System.Security.Cryptography.X509Certificates;

namespace EdgeAssist.AlertRelay.Identity;

/// <summary>
/// Which client certificates are let in (mutual TLS): signed by our authority, in time, meant for clients, with a name that is
/// expected, and not withdrawn. A token is needed all the same; the certificate says which machine, the token says who.
/// </summary>
/// <param name="authority">The authorities' certificates, PEM.</param>
/// <param name="names">Names (SAN DNS) that are let in; empty: every one that the authority signed.</param>
/// <param name="revokedFile">Serial numbers that were withdrawn, in hexadecimal, one a line; empty: none. Read anew when it changes.</param>
public sealed class ClientCertificatePolicy(string authority, IReadOnlyList<string> names, string revokedFile)
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2Collection _authorities = Load(authority);
    private readonly WatchedFile<HashSet<string>>? _revoked = revokedFile.Length == 0 ? null : new WatchedFile<HashSet<string>>([revokedFile], () => ReadSerials(revokedFile));

    /// <summary>Why the certificate is refused, as a sentence for the log; null when it is let in.</summary>
    /// <param name="certificate">What the client showed; null: nothing.</param>
    /// <param name="now">Wall clock.</param>
    public string? Refuse(X509Certificate2? certificate, DateTimeOffset now)
    {
        if (certificate is null) return "the client showed no certificate";
        if (_revoked?.Current.Contains(certificate.SerialNumber) == true) return $"certificate {certificate.SerialNumber} was withdrawn";

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;   // the file above; an appliance may have no way out
        chain.ChainPolicy.VerificationTime = now.LocalDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid(ClientAuthentication));
        if (!chain.Build(certificate))
            return $"certificate {certificate.SerialNumber}: {string.Join(", ", chain.ChainStatus.Select(status => status.Status).Distinct())}";
        return names.Count == 0 || names.Any(name => certificate.MatchesHostname(name, allowWildcards: false, allowCommonName: false))
            ? null
            : $"certificate {certificate.SerialNumber} bears none of the names that are let in";
    }

    private static X509Certificate2Collection Load(string path)
    {
        var loaded = new X509Certificate2Collection();
        loaded.ImportFromPemFile(path);
        return loaded.Count > 0 ? loaded : throw new InvalidDataException($"{path} holds no certificate. Write the path of a PEM file.");
    }

    private static HashSet<string> ReadSerials(string path) =>
        File.ReadLines(path).Select(line => line.Split('#')[0].Replace(":", "", StringComparison.Ordinal).Trim().ToUpperInvariant()).Where(serial => serial.Length > 0).ToHashSet(StringComparer.Ordinal);
}
