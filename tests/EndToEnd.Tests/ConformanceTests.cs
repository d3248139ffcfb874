using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using EdgeAssist.EndToEnd.Tests.Support;
using EdgeAssist.MediaGateway.Conformance;
using EdgeAssist.MediaGateway.Sip.UserAgent;
using EdgeAssist.Testing;
using Xunit;

namespace EdgeAssist.EndToEnd.Tests;

/// <summary>The conformance kit against the appliance itself, and against something that is no SIP server.</summary>
public sealed class ConformanceTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edgeassist-conformance-");
    private TestAppliance _appliance = null!;

    private string CertificateFile => Path.Combine(_folder.FullName, "recorder.pem");

    private string KeyFile => Path.Combine(_folder.FullName, "recorder.key");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        // The certificate is its own authority; media over TLS may be plain, as the kit offers it.
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=recorder", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await File.WriteAllTextAsync(CertificateFile, certificate.ExportCertificatePem(), Cancel);
        await File.WriteAllTextAsync(KeyFile, key.ExportPkcs8PrivateKeyPem(), Cancel);
        _appliance = await TestAppliance.StartAsync(_folder.FullName, Cancel,
        [
            new("Sip:Listen:1", "tcp:127.0.0.1:0"), new("Sip:Listen:2", "tls:127.0.0.1:0"), new("Sip:MaxMessagesPerSecond", "10000"),
            new("Sip:Tls:CertificateFile", CertificateFile), new("Sip:Tls:KeyFile", KeyFile),
        ]);
    }

    public async ValueTask DisposeAsync()
    {
        await _appliance.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact] // RFC 4475, RFC 5118, RFC 7866, PROTOCOLS d.1.6
    public async Task The_appliance_passes_every_case_of_its_own_kit_over_UDP()
    {
        var json = Path.Combine(_folder.FullName, "verdicts.json");

        var ran = await Tool.RunAsync(Tool.EdgeAssist, ["conformance", "--target", _appliance.Sip.ToString(), "--json", json], _folder.FullName, Cancel);

        Assert.True(ran.ExitCode == 0, ran.Output + ran.Error);
        using var verdicts = JsonDocument.Parse(await File.ReadAllBytesAsync(json, Cancel));
        Assert.InRange(verdicts.RootElement.GetArrayLength(), 65, 200);
        Assert.Equal(12, SiprecPersonas.All.Count);
        Assert.All(SiprecPersonas.All, persona => Assert.Contains(persona.Name, ran.Output, StringComparison.Ordinal));
        Assert.Equal(_appliance.Count("edgeassist.calls.started"), _appliance.Count("edgeassist.calls.ended"));
    }

    [Fact]
    public async Task The_appliance_passes_every_case_of_its_own_kit_over_TCP()
    {
        var verdicts = await new ConformanceRunner(TimeProvider.System).RunAsync(new ConformancePlan { Target = _appliance.SipTcp, Transport = SipTransport.Tcp }, Cancel);

        Assert.Empty(Failures(verdicts));
    }

    [Fact]
    public async Task The_appliance_passes_every_case_of_its_own_kit_over_TLS()
    {
        var verdicts = await new ConformanceRunner(TimeProvider.System).RunAsync(
            new ConformancePlan { Target = _appliance.SipTls, Transport = SipTransport.Tls, Authorities = CertificateFile }, Cancel);

        Assert.Empty(Failures(verdicts));
        Assert.InRange(verdicts.Count, 65, 200);
    }

    [Theory] // the torture messages at hand, over the wire: n of n
    [InlineData("rfc4475", 25)]
    [InlineData("rfc5118", 6)]
    public async Task Every_message_of_the_shared_folders_gets_its_verdict_over_the_wire(string folder, int count)
    {
        var path = SharedFolder.Find("conformance/" + folder);
        if (path is null) Assert.Skip($"../shared/conformance/{folder} is not on this machine.");

        var verdicts = await new ConformanceRunner(TimeProvider.System).RunAsync(new ConformancePlan { Target = _appliance.Sip, Vectors = [path!], Only = folder }, Cancel);

        var own = verdicts.Where(verdict => verdict.Group == folder).ToList();
        Assert.Equal(count, own.Count);
        Assert.Empty(Failures(own));
    }

    [Fact]
    public async Task Where_nothing_answers_the_kit_says_so_and_fails()
    {
        var ran = await Tool.RunAsync(Tool.EdgeAssist, ["conformance", "--target", "127.0.0.1:9", "--transport", "tcp"], _folder.FullName, Cancel);

        Assert.NotEqual(0, ran.ExitCode);
        Assert.Contains("127.0.0.1:9", ran.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--target", "here")]
    [InlineData("--target", "127.0.0.1:5060", "--transport", "sctp")]
    public async Task A_wrong_option_is_named(params string[] options)
    {
        var ran = await Tool.RunAsync(Tool.EdgeAssist, ["conformance", .. options], _folder.FullName, Cancel);

        Assert.NotEqual(0, ran.ExitCode);
        Assert.Contains(options[^1], ran.Error, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Failures(IEnumerable<ConformanceVerdict> verdicts) =>
        verdicts.Where(verdict => !verdict.Passed).Select(verdict => $"{verdict.Name}: {verdict.Answer}, {verdict.Why}");
}
