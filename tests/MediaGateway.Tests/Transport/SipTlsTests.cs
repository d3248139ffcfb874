using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Hosting;
using EdgeAssist.MediaGateway.Sip.UserAgent;
using EdgeAssist.MediaGateway.Tests.Calls;
using EdgeAssist.MediaGateway.Transport;
using EdgeAssist.Testing.Sip;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Transport;

/// <summary>SIP over TLS against the whole gateway: who gets in, who does not, and how certificates change under way.</summary>
public sealed class SipTlsTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private readonly TestAuthority _authority = new();
    private readonly TestAuthority _stranger = new("Another Root");

    public SipTlsTests() => _authority.Issue("server", ["sbc.example", "127.0.0.1"]);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _authority.Dispose();
        _stranger.Dispose();
    }

    [Theory] // RFC 3261 §26.3.1
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_recording_session_over_TLS_is_answered_with_a_Contact_of_that_transport(SslProtocols protocol)
    {
        await using var gateway = await StartAsync();
        await using var peer = await ConnectAsync(gateway, null, protocol);

        var answer = await AskAsync(peer, SiprecText.Invite() with { Transport = "TLS", SentBy = "127.0.0.1:5061" });

        Assert.StartsWith("SIP/2.0 100", answer, StringComparison.Ordinal);
        answer = await ReadAsync(peer, "SIP/2.0 200");
        Assert.Contains($"Contact: <sip:127.0.0.1:{gateway.Endpoints.Tls[0].Port};transport=tls>;+sip.srs", answer, StringComparison.Ordinal);
    }

    [Fact] // RFC 3261 §12.1.1
    public async Task A_session_asked_for_by_a_sips_URI_gets_a_sips_Contact()
    {
        await using var gateway = await StartAsync();
        await using var peer = await ConnectAsync(gateway, null);
        var invite = SiprecText.Invite() with { Transport = "TLS", SentBy = "127.0.0.1:5061", RequestUri = "sips:recorder@127.0.0.1" };

        await peer.WriteAsync(invite.ToBytes(), Cancel);

        Assert.Contains($"Contact: <sips:127.0.0.1:{gateway.Endpoints.Tls[0].Port}>;+sip.srs", await ReadAsync(peer, "SIP/2.0 200"), StringComparison.Ordinal);
    }

    [Fact] // RFC 8996
    public async Task Nothing_older_than_TLS_1_2_is_spoken()
    {
        await using var gateway = await StartAsync();

#pragma warning disable SYSLIB0039, CA5397 // the point of the test
        await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(gateway, null, SslProtocols.Tls11));
