using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace EdgeAssist.AlertRelay.Export;

/// <summary>
/// The signed form of a vCon (draft-ietf-vcon-vcon-core-02 §5.2): JWS in general JSON serialisation (RFC 7515 §7.2.1), RS256 with an
/// RSA key, ES256 or ES384 with a key on P-256 or P-384 (RFC 7518 §3.3, §3.4). Certificates in the key file go into <c>x5c</c>.
/// </summary>
internal static class VconSignature
{
    private const int LeastRsaBits = 2048;

    /// <param name="vcon">The unsigned form.</param>
    /// <param name="pem">A private key, and certificates, the key's own first.</param>
    /// <exception cref="InvalidDataException">The key cannot be used; the sentence says why.</exception>
    public static string Sign(string vcon, string pem)
    {
        var certificates = new X509Certificate2Collection();
        if (pem.Contains("-----BEGIN CERTIFICATE-----", StringComparison.Ordinal)) certificates.ImportFromPem(pem);
        var (algorithm, sign) = Key(pem);
        var protectedHeader = Encode(Json(json =>
        {
            json.WriteString("alg", algorithm);
            if (certificates.Count == 0) return;
            json.WriteStartArray("x5c");
            foreach (var certificate in certificates) json.WriteBase64StringValue(certificate.RawData);
            json.WriteEndArray();
        }));
        var payload = Encode(Encoding.UTF8.GetBytes(vcon));
        var signature = sign(Encoding.ASCII.GetBytes(protectedHeader + "." + payload));
        using var document = JsonDocument.Parse(vcon);
        var uuid = document.RootElement.GetProperty("uuid").GetString()!;
        return Encoding.UTF8.GetString(Json(json =>
        {
            json.WriteString("payload", payload);
            json.WriteStartArray("signatures");
            json.WriteStartObject();
            json.WriteStartObject("header");
            json.WriteString("uuid", uuid);
            json.WriteEndObject();
            json.WriteString("protected", protectedHeader);
            json.WriteString("signature", Encode(signature));
            json.WriteEndObject();
            json.WriteEndArray();
        })) + "\n";
    }

    private static (string Algorithm, Func<byte[], byte[]> Sign) Key(string pem)
    {
        // A PEM of PKCS#8 does not say which kind it holds: what RSA does not take is tried as EC.
        if (TryImport(RSA.Create(), pem) is { } rsa)
        {
            return rsa.KeySize >= LeastRsaBits
                ? ("RS256", data => rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))
                : throw new InvalidDataException($"The RSA key has {rsa.KeySize} bits; {LeastRsaBits} are needed.");
        }

        if (TryImport(ECDsa.Create(), pem) is { } ec)
        {
            return ec.KeySize switch
            {
                256 => ("ES256", data => ec.SignData(data, HashAlgorithmName.SHA256)),
                384 => ("ES384", data => ec.SignData(data, HashAlgorithmName.SHA384)),
                var bits => throw new InvalidDataException($"The curve has {bits} bits; P-256 and P-384 fit."),
            };
        }

        throw new InvalidDataException("There is no RSA or EC private key in PEM form without a passphrase in it.");
    }

    private static T? TryImport<T>(T key, string pem)
        where T : AsymmetricAlgorithm
    {
        try
        {
            key.ImportFromPem(pem);
            return key;
        }
        catch (Exception other) when (other is CryptographicException or ArgumentException)
        {
            // Of another kind, or no key at all; the caller says which.
            key.Dispose();
            return null;
        }
    }

    private static string Encode(byte[] octets) => Base64Url.EncodeToString(octets);

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }
}
