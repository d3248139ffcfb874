using System.Collections.Immutable;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>How SIP over TLS is spoken; file names are read again while the program runs.</summary>
internal sealed record SipTlsSettings
{
    /// <summary>Our certificate and those between it and a root, PEM; empty when no TLS port is opened.</summary>
    public string CertificateFile { get; init; } = "";

    /// <summary>Private key, PEM, unencrypted: its file's permissions protect it.</summary>
    public string KeyFile { get; init; } = "";

    /// <summary>Roots that servers we connect to must lead to, PEM; empty for those of the system.</summary>
    public string CaFile { get; init; } = "";

    /// <summary>Roots that clients' certificates must lead to, PEM; empty asks clients for none.</summary>
    public string ClientCaFile { get; init; } = "";

    /// <summary>A client without a certificate is cut; otherwise it is only not known by name.</summary>
    public bool RequireClientCertificate { get; init; } = true;

    /// <summary>Revocation lists (RFC 5280 §5), PEM or DER, each signed by a root or an intermediate in one of the files above.</summary>
    public ImmutableArray<string> CrlFiles { get; init; } = [];

    /// <summary>How often the files are looked at for a change.</summary>
    public TimeSpan ReloadInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Time a peer has for its handshake.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>All files named.</summary>
    public IEnumerable<string> Files => ((string[])[CertificateFile, KeyFile, CaFile, ClientCaFile, .. CrlFiles]).Where(file => file.Length > 0);
}
