using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EdgeAssist.MediaGateway.Tests.Transport;

/// <summary>A certificate authority of its own, whose certificates and lists lie in a folder that goes with it.</summary>
internal sealed class TestAuthority : IDisposable
{
    private static readonly DateTimeOffset s_from = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset s_until = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edgeassist-ca-");
    private readonly X509Certificate2 _root;
    private int _serial = 1000;

    public TestAuthority(string name = "Test Root")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _root = request.CreateSelfSigned(s_from, s_until);
        File.WriteAllText(RootFile, _root.ExportCertificatePem());
    }

    public string RootFile => Path.Combine(_folder.FullName, "root.pem");

    /// <summary>A certificate for these DNS names, good unless <paramref name="until"/> says otherwise; its files are NAME.pem and NAME.key.</summary>
    public X509Certificate2 Issue(string file, string[] names, DateTimeOffset? until = null, string? uri = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={file}", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address)) alternatives.AddIpAddress(address);
            else alternatives.AddDnsName(name);
        }

        if (uri is not null) alternatives.AddUri(new Uri(uri));
        if (names.Length > 0 || uri is not null) request.CertificateExtensions.Add(alternatives.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        using var bare = request.Create(_root, s_from, until ?? s_until, BitConverter.GetBytes(++_serial));
        using var made = bare.CopyWithPrivateKey(key);
        return Save(file, made, key);
    }

    /// <summary>A certificate that nobody but itself vouches for.</summary>
    public X509Certificate2 SelfSign(string file, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        using var made = request.CreateSelfSigned(s_from, s_until);
        return Save(file, made, key);
    }

    /// <summary>A revocation list with these certificates.</summary>
    public string Revoke(params X509Certificate2[] certificates)
    {
        var list = new CertificateRevocationListBuilder();
        foreach (var certificate in certificates) list.AddEntry(certificate);
        var authority = X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(_root.Extensions.OfType<X509SubjectKeyIdentifierExtension>().Single());
        using var key = _root.GetECDsaPrivateKey()!;
        var der = list.Build(_root.SubjectName, X509SignatureGenerator.CreateForECDsa(key), 1, s_until, HashAlgorithmName.SHA256, authority, s_from);
        var file = Path.Combine(_folder.FullName, "revoked.crl");
        File.WriteAllText(file, PemEncoding.WriteString("X509 CRL", der));
        return file;
    }

    public string PathOf(string file) => Path.Combine(_folder.FullName, file);

    public void Dispose()
    {
        _root.Dispose();
        _folder.Delete(recursive: true);
    }

    private X509Certificate2 Save(string file, X509Certificate2 made, ECDsa key)
    {
        // The key first: whoever looks at the certificate's file finds the key that belongs to it.
        File.WriteAllText(PathOf($"{file}.key"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(PathOf($"{file}.pem"), made.ExportCertificatePem());
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
