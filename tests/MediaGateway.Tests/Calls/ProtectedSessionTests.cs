using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Codecs;
using EdgeAssist.MediaGateway.Rtp;
using EdgeAssist.MediaGateway.Sdp;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Parsing;
using EdgeAssist.MediaGateway.Srtp;
using EdgeAssist.MediaGateway.Srtp.Dtls;
using EdgeAssist.MediaGateway.Srtp.Sdes;
using EdgeAssist.MediaGateway.Tests.Transport;
using EdgeAssist.MediaGateway.Transport;
using EdgeAssist.Testing;
using EdgeAssist.Testing.Sip;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Calls;

/// <summary>A whole recording session under protection: SIP over TLS, keys by SDES or DTLS, SRTP over real sockets, audio at the fork.</summary>
public sealed class ProtectedSessionTests : IDisposable
{
    private const int Packets = 50;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private readonly TestAuthority _authority = new();

    public ProtectedSessionTests() => _authority.Issue("server", ["sbc.example"]);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _authority.Dispose();

    [Theory] // RFC 7866 §12.2, RFC 4568, RFC 3711
    [InlineData("Required")]
    [InlineData("WithTls")]
    public async Task Audio_that_came_as_SRTP_is_heard_and_forged_packets_are_counted_and_not_heard(string policy)
    {
        await using var gateway = await StartAsync(policy);
        await using var peer = await ConnectAsync(gateway);
        using var offered = CryptoAttribute.Generate(1, SrtpProfile.AesCm128HmacSha1Tag80);
        using var media = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        media.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        var answer = await InviteAsync(peer, Offer("RTP/SAVP", ((IPEndPoint)media.LocalEndPoint!).Port, $"a=crypto:{offered.Write()}\r\n"));
        Assert.Equal(200, answer.Status);
        SdpParser.TryParse(answer.Body.Span, out var description);
        Assert.Equal("RTP/SAVP", description.Media[0].Protocol);
        await AcknowledgeAsync(peer, answer);
        var target = new IPEndPoint(IPAddress.Loopback, description.Media[0].Port);
        using var context = new SrtpContext(offered.Keys[0].Copy());
        var tone = ToneProbe.Make(440, -10, TimeSpan.FromMilliseconds(20 * Packets), 8000);
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var i = 0; i < Packets; i++)
        {
            var sealedPacket = Protect(context, i, tone);
            var forged = sealedPacket.ToArray();
            forged[^1] ^= 1;
            if (i % 5 == 0) await media.SendToAsync(forged, target);
            await media.SendToAsync(sealedPacket, target);
            await pace.WaitForNextTickAsync(Cancel);
        }

