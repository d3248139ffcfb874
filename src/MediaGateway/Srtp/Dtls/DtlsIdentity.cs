using System.Security.Cryptography;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace EdgeAssist.MediaGateway.Srtp.Dtls;

/// <summary>
/// Our certificate for DTLS: ECDSA on P-256, self-signed, its fingerprint told by signalling. One for each run, so that it
/// changes with every start and no key is kept on disk.
/// </summary>
internal sealed class DtlsIdentity
{
    /// <summary>Handshakes at once under this identity; further ones wait for the peer to ask again.</summary>
    private const int MaxAtOnce = 32;

    private readonly AsymmetricKeyParameter _key;
    private readonly Certificate _chain;
    private int _running;

    /// <param name="now">The certificate is valid from a day before to a year after.</param>
    public DtlsIdentity(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=EdgeAssist", key, System.Security.Cryptography.HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(1));
        Fingerprint = DtlsFingerprint.OfCertificate(certificate.RawData);
        _key = PrivateKeyFactory.CreateKey(key.ExportPkcs8PrivateKey());
        _chain = new Certificate([Crypto.CreateCertificate(certificate.RawData)]);
    }

    /// <summary>Goes into our session descriptions.</summary>
    public DtlsFingerprint Fingerprint { get; }

    internal BcTlsCrypto Crypto { get; } = new(new SecureRandom());

    /// <summary>Takes one of the places for handshakes; each takes a thread.</summary>
    internal bool TryEnter()
    {
        if (Interlocked.Increment(ref _running) <= MaxAtOnce) return true;
        Leave();
        return false;
    }

    internal void Leave() => Interlocked.Decrement(ref _running);

    internal TlsCredentialedSigner Signer(TlsContext context) => new BcDefaultTlsCredentialedSigner(
        new TlsCryptoParameters(context), Crypto, _key, _chain, SignatureAndHashAlgorithm.GetInstance(Org.BouncyCastle.Tls.HashAlgorithm.sha256, SignatureAlgorithm.ecdsa));
}
