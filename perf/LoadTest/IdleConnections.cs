using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace EdgeAssist.LoadTest;

/// <summary>What the appliance keeps of open connections that have said one OPTIONS and then nothing: resident memory of its process, over loopback.</summary>
internal static class IdleConnections
{
    private const double TargetKib = 32;
    private const int AtOnce = 64;
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(90);

    public static async Task<int> MeasureAsync(int count, CancellationToken cancellationToken)
    {
        Console.WriteLine($"machine: {Machine.Describe()}");
        var folder = Directory.CreateTempSubdirectory("edgeassist-connections-");
        try
        {
            var (certificate, key) = (Path.Combine(folder.FullName, "recorder.pem"), Path.Combine(folder.FullName, "recorder.key"));
            WriteCertificate(certificate, key);
            var isGood = true;
            foreach (var isTls in (bool[])[false, true])
            {
                await using var appliance = await SipCommand.StartAsync(
                [
                    "Sip:Listen:1=tcp:127.0.0.1:0", "Sip:Listen:2=tls:127.0.0.1:0", $"Sip:Tls:CertificateFile={certificate}", $"Sip:Tls:KeyFile={key}",
                    "Sip:MaxConnections=20000", "Sip:MaxConnectionsPerSource=20000", "Sip:MaxMessagesPerSecond=100000", "Sip:IdleTimeout=01:00:00",
                ], cancellationToken);
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                limit.CancelAfter(s_longest);
                isGood &= await MeasureAsync(appliance, isTls, count, limit.Token);
            }

            return isGood ? 0 : 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<bool> MeasureAsync(ApplianceProcess appliance, bool isTls, int count, CancellationToken cancellationToken)
    {
        var place = IPEndPoint.Parse((isTls ? appliance.Places.SipTls : appliance.Places.SipTcp)[0]);
        var streams = new List<Stream>();
        try
        {
            await OpenAsync(streams, place, isTls, 100, cancellationToken);   // everything compiled, once
            var before = appliance.Memory().Now;
            await OpenAsync(streams, place, isTls, count, cancellationToken);
            var after = appliance.Memory().Now;
            var each = (after - before) * 1024 / count;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{(isTls ? "TLS" : "TCP")}: {count} connections, memory {before:0} MiB before and {after:0} MiB after, {each:0.0} KiB each"));
            return each < TargetKib;
        }
        finally
        {
            foreach (var stream in streams) await stream.DisposeAsync();
        }
    }

    /// <summary>Opens connections, each answered once, so that none is counted that was not taken.</summary>
    private static async Task OpenAsync(List<Stream> streams, IPEndPoint place, bool isTls, int count, CancellationToken cancellationToken)
    {
        for (var opened = 0; opened < count; opened += AtOnce)
            streams.AddRange(await Task.WhenAll(Enumerable.Range(0, Math.Min(AtOnce, count - opened)).Select(_ => OpenOneAsync(place, isTls, cancellationToken))));
    }

    private static async Task<Stream> OpenOneAsync(IPEndPoint place, bool isTls, CancellationToken cancellationToken)
    {
        var socket = new Socket(place.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(place, cancellationToken);
        Stream stream = new NetworkStream(socket, ownsSocket: true);
        if (isTls)
        {
            // Whose certificate it is does not matter here: it was made a moment ago.
#pragma warning disable CA5359
            var secured = new SslStream(stream, leaveInnerStreamOpen: false, (_, _, _, _) => true);
#pragma warning restore CA5359
            await secured.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "recorder" }, cancellationToken);
            stream = secured;
        }

        var text = $"OPTIONS sip:recorder@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/{(isTls ? "TLS" : "TCP")} 127.0.0.1;branch=z9hG4bK{Guid.NewGuid():N}\r\n"
            + $"From: <sip:src@127.0.0.1>;tag=1\r\nTo: <sip:recorder@127.0.0.1>\r\nCall-ID: {Guid.NewGuid():N}\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(text), cancellationToken);
        var answer = new byte[4096];
        var length = await stream.ReadAsync(answer, cancellationToken);
        var status = Encoding.ASCII.GetString(answer, 0, Math.Min(length, 11));
        return status == "SIP/2.0 200" ? stream : throw new InvalidOperationException($"A connection was answered '{status}'.");
    }

    private static void WriteCertificate(string certificateFile, string keyFile)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=recorder", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        File.WriteAllText(certificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
    }
}
