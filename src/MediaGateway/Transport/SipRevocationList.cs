using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>
/// A certificate revocation list (RFC 5280 §5): who issued it, until when it speaks, and the serial numbers it revokes. The
/// platform reads lists only from the network or a cache of its own; an operator's file needs this.
/// </summary>
internal sealed class SipRevocationList
{
    private const int MaxLength = 16 * 1024 * 1024;

    private readonly HashSet<BigInteger> _serials;
    private readonly byte[] _issuer;
    private readonly byte[] _signed;
    private readonly byte[] _signature;
    private readonly string _algorithm;

    private SipRevocationList(byte[] issuer, byte[] signed, byte[] signature, string algorithm, DateTimeOffset nextUpdate, HashSet<BigInteger> serials)
    {
        (_issuer, _signed, _signature, _algorithm, NextUpdate, _serials) = (issuer, signed, signature, algorithm, nextUpdate, serials);
    }

    /// <summary>When the issuer promised a newer list; the end of time when it promised none.</summary>
    public DateTimeOffset NextUpdate { get; }

    public int Count => _serials.Count;

    /// <summary>Whether the list is of the certificate's issuer and names it.</summary>
    public bool Revokes(X509Certificate2 certificate) =>
        certificate.IssuerName.RawData.AsSpan().SequenceEqual(_issuer) && _serials.Contains(new BigInteger(certificate.SerialNumberBytes.Span, isUnsigned: false, isBigEndian: true));

    /// <summary>Whether this certificate signed the list.</summary>
    public bool IsSignedBy(X509Certificate2 issuer)
    {
        if (!issuer.SubjectName.RawData.AsSpan().SequenceEqual(_issuer) || HashOf(_algorithm) is not { } hash) return false;
        using var rsa = issuer.GetRSAPublicKey();
        if (rsa is not null) return rsa.VerifyData(_signed, _signature, hash, RSASignaturePadding.Pkcs1);
        using var ecdsa = issuer.GetECDsaPublicKey();
        return ecdsa is not null && ecdsa.VerifyData(_signed, _signature, hash, DSASignatureFormat.Rfc3279DerSequence);
    }

    /// <summary>Reads a file, PEM or DER.</summary>
    /// <exception cref="InvalidDataException">It is no revocation list; the message says why.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static SipRevocationList Read(string file)
    {
        if (new FileInfo(file).Length > MaxLength) throw new InvalidDataException($"{file} is longer than a revocation list may be (16 MiB).");
        var bytes = File.ReadAllBytes(file);
        try
        {
            return Parse(IsPem(bytes, out var der) ? der : bytes);
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException)
        {
            throw new InvalidDataException($"{file} is not a certificate revocation list: {e.Message}", e);
        }
    }

    /// <summary>CertificateList, TBSCertList (RFC 5280 §5.1).</summary>
    private static SipRevocationList Parse(ReadOnlyMemory<byte> der)
    {
        var list = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
        var signed = list.PeekEncodedValue();
        var body = list.ReadSequence();
        var algorithm = list.ReadSequence().ReadObjectIdentifier();
        var signature = list.ReadBitString(out _);

        if (body.PeekTag().HasSameClassAndValue(Asn1Tag.Integer)) body.ReadInteger();   // version
        body.ReadSequence();                                                            // signature algorithm, again
        var issuer = body.ReadEncodedValue().ToArray();
        ReadTime(body);                                                                 // thisUpdate
        var next = body.HasData && IsTime(body.PeekTag()) ? ReadTime(body) : DateTimeOffset.MaxValue;
        var serials = new HashSet<BigInteger>();
        if (body.HasData && body.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence))
        {
            var entries = body.ReadSequence();
            while (entries.HasData) serials.Add(entries.ReadSequence().ReadInteger());
        }

        return new SipRevocationList(issuer, signed.ToArray(), signature, algorithm, next, serials);
    }

    private static bool IsTime(Asn1Tag tag) => tag.HasSameClassAndValue(Asn1Tag.UtcTime) || tag.HasSameClassAndValue(Asn1Tag.GeneralizedTime);

    private static DateTimeOffset ReadTime(AsnReader reader) =>
        reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? reader.ReadUtcTime() : reader.ReadGeneralizedTime();

    private static bool IsPem(byte[] bytes, out byte[] der)
    {
        der = [];
        var text = System.Text.Encoding.ASCII.GetString(bytes);
        if (!PemEncoding.TryFind(text, out var fields) || text[fields.Label] != "X509 CRL") return false;
        der = Convert.FromBase64String(text[fields.Base64Data]);
        return true;
    }

    /// <summary>RSA PKCS #1 and ECDSA with SHA-2 (RFC 4055, 5758); SHA-1 is not believed.</summary>
    private static HashAlgorithmName? HashOf(string algorithm) => algorithm switch
    {
        "1.2.840.113549.1.1.11" or "1.2.840.10045.4.3.2" => HashAlgorithmName.SHA256,
        "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => HashAlgorithmName.SHA384,
        "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => HashAlgorithmName.SHA512,
        _ => null,
    };
}
