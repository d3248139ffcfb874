using System.Security.Cryptography;
using Org.BouncyCastle.Tls;

namespace EdgeAssist.MediaGateway.Srtp.Dtls;

/// <summary>What both roles of a DTLS-SRTP handshake share (RFC 5764): versions, suites, the peer's fingerprint, the keys.</summary>
internal sealed class DtlsParty(DtlsIdentity identity, DtlsFingerprint peer)
{
    public const int HandshakeTimeoutMilliseconds = 10_000;

    /// <summary>RFC 6347 §4.2.4.1 begins with a second; on a way of 100 ms and less half of it is already long.</summary>
    public const int ResendMilliseconds = 500;

    /// <summary>In our order (RFC 5764 §4.1.2, RFC 7714 §14.2); those of 32-bit tags are not offered.</summary>
    private static readonly int[] s_profiles = [(int)SrtpProfile.AeadAes256Gcm, (int)SrtpProfile.AeadAes128Gcm, (int)SrtpProfile.AesCm128HmacSha1Tag80];

    private int _profile;

    public DtlsIdentity Identity => identity;

    /// <summary>The keys, once the handshake is complete.</summary>
    public SrtpLegKeys? Keys { get; private set; }

    /// <summary>As a client, whatever certificate the server has; as a server, what ours can sign.</summary>
    public static int[] CipherSuites(bool client) =>
    [
        CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
        .. client ? (int[])[CipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, CipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, CipherSuite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA] : [],
    ];

    public static UseSrtpData Offer() => new(s_profiles, []);

    /// <summary>Takes the client's list, or the server's choice; there is no DTLS-SRTP without one.</summary>
    /// <exception cref="TlsFatalAlert">Nothing in common, or a server that chose more than one.</exception>
    public UseSrtpData Choose(IDictionary<int, byte[]>? extensions, bool fromServer)
    {
        var theirs = extensions is null ? null : TlsSrtpUtilities.GetUseSrtpExtension(extensions);
        var offered = theirs?.ProtectionProfiles ?? [];
        _profile = Array.Find(s_profiles, offered.Contains);
        if (_profile == 0 || (fromServer && offered.Length != 1)) throw new TlsFatalAlert(AlertDescription.handshake_failure, "No SRTP profile in common.");
        return new UseSrtpData([_profile], []);
    }

    /// <summary>Checks the certificate against what signalling said (RFC 5763 §6.4).</summary>
    /// <exception cref="TlsFatalAlert">It is another, or none.</exception>
    public void Check(Certificate? certificate)
    {
        if (certificate is null || certificate.IsEmpty || !peer.Matches(certificate.GetCertificateAt(0).GetEncoded()))
            throw new TlsFatalAlert(AlertDescription.bad_certificate, "The certificate is not the one whose fingerprint signalling gave.");
    }

    /// <summary>RFC 5764 §4.2: client key, server key, client salt, server salt.</summary>
    public void Derive(TlsContext context)
    {
        var profile = (SrtpProfile)_profile;
        var (key, salt) = (profile.KeyLength, profile.SaltLength);
        var material = context.ExportKeyingMaterial(ExporterLabel.dtls_srtp, null, 2 * (key + salt));
        var client = new SrtpMasterKey(profile, [.. material[..key], .. material[(2 * key)..(2 * key + salt)]]);
        var server = new SrtpMasterKey(profile, [.. material[key..(2 * key)], .. material[(2 * key + salt)..]]);
        CryptographicOperations.ZeroMemory(material);
        Keys = context.IsServer ? new SrtpLegKeys([client], server) : new SrtpLegKeys([server], client);
    }
}

/// <summary>We wait: <c>a=setup:passive</c>.</summary>
internal sealed class DtlsServerPeer(DtlsParty party) : DefaultTlsServer(party.Identity.Crypto)
{
    private UseSrtpData? _chosen;

    public override int GetHandshakeTimeoutMillis() => DtlsParty.HandshakeTimeoutMilliseconds;

    public override int GetHandshakeResendTimeMillis() => DtlsParty.ResendMilliseconds;

    public override void ProcessClientExtensions(IDictionary<int, byte[]> clientExtensions)
    {
        base.ProcessClientExtensions(clientExtensions);
        _chosen = party.Choose(clientExtensions, fromServer: false);
    }

    public override IDictionary<int, byte[]> GetServerExtensions()
    {
        var extensions = TlsExtensionsUtilities.EnsureExtensionsInitialised(base.GetServerExtensions());
        TlsSrtpUtilities.AddUseSrtpExtension(extensions, _chosen);
        return extensions;
    }

    public override CertificateRequest GetCertificateRequest() => new(
        [ClientCertificateType.ecdsa_sign, ClientCertificateType.rsa_sign], TlsUtilities.GetDefaultSupportedSignatureAlgorithms(m_context), null);

    public override void NotifyClientCertificate(Certificate clientCertificate) => party.Check(clientCertificate);

    public override void NotifyHandshakeComplete()
    {
        base.NotifyHandshakeComplete();
        party.Derive(m_context);
    }

    protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.DTLSv12.Only();

    protected override int[] GetSupportedCipherSuites() => DtlsParty.CipherSuites(client: false);

    protected override TlsCredentialedSigner GetECDsaSignerCredentials() => party.Identity.Signer(m_context);
}

/// <summary>We begin: <c>a=setup:active</c>.</summary>
internal sealed class DtlsClientPeer(DtlsParty party) : DefaultTlsClient(party.Identity.Crypto)
{
    public override int GetHandshakeTimeoutMillis() => DtlsParty.HandshakeTimeoutMilliseconds;

    public override int GetHandshakeResendTimeMillis() => DtlsParty.ResendMilliseconds;

    public override IDictionary<int, byte[]> GetClientExtensions()
    {
        var extensions = TlsExtensionsUtilities.EnsureExtensionsInitialised(base.GetClientExtensions());
        TlsSrtpUtilities.AddUseSrtpExtension(extensions, DtlsParty.Offer());
        return extensions;
    }

    public override void ProcessServerExtensions(IDictionary<int, byte[]> serverExtensions)
    {
        base.ProcessServerExtensions(serverExtensions);
        party.Choose(serverExtensions, fromServer: true);
    }

    public override TlsAuthentication GetAuthentication() => new Authentication(party, m_context);

    public override void NotifyHandshakeComplete()
    {
        base.NotifyHandshakeComplete();
        party.Derive(m_context);
    }

    protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.DTLSv12.Only();

    protected override int[] GetSupportedCipherSuites() => DtlsParty.CipherSuites(client: true);

    private sealed class Authentication(DtlsParty party, TlsContext context) : TlsAuthentication
    {
        public void NotifyServerCertificate(TlsServerCertificate serverCertificate) => party.Check(serverCertificate.Certificate);

        public TlsCredentials GetClientCredentials(CertificateRequest certificateRequest) => party.Identity.Signer(context);
    }
}
