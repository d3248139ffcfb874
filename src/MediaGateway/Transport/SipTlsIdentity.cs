using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>Why a peer's certificate was not believed.</summary>
internal enum SipCertificateFault
{
    None = 0,

    /// <summary>The peer showed none.</summary>
    Missing,

    /// <summary>Not yet or no longer valid.</summary>
    Expired,

    /// <summary>It does not lead to a root we trust; a self-signed one among them.</summary>
    Untrusted,

    /// <summary>It is not for the name we connected to.</summary>
    WrongName,

    /// <summary>A revocation list names it or one above it.</summary>
    Revoked,

    /// <summary>Not made for this side of TLS, or broken in another way.</summary>
    Unfit,
}

/// <summary>
/// Everything read from the files of <see cref="SipTlsSettings"/> at one moment: our certificate, the roots, the revocation
/// lists. Immutable; a change of a file makes another one, and connections opened from then on use it.
/// </summary>
internal sealed class SipTlsIdentity
{
    private const string ServerUsage = "1.3.6.1.5.5.7.3.1";
    private const string ClientUsage = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2Collection _roots = [];
    private readonly X509Certificate2Collection _clientRoots = [];
    private readonly ImmutableArray<SipRevocationList> _revocations = [];

    /// <summary>Reads the files.</summary>
    /// <exception cref="InvalidDataException">A file does not hold what it should; the message names it.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public SipTlsIdentity(SipTlsSettings settings)
    {
        if (settings.CertificateFile.Length > 0) Certificate = ReadCertificate(settings);
        if (settings.CaFile.Length > 0) _roots = ReadCertificates(settings.CaFile);
        if (settings.ClientCaFile.Length > 0) _clientRoots = ReadCertificates(settings.ClientCaFile);
        _revocations = [.. settings.CrlFiles.Select(ReadRevocations)];
    }

    /// <summary>Our certificate with its chain; null when none is configured.</summary>
    public SslStreamCertificateContext? Certificate { get; }

    /// <summary>Whether clients are asked for a certificate.</summary>
    public bool AsksClients => _clientRoots.Count > 0;

    /// <summary>The first moment at which our certificate or a revocation list is out of date.</summary>
    public DateTimeOffset GoodUntil => _revocations.Select(list => list.NextUpdate)
        .Append(Certificate?.TargetCertificate.NotAfter.ToUniversalTime() ?? DateTimeOffset.MaxValue).Min();

    /// <summary>Judges the certificate a client shows us.</summary>
    public SipCertificateFault JudgeClient(X509Certificate2? certificate, X509Certificate2Collection sent, DateTimeOffset now) =>
        Judge(certificate, sent, _clientRoots, ClientUsage, now);

    /// <summary>Judges the certificate of a server we connected to by <paramref name="name"/> (RFC 5922 §7.3).</summary>
    public SipCertificateFault JudgeServer(X509Certificate2? certificate, X509Certificate2Collection sent, string name, DateTimeOffset now)
    {
        var fault = Judge(certificate, sent, _roots, ServerUsage, now);
        if (fault != SipCertificateFault.None) return fault;
        return certificate!.MatchesHostname(name, allowWildcards: false) || SipPeerNames.Of(certificate).Contains(name, StringComparer.OrdinalIgnoreCase)
            ? SipCertificateFault.None
            : SipCertificateFault.WrongName;
    }

    private SipCertificateFault Judge(
        X509Certificate2? certificate, X509Certificate2Collection sent, X509Certificate2Collection roots, string usage, DateTimeOffset now)
    {
        if (certificate is null) return SipCertificateFault.Missing;
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;   // against the lists below: nothing is fetched while a peer waits
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(usage));
        chain.ChainPolicy.ExtraStore.AddRange(sent);
        if (roots.Count > 0)
        {
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        }

        var isGood = chain.Build(certificate);
        var elements = chain.ChainElements.Select(element => element.Certificate).ToList();
        var isRevoked = elements.Exists(element => _revocations.Any(list => list.Revokes(element)));
        var fault = isGood ? SipCertificateFault.None : FaultOf(chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, status) => all | status.Status));
        elements.ForEach(element => element.Dispose());
        return fault == SipCertificateFault.None && isRevoked ? SipCertificateFault.Revoked : fault;
    }

    private static SipCertificateFault FaultOf(X509ChainStatusFlags flags)
    {
        const X509ChainStatusFlags Unknown = X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.NotSignatureValid;
        if ((flags & Unknown) != X509ChainStatusFlags.NoError) return SipCertificateFault.Untrusted;
        return flags.HasFlag(X509ChainStatusFlags.NotTimeValid) ? SipCertificateFault.Expired : SipCertificateFault.Unfit;
    }

    private static SslStreamCertificateContext ReadCertificate(SipTlsSettings settings)
    {
        var chain = ReadCertificates(settings.CertificateFile);
        try
        {
            var made = X509Certificate2.CreateFromPemFile(settings.CertificateFile, settings.KeyFile);
            return SslStreamCertificateContext.Create(made, chain, offline: true);
        }
        catch (CryptographicException e)
        {
            throw new InvalidDataException($"{settings.KeyFile} is not the private key, PEM and unencrypted, of the first certificate in {settings.CertificateFile}: {e.Message}", e);
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"{settings.KeyFile} is not the private key of the first certificate in {settings.CertificateFile}: {e.Message}", e);
        }
    }

    private static X509Certificate2Collection ReadCertificates(string file)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPemFile(file);
        }
        catch (CryptographicException e)
        {
            throw new InvalidDataException($"{file} holds a certificate that cannot be read: {e.Message}", e);
        }

        return certificates.Count > 0 ? certificates : throw new InvalidDataException($"{file} holds no certificate in PEM form.");
    }

    private SipRevocationList ReadRevocations(string file)
    {
        var list = SipRevocationList.Read(file);
        return _roots.Concat(_clientRoots).Any(list.IsSignedBy)
            ? list
            : throw new InvalidDataException($"{file} is signed by none of the certificates in Sip:Tls:CaFile and Sip:Tls:ClientCaFile, or not with SHA-2.");
    }
}
