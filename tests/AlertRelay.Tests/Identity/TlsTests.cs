using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeAssist.AlertRelay.Hosting;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.Tests.Support;
using Grpc.Core;
using Grpc.Net.Client;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Identity;

public sealed class TlsTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly X509Certificate2 _authority = Authority("CN=EdgeAssist test authority");
    private int _serial;

    public void Dispose()
    {
        _authority.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_renewed_certificate_is_shown_to_the_next_client_and_a_broken_one_is_not()
    {
        using var first = Issue("localhost", server: true);
        using var second = Issue("localhost", server: true);
        var file = Write("server.pem", first);
        var trouble = new List<string>();
        await using var server = await StartAsync(new RelayTls(file, "") { OnTrouble = trouble.Add });
        Assert.Equal(first.SerialNumber, await ShownAsync(server));

        Write("server.pem", second, minutes: 1);
        var renewed = await ShownAsync(server);
        await File.WriteAllTextAsync(file, "nonsense");
        File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch.AddMinutes(2));
        var afterNonsense = await ShownAsync(server);

        Assert.Equal([second.SerialNumber, second.SerialNumber], [renewed, afterNonsense]);
        Assert.Single(trouble);
    }

    [Theory]
    [InlineData("good", true)]
    [InlineData("none", false)]
    [InlineData("expired", false)]
    [InlineData("self-signed", false)]
    [InlineData("of another authority", false)]
    [InlineData("with another name", false)]
    [InlineData("withdrawn", false)]
    [InlineData("of a server", false)]
    public async Task Of_all_client_certificates_only_the_good_one_is_let_in(string which, bool letIn)
    {
        using var other = Authority("CN=somebody else");
        using var serverCertificate = Issue("localhost", server: true);
        using var client = which switch
        {
            "none" => null,
            "expired" => Issue("desk.example", until: -1),
            "self-signed" => Authority("CN=desk.example"),
            "of another authority" => Issue("desk.example", by: other),
            "with another name" => Issue("attic.example"),
            "of a server" => Issue("desk.example", server: true),
            _ => Issue("desk.example"),
        };
        var revoked = Path.Combine(_directory.Path, "revoked.txt");
        await File.WriteAllTextAsync(revoked, which == "withdrawn" ? "# left the company\n" + client!.SerialNumber.ToLowerInvariant() + "\n" : "");
        var authorities = Path.Combine(_directory.Path, "clients.pem");
        await File.WriteAllTextAsync(authorities, _authority.ExportCertificatePem());
        await using var server = await StartAsync(new RelayTls(Write("server.pem", serverCertificate), "")
        {
            Clients = new ClientCertificatePolicy(authorities, ["desk.example"], revoked),
        });

        using var handler = Handler();
        if (client is not null) handler.SslOptions.ClientCertificates = [client];
        using var channel = GrpcChannel.ForAddress(server.Address, new GrpcChannelOptions { HttpHandler = handler });
        using var watch = RawWatch.Alerts(channel.CreateCallInvoker(), server.Headers());

        if (letIn) Assert.NotNull((await watch.NextAsync(Patience.Normal)).Hello);
        else await Assert.ThrowsAsync<RpcException>(() => watch.NextAsync(Patience.Normal));
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Both_modern_versions_are_spoken(SslProtocols version)
    {
        using var certificate = Issue("localhost", server: true);
        await using var server = await StartAsync(new RelayTls(Write("server.pem", certificate), ""));
        using var handler = Handler();
        handler.SslOptions.EnabledSslProtocols = version;
        using var channel = GrpcChannel.ForAddress(server.Address, new GrpcChannelOptions { HttpHandler = handler });
        using var watch = RawWatch.Alerts(channel.CreateCallInvoker(), server.Headers());

        Assert.NotNull((await watch.NextAsync(Patience.Normal)).Hello);
    }

    private Task<RelayServer> StartAsync(RelayTls tls) =>
        RelayServer.StartAsync(Path.Combine(_directory.Path, "data"), urls: "https://127.0.0.1:0", listen: listen => tls.Use(listen, TimeProvider.System));

    private async Task<string> ShownAsync(RelayServer server)
    {
        var serial = "";
        using var handler = Handler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
        {
            serial = ((X509Certificate2)certificate!).SerialNumber;
            return errors == SslPolicyErrors.None;
        };
        using var channel = GrpcChannel.ForAddress(server.Address, new GrpcChannelOptions { HttpHandler = handler });
        using var watch = RawWatch.Alerts(channel.CreateCallInvoker(), server.Headers());
        await watch.NextAsync(Patience.Normal);
        return serial;
    }

    private SocketsHttpHandler Handler() => new()
    {
        SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = Trust() },
    };

    private X509ChainPolicy Trust() => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        CustomTrustStore = { _authority },
        RevocationMode = X509RevocationMode.NoCheck,
    };

    private string Write(string name, X509Certificate2 certificate, int minutes = 0)
    {
        var path = Path.Combine(_directory.Path, name);
        File.WriteAllText(path, certificate.ExportCertificatePem() + "\n" + certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch.AddMinutes(minutes));
        return path;
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddDays(-10), now.AddDays(10));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }

    private X509Certificate2 Issue(string name, bool server = false, int until = 5, X509Certificate2? by = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        if (server) names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(server ? "1.3.6.1.5.5.7.3.1" : "1.3.6.1.5.5.7.3.2")], false));
        var now = TimeProvider.System.GetUtcNow();
        using var made = request.Create(by ?? _authority, now.AddDays(-5), now.AddDays(until), [0x4a, (byte)++_serial]);
        using var withKey = made.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }
}