        await HangUpAsync(peer, answer);
        var call = Assert.Single(gateway.Sink.Calls);
        await call.Closed.WaitAsync(s_patience, Cancel);
        var (heard, received) = await ReadAsync(call.Pipes[0]);
        var counts = gateway.Service<RtpMediaTransport>().Totals;
        Assert.Equal((Packets, Packets / 5), (counts.Packets, counts.Unauthentic));
        Assert.InRange(heard, Packets * 18 * PcmFormat.SamplesPerMillisecond, Packets * 24 * PcmFormat.SamplesPerMillisecond);
        var reading = ToneProbe.Measure(received.AsSpan(received.Length / 4, received.Length / 2), PcmFormat.SampleRate);
        Assert.InRange(reading.FrequencyHz, 435, 445);
        Assert.InRange(reading.LevelDb, -12, -8);
    }

    [Theory] // RFC 5763 §5, RFC 5764: who begins is the client's choice, or ours
    [InlineData("actpass", "active")]
    [InlineData("active", "passive")]
    public async Task Audio_whose_keys_came_by_DTLS_is_heard_and_a_refresh_keeps_the_association(string offered, string answered)
    {
        await using var gateway = await StartAsync("Required");
        await using var peer = await ConnectAsync(gateway);
        using var media = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        media.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var identity = new DtlsIdentity(DateTimeOffset.UtcNow);
        var offer = Offer("UDP/TLS/RTP/SAVP", ((IPEndPoint)media.LocalEndPoint!).Port, $"a=rtcp-mux\r\na=setup:{offered}\r\na=fingerprint:{identity.Fingerprint}\r\n");

        var answer = await InviteAsync(peer, offer);
        Assert.Equal(200, answer.Status);
        SdpParser.TryParse(answer.Body.Span, out var description);
        var line = description.Media[0];
        Assert.Equal(("UDP/TLS/RTP/SAVP", answered), (line.Protocol, line.Attribute("setup")));
        await AcknowledgeAsync(peer, answer);
        var target = new IPEndPoint(IPAddress.Loopback, line.Port);
        var plan = new DtlsPlan(answered == "active" ? DtlsSetup.Passive : DtlsSetup.Active, DtlsFingerprint.Parse(line.Attribute("fingerprint"))!);
        using var handshake = new DtlsHandshake(identity, plan, datagram => media.SendTo(datagram, target));
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var pump = PumpAsync(media, handshake, target, ended.Token);
        using var keys = (await handshake.Outcome.WaitAsync(s_patience, Cancel)).Keys;
        Assert.NotNull(keys);
        using var context = new SrtpContext(keys.Outbound.Copy());
        var tone = ToneProbe.Make(440, -10, TimeSpan.FromMilliseconds(20 * Packets), 8000);
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var i = 0; i < Packets; i++)
        {
            if (i == Packets / 2) Assert.Equal(200, (await RefreshAsync(peer, answer, offer)).Status);
            await media.SendToAsync(Protect(context, i, tone), target);
            await pace.WaitForNextTickAsync(Cancel);
        }

        await HangUpAsync(peer, answer);
        await ended.CancelAsync();
        await pump;
        var call = Assert.Single(gateway.Sink.Calls);
        await call.Closed.WaitAsync(s_patience, Cancel);
        var (_, received) = await ReadAsync(call.Pipes[0]);
        Assert.Equal((Packets, 0), (gateway.Service<RtpMediaTransport>().Totals.Packets, gateway.Service<RtpMediaTransport>().Totals.Unauthentic));
        Assert.InRange(ToneProbe.Measure(received.AsSpan(received.Length / 4, received.Length / 2), PcmFormat.SampleRate).FrequencyHz, 435, 445);
    }

    [Theory]
    [InlineData("a=setup:actpass\r\n")]
    [InlineData("a=fingerprint:sha-1 00:01\r\na=setup:actpass\r\n")]
    [InlineData("a=setup:holdconn\r\na=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n")]
    public async Task A_DTLS_line_without_a_usable_fingerprint_or_role_is_refused(string attributes)
    {
        await using var gateway = await StartAsync("WithTls");
        await using var peer = await ConnectAsync(gateway);

        Assert.Equal(488, (await InviteAsync(peer, Offer("UDP/TLS/RTP/SAVP", 40_000, attributes))).Status);
        Assert.Equal(0, gateway.Service<RtpMediaTransport>().OpenLegs);
    }

    [Fact]
    public async Task Plain_RTP_is_refused_by_a_trunk_that_requires_protection()
    {
        await using var gateway = await StartAsync("Required");
        await using var peer = await ConnectAsync(gateway);

        Assert.Equal(488, (await InviteAsync(peer, Offer("RTP/AVP", 40_000, ""))).Status);
        Assert.Equal(0, gateway.Service<RtpMediaTransport>().OpenLegs);
        Assert.Empty(gateway.Sink.Calls);
    }

    private Task<GatewayHarness> StartAsync(string policy) => GatewayHarness.StartAsync(
        options =>
        {
            options.Listen.Add("tls:127.0.0.1:0");
            options.Tls.CertificateFile = _authority.PathOf("server.pem");
            options.Tls.KeyFile = _authority.PathOf("server.key");
            options.Trunks.Add(new Hosting.TrunkOptions { Name = "sbc", Srtp = policy });
        },
        services =>
        {
            services.AddRtpMedia();
            services.Configure<RtpOptions>(options => (options.Address, options.PortMin, options.PortMax) = ("127.0.0.1", 0, 0));
        });

    private async Task<SslStream> ConnectAsync(GatewayHarness gateway)
    {
        using var root = X509CertificateLoader.LoadCertificateFromFile(_authority.RootFile);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(root);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(gateway.Endpoints.Tls[0], Cancel);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "sbc.example", CertificateChainPolicy = policy }, Cancel);
        return stream;
    }

    private static SiprecText Invite => SiprecText.Invite() with { Transport = "TLS", SentBy = "127.0.0.1:5061" };

    private static string Offer(string profile, int port, string crypto) =>
        $"v=0\r\no=src 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} {profile} 0\r\n{crypto}a=label:1\r\na=sendonly\r\n";

    private static async Task<SipResponse> InviteAsync(SslStream peer, string offer)
    {
        await peer.WriteAsync((Invite with { ContentType = "application/sdp", Body = offer }).ToBytes(), Cancel);
        return await ReceiveFinalAsync(peer);
    }

    private static async Task AcknowledgeAsync(SslStream peer, SipResponse answer) =>
        await peer.WriteAsync((Invite with { Method = "ACK", Branch = "z9hG4bK2", ToTag = answer.To.Tag, Headers = [], ContentType = "", Body = "" }).ToBytes(), Cancel);

    private static async Task<SipResponse> RefreshAsync(SslStream peer, SipResponse answer, string offer)
    {
        await peer.WriteAsync((Invite with { Branch = "z9hG4bK4", CSeq = 2, ToTag = answer.To.Tag, ContentType = "application/sdp", Body = offer }).ToBytes(), Cancel);
        var refreshed = await ReceiveFinalAsync(peer);
        await peer.WriteAsync((Invite with { Method = "ACK", Branch = "z9hG4bK5", CSeq = 2, ToTag = answer.To.Tag, Headers = [], ContentType = "", Body = "" }).ToBytes(), Cancel);
        return refreshed;
    }

    private static async Task PumpAsync(Socket media, DtlsHandshake handshake, IPEndPoint from, CancellationToken ended)
    {
        var buffer = new byte[2_048];
        var sender = from.Serialize();
        try
        {
            while (true)
            {
                var length = await media.ReceiveAsync(buffer, ended);
                if (DatagramDemultiplexer.Classify(buffer.AsSpan(0, length)) == DatagramKind.Dtls) handshake.OnDatagram(buffer.AsSpan(0, length), sender.Buffer.Span[..sender.Size]);
            }
        }
        catch (OperationCanceledException)
        {
            // the call is over
        }
    }

    private static async Task HangUpAsync(SslStream peer, SipResponse answer)
    {
        await peer.WriteAsync((Invite with { Method = "BYE", Branch = "z9hG4bK3", CSeq = 3, ToTag = answer.To.Tag, Headers = [], ContentType = "", Body = "" }).ToBytes(), Cancel);
        Assert.Equal(200, (await ReceiveFinalAsync(peer)).Status);
    }

    private static async Task<SipResponse> ReceiveFinalAsync(SslStream peer)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(s_patience);
        var buffer = new byte[65_536];
        var length = 0;
        while (true)
        {
            // Responses of this gateway come with Content-Length: a message is whole when its body is.
            length += await peer.ReadAsync(buffer.AsMemory(length), limit.Token);
            var text = Encoding.Latin1.GetString(buffer, 0, length);
            var head = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (head < 0) continue;
            if (text.StartsWith("SIP/2.0 1", StringComparison.Ordinal))
            {
                buffer.AsSpan(head + 4, length - head - 4).CopyTo(buffer);
                length -= head + 4;
                head = Encoding.Latin1.GetString(buffer, 0, length).IndexOf("\r\n\r\n", StringComparison.Ordinal);
                if (head < 0) continue;
            }

            if (SipMessageParser.TryParse(buffer.AsSpan(0, length), SipLimits.Default, out var message, out _) && message is SipResponse { IsProvisional: false } response) return response;
        }
    }

    private static byte[] Protect(SrtpContext context, int number, short[] tone)
    {
        var packet = new byte[12 + 160];
        packet[0] = 0x80;
        if (number == 0) packet[1] = 0x80;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)(1000 + number));
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), (uint)(160 * number));
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), 0x1234_5678);
        for (var i = 0; i < 160; i++) packet[12 + i] = G711.EncodeMuLaw(tone[(160 * number) + i]);
        var output = new byte[packet.Length + SrtpContext.MaxOverhead];
        Assert.Equal(SrtpResult.Ok, context.TryProtect(packet, output, out var length));
        return output[..length];
    }

    /// <summary>All samples counted, and those that came in packets: what is made up for late ones has another level.</summary>
    private static async Task<(int Heard, short[] Received)> ReadAsync(AudioPipe pipe)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(s_patience);
        var heard = 0;
        var received = new List<short>();
        var buffer = new short[AudioPipe.MaxFrameSamples];
        while (await pipe.WaitToReadAsync(limit.Token))
            while (pipe.TryRead(buffer, out var frame))
            {
                heard += frame.SampleCount;
                if (frame.Kind == PcmFrameKind.Received) received.AddRange(buffer.AsSpan(0, frame.SampleCount));
            }

        return (heard, [.. received]);
    }
}
