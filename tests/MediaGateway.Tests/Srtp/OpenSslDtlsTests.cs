using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeAssist.MediaGateway.Srtp;
using EdgeAssist.MediaGateway.Srtp.Dtls;
using EdgeAssist.Testing;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Srtp;

/// <summary>DTLS-SRTP with a stack that is not ours: OpenSSL's s_server and s_client, which print the keys they derived.</summary>
public sealed class OpenSslDtlsTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edgeassist-dtls-");
    private readonly DtlsIdentity _identity = new(DateTimeOffset.UtcNow);
    private readonly DtlsFingerprint _peer;

    public OpenSslDtlsTests()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=peer", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(Path.Combine(_folder.FullName, "cert.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_folder.FullName, "key.pem"), key.ExportPkcs8PrivateKeyPem());
        _peer = DtlsFingerprint.OfCertificate(certificate.RawData);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("SRTP_AES128_CM_SHA1_80", SrtpProfile.AesCm128HmacSha1Tag80)]
    [InlineData("SRTP_AEAD_AES_128_GCM", SrtpProfile.AeadAes128Gcm)]
    [InlineData("SRTP_AEAD_AES_256_GCM", SrtpProfile.AeadAes256Gcm)]
    internal async Task As_a_client_we_derive_the_keys_that_openssl_derives(string name, SrtpProfile profile)
    {
        var port = LoopbackPorts.Free();
        using var openssl = Start(["s_server", "-dtls1_2", "-accept", $"127.0.0.1:{port}", "-Verify", "1", .. Common(name, profile)]);
        await ReadUntilAsync(openssl, line => line.StartsWith("ACCEPT", StringComparison.Ordinal));
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(IPAddress.Loopback, port);

        var outcome = await RunAsync(DtlsSetup.Active, socket, datagram => socket.Send(datagram));

        using var keys = Assert.IsType<SrtpLegKeys>(outcome.Keys);
        var material = await MaterialAsync(openssl);
        Assert.Equal(profile, keys.Outbound.Profile);
        AssertMaterial(material, client: keys.Outbound, server: keys.Inbound[0]);
        openssl.Kill();
    }

    [Theory]
    [InlineData("SRTP_AES128_CM_SHA1_80", SrtpProfile.AesCm128HmacSha1Tag80)]
    [InlineData("SRTP_AEAD_AES_256_GCM", SrtpProfile.AeadAes256Gcm)]
    internal async Task As_a_server_we_derive_the_keys_that_openssl_derives(string name, SrtpProfile profile)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var openssl = Start(["s_client", "-dtls1_2", "-connect", $"127.0.0.1:{((IPEndPoint)socket.LocalEndPoint!).Port}", .. Common(name, profile)]);
        var remote = new SocketAddress(AddressFamily.InterNetwork);

        var outcome = await RunAsync(DtlsSetup.Passive, socket, datagram => socket.SendTo(datagram, SocketFlags.None, remote), remote);

        using var keys = Assert.IsType<SrtpLegKeys>(outcome.Keys);
        var material = await MaterialAsync(openssl);
        AssertMaterial(material, client: keys.Inbound[0], server: keys.Outbound);
        openssl.Kill();
    }

    private static void AssertMaterial(string hex, SrtpMasterKey client, SrtpMasterKey server) =>
        Assert.Equal(hex, Convert.ToHexString([.. client.Key, .. server.Key, .. client.Salt, .. server.Salt]));

    private static IEnumerable<string> Common(string name, SrtpProfile profile) =>
    [
        "-cert", "cert.pem", "-key", "key.pem", "-use_srtp", name, "-keymatexport", "EXTRACTOR-dtls_srtp",
        "-keymatexportlen", (2 * (profile.KeyLength + profile.SaltLength)).ToString(System.Globalization.CultureInfo.InvariantCulture),
    ];

    private static async Task<string> MaterialAsync(Process openssl)
    {
        var line = await ReadUntilAsync(openssl, line => line.Contains("Keying material:", StringComparison.Ordinal));
        return line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }

    private static async Task<string> ReadUntilAsync(Process openssl, Predicate<string> wanted)
    {
        var said = new List<string>();
        while (await openssl.StandardOutput.ReadLineAsync(Cancel).AsTask().WaitAsync(s_limit, Cancel) is { } line)
        {
            if (wanted(line)) return line;
            said.Add(line);
        }

        throw new InvalidOperationException($"openssl ended: {string.Join(Environment.NewLine, said)}{await openssl.StandardError.ReadToEndAsync(Cancel)}");
    }

    private async Task<DtlsOutcome> RunAsync(DtlsSetup role, Socket socket, DatagramQueue.Send send, SocketAddress? remote = null)
    {
        using var handshake = new DtlsHandshake(_identity, new DtlsPlan(role, _peer), send);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var pump = PumpAsync(handshake, socket, remote ?? new SocketAddress(AddressFamily.InterNetwork), ended.Token);
        var outcome = await handshake.Outcome.WaitAsync(s_limit, Cancel);
        await ended.CancelAsync();
        await pump;
        return outcome;
    }

    private static async Task PumpAsync(DtlsHandshake handshake, Socket socket, SocketAddress remote, CancellationToken cancellationToken)
    {
        var buffer = new byte[2_048];
        try
        {
            while (true)
            {
                var length = await socket.ReceiveFromAsync(buffer, SocketFlags.None, remote, cancellationToken);
                handshake.OnDatagram(buffer.AsSpan(0, length), remote.Buffer.Span[..remote.Size]);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The handshake is over.
        }
    }

    private Process Start(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("openssl", arguments)
        {
            WorkingDirectory = _folder.FullName, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("openssl is not installed (Debian: apt-get install openssl).");
            throw;
        }
    }
}