#pragma warning restore SYSLIB0039, CA5397
    }

    [Theory] // RELIABILITY S1, from the client's side
    [InlineData("expired", "certificate_expired")]
    [InlineData("self-signed", "certificate_untrusted")]
    [InlineData("wrong CA", "certificate_untrusted")]
    [InlineData("revoked", "certificate_revoked")]
    [InlineData("none", "certificate_missing")]
    public async Task A_client_with_a_bad_certificate_is_refused(string kind, string fault)
    {
        var revoked = _authority.Issue("revoked", ["sbc.example"]);
        var list = _authority.Revoke(revoked);
        var bad = kind switch
        {
            "expired" => _authority.Issue("expired", ["sbc.example"], until: new DateTimeOffset(2021, 1, 1, 0, 0, 0, TimeSpan.Zero)),
            "self-signed" => _authority.SelfSign("self", "sbc.example"),
            "wrong CA" => _stranger.Issue("wrong", ["sbc.example"]),
            "revoked" => revoked,
            _ => null,
        };
        await using var gateway = await StartAsync(options =>
        {
            options.Tls.ClientCaFile = _authority.RootFile;
            options.Tls.CrlFiles.Add(list);
        });

        Assert.False(await IsServedAsync(gateway, bad));

        var refusals = Array.Empty<string>();
        Assert.True(await UntilAsync(() => Task.FromResult((refusals = [.. gateway.Log.Lines.Where(line => line.StartsWith("A TLS connection was refused", StringComparison.Ordinal))]).Length > 0)));
        Assert.Equal([$"A TLS connection was refused: {fault}."], refusals);
        Assert.True(await IsServedAsync(gateway, _authority.Issue("good", ["sbc.example"])));
    }

    [Fact] // RELIABILITY S1: a good certificate of the wrong name is not on the trunk
    public async Task A_client_whose_certificate_has_another_name_than_its_trunk_is_refused()
    {
        await using var gateway = await StartAsync(options =>
        {
            options.Tls.ClientCaFile = _authority.RootFile;
            var trunk = new TrunkOptions { Name = "pinned" };
            trunk.Certificates.Add("sbc.example");
            options.Trunks.Add(trunk);
        });
        await using var named = await ConnectAsync(gateway, _authority.Issue("good", ["SBC.example"]));
        await using var byUri = await ConnectAsync(gateway, _authority.Issue("uri", [], uri: "sip:sbc.example"));
        await using var other = await ConnectAsync(gateway, _authority.Issue("other", ["other.example"]));
        var options = SiprecText.Invite() with { Method = "OPTIONS", Transport = "TLS", Body = "", ContentType = "" };

        Assert.StartsWith("SIP/2.0 200", await AskAsync(named, options), StringComparison.Ordinal);
        Assert.StartsWith("SIP/2.0 200", await AskAsync(byUri, options), StringComparison.Ordinal);
        Assert.StartsWith("SIP/2.0 403", await AskAsync(other, options), StringComparison.Ordinal);
    }

    [Theory] // RELIABILITY S1, RFC 5922 §7.3, from the server's side
    [InlineData("good", "")]
    [InlineData("expired", "certificate expired")]
    [InlineData("self-signed", "certificate untrusted")]
    [InlineData("wrong CA", "certificate untrusted")]
    [InlineData("wrong name", "certificate wrongname")]
    [InlineData("revoked", "certificate revoked")]
    public async Task A_server_with_a_bad_certificate_gets_no_call(string kind, string fault)
    {
        using var expired = _authority.Issue("expired", ["sbc.example"], until: new DateTimeOffset(2021, 1, 1, 0, 0, 0, TimeSpan.Zero));
        using var revoked = _authority.Issue("revoked", ["sbc.example"]);
        var client = new SipTls(new SipTlsSettings { CaFile = _authority.RootFile, CrlFiles = [_authority.Revoke(revoked)] }, TimeProvider.System, NullLogger.Instance);
        using var shown = kind switch
        {
            "expired" => expired,
            "self-signed" => _authority.SelfSign("self", "sbc.example"),
            "wrong CA" => _stranger.Issue("wrong", ["sbc.example"]),
            "wrong name" => _authority.Issue("name", ["other.example"]),
            "revoked" => revoked,
            _ => _authority.Issue("good", ["sbc.example"]),
        };
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeOnceAsync(listener, shown);
        var received = System.Threading.Channels.Channel.CreateUnbounded<EdgeAssist.MediaGateway.Sip.Messages.SipMessage?>();

        var opening = SipClientChannel.Over(client, "sbc.example")(SipTransport.Tls, (IPEndPoint)listener.LocalEndpoint, received.Writer, Cancel);

        if (fault.Length == 0) await (await opening.WaitAsync(s_patience, Cancel)).DisposeAsync();
        else Assert.EndsWith($"but not over TLS as sbc.example: {fault}.", (await Assert.ThrowsAsync<IOException>(() => opening.WaitAsync(s_patience, Cancel))).Message, StringComparison.Ordinal);
        await serving.WaitAsync(s_patience, Cancel);
    }

    [Fact]
    public async Task A_call_is_placed_over_TLS_and_ended()
    {
        await using var gateway = await StartAsync(options => GatewayHarness.KnowRoles(options));
        await using var playout = new FakePlayout();
        var tls = new SipTls(new SipTlsSettings { CaFile = _authority.RootFile }, TimeProvider.System, NullLogger.Instance);
        var client = new RecordingClient(TimeProvider.System, SipClientChannel.Over(tls, "sbc.example"), (_, streams) =>
        {
            playout.Bind(streams);
            return playout;
        });

        var result = await client.PlaceAsync(new RecordingCallPlan
        {
            Target = gateway.Endpoints.Tls[0], Transport = SipTransport.Tls,
            Streams = [new RecordingCallStream { Label = "agent", Aor = "sip:agent7@pbx.example.net", Encoded = new byte[160] }],
        }, Cancel);

        Assert.True(result.Succeeded, result.Sentence);
    }

    [Fact]
    public async Task A_new_certificate_serves_new_connections_and_old_ones_live_on()
    {
        await using var gateway = await StartAsync(options => options.Tls.ReloadInterval = TimeSpan.FromMilliseconds(100));
        await using var before = await ConnectAsync(gateway, null);
        var old = before.RemoteCertificate!.GetCertHashString();

        _authority.Issue("server", ["sbc.example", "127.0.0.1"]);
        var renewed = await UntilAsync(async () =>
        {
            await using var after = await ConnectAsync(gateway, null);
            return after.RemoteCertificate!.GetCertHashString() != old;
        });

        Assert.True(renewed, "the old certificate is still shown");
        Assert.StartsWith("SIP/2.0 200", await AskAsync(before, Options()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_file_that_breaks_is_logged_and_the_old_one_goes_on()
    {
        await using var gateway = await StartAsync(options => options.Tls.ReloadInterval = TimeSpan.FromMilliseconds(100));

        await File.WriteAllTextAsync(_authority.PathOf("server.pem"), "no certificate", Cancel);

        Assert.True(await UntilAsync(() => Task.FromResult(gateway.Log.Lines.Any(line => line.StartsWith("TLS files have changed and cannot be used", StringComparison.Ordinal)))));
        Assert.True(await IsServedAsync(gateway, null));
    }

    [Fact]
    public async Task A_peer_that_speaks_no_TLS_is_cut_and_others_are_served()
    {
        await using var gateway = await StartAsync(options => options.Tls.HandshakeTimeout = TimeSpan.FromSeconds(1));
        using var talker = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await talker.ConnectAsync(gateway.Endpoints.Tls[0], Cancel);
        await silent.ConnectAsync(gateway.Endpoints.Tls[0], Cancel);

        await talker.SendAsync("OPTIONS sip:a@h SIP/2.0\r\n\r\n"u8.ToArray(), Cancel);

        Assert.True(await IsServedAsync(gateway, null));
        Assert.True(await IsClosedAsync(talker));
        Assert.True(await IsClosedAsync(silent));
    }

    [Theory] // a value that cannot work stops the start with a sentence
    [InlineData("no certificate", "Sip:Listen has a tls: port, and Sip:Tls:CertificateFile and Sip:Tls:KeyFile do not say which certificate to show there.")]
    [InlineData("no key", "Sip:Tls:CertificateFile and Sip:Tls:KeyFile are given together or not at all.")]
    [InlineData("other key", "is not the private key")]
    [InlineData("no file", "Could not find file")]
    [InlineData("no PEM", "holds no certificate in PEM form.")]
    [InlineData("other list", "is signed by none of the certificates in Sip:Tls:CaFile and Sip:Tls:ClientCaFile")]
    [InlineData("pinned", "Sip:Trunks 'pinned' Certificates needs Sip:Tls:ClientCaFile")]
    public async Task What_cannot_work_stops_the_start_with_a_sentence(string kind, string sentence)
    {
        _authority.Issue("another", ["sbc.example"]);
        var empty = _authority.PathOf("empty.pem");
        await File.WriteAllTextAsync(empty, "", Cancel);

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(options =>
        {
            if (kind == "no certificate") (options.Tls.CertificateFile, options.Tls.KeyFile) = ("", "");
            if (kind == "no key") options.Tls.KeyFile = "";
            if (kind == "other key") options.Tls.KeyFile = _authority.PathOf("another.key");
            if (kind == "no file") options.Tls.CaFile = _authority.PathOf("absent.pem");
            if (kind == "no PEM") options.Tls.ClientCaFile = empty;
            if (kind == "other list")
            {
                options.Tls.ClientCaFile = _authority.RootFile;
                options.Tls.CrlFiles.Add(_stranger.Revoke());
            }

            if (kind != "pinned") return;
            var trunk = new TrunkOptions { Name = "pinned" };
            trunk.Certificates.Add("sbc.example");
            options.Trunks.Add(trunk);
        }));

        Assert.Contains(error.Failures, failure => failure.Contains(sentence, StringComparison.Ordinal));
    }

    [Fact] // a client that is not ours
    public async Task OpenSSL_connects_verifies_our_name_and_is_answered()
    {
        const string OpenSsl = "/usr/bin/openssl";
        if (!File.Exists(OpenSsl)) Assert.Skip("openssl is not installed (Debian: apt-get install openssl).");
        await using var gateway = await StartAsync();
        var start = new ProcessStartInfo(OpenSsl,
            ["s_client", "-connect", gateway.Endpoints.Tls[0].ToString(), "-CAfile", _authority.RootFile, "-verify_hostname", "sbc.example", "-verify_return_error", "-quiet"])
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(Options().ToBytes(), Cancel);
            await process.StandardInput.BaseStream.FlushAsync(Cancel);
            Assert.StartsWith("SIP/2.0 200", await process.StandardOutput.ReadLineAsync(Cancel).AsTask().WaitAsync(s_patience, Cancel), StringComparison.Ordinal);
        }
        finally
        {
            process.Kill();
        }
    }

    private Task<GatewayHarness> StartAsync(Action<SipOptions>? configure = null) => GatewayHarness.StartAsync(options =>
    {
        options.Listen.Add("tls:127.0.0.1:0");
        options.Tls.CertificateFile = _authority.PathOf("server.pem");
        options.Tls.KeyFile = _authority.PathOf("server.key");
        configure?.Invoke(options);
    });

    private static SiprecText Options() => SiprecText.Invite() with { Method = "OPTIONS", Transport = "TLS", Body = "", ContentType = "" };

    private async Task<SslStream> ConnectAsync(GatewayHarness gateway, X509Certificate2? certificate, SslProtocols protocol = SslProtocols.None)
    {
        using var root = X509CertificateLoader.LoadCertificateFromFile(_authority.RootFile);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(root);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(gateway.Endpoints.Tls[0], Cancel);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "sbc.example",
            EnabledSslProtocols = protocol,
            ClientCertificates = certificate is null ? null : [certificate],
            CertificateChainPolicy = policy,
        }, Cancel);
        return stream;
    }

    /// <summary>In TLS 1.3 a refused client learns of it only with its first read.</summary>
    private async Task<bool> IsServedAsync(GatewayHarness gateway, X509Certificate2? certificate)
    {
        try
        {
            await using var stream = await ConnectAsync(gateway, certificate);
            return (await AskAsync(stream, Options())).StartsWith("SIP/2.0 200", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            return false;
        }
    }

    private static async Task<string> AskAsync(SslStream peer, SiprecText request)
    {
        await peer.WriteAsync(request.ToBytes(), Cancel);
        return await ReadAsync(peer, "SIP/2.0 ");
    }

    /// <summary>What the peer reads up to the end of the message that holds <paramref name="wanted"/>.</summary>
    private static async Task<string> ReadAsync(SslStream peer, string wanted)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(s_patience);
        var buffer = new byte[65_536];
        var text = "";
        while (true)
        {
            var length = await peer.ReadAsync(buffer, limit.Token);
            if (length == 0) throw new IOException("closed");
            text += Encoding.UTF8.GetString(buffer, 0, length);
            var at = text.IndexOf(wanted, StringComparison.Ordinal);
            if (at >= 0 && text.IndexOf("\r\n\r\n", at, StringComparison.Ordinal) >= 0) return text[at..];
        }
    }

    private static async Task<bool> IsClosedAsync(Socket socket)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(s_patience);
        var buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer, limit.Token) > 0)
            {
                // A TLS alert may come first.
            }
        }
        catch (SocketException)
        {
            // Reset is closed too.
        }

        return true;
    }

    private static async Task<bool> UntilAsync(Func<Task<bool>> happened)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(s_patience);
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        try
        {
            while (!await happened()) await poll.WaitForNextTickAsync(limit.Token);
            return true;
        }
        catch (OperationCanceledException) when (!Cancel.IsCancellationRequested)
        {
            return false;
        }
    }

    private static async Task ServeOnceAsync(TcpListener listener, X509Certificate2 certificate)
    {
        using var accepted = await listener.AcceptSocketAsync(Cancel);
        await using var stream = new SslStream(new NetworkStream(accepted, ownsSocket: false));
        try
        {
            await stream.AuthenticateAsServerAsync(certificate);
            await stream.ReadExactlyAsync(new byte[1], Cancel);
        }
        catch (Exception e) when (e is IOException or AuthenticationException or EndOfStreamException)
        {
            // The client did not like us, or is done.
        }
    }
}
