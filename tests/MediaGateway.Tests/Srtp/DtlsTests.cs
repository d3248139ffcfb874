using EdgeAssist.MediaGateway.Srtp;
using EdgeAssist.MediaGateway.Srtp.Dtls;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Srtp;

/// <summary>RFC 5763 and 5764: handshakes of ours with each other, over a network that loses, and with peers that lie.</summary>
public sealed class DtlsTests
{
    private static readonly DateTimeOffset s_today = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);
    private static readonly DtlsIdentity s_here = new(s_today), s_there = new(s_today);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, 1)]
    [InlineData(20, 2)]
    [InlineData(20, 3)]
    public async Task Both_sides_end_with_the_same_keys_whatever_is_lost(int lossPercent, int seed)
    {
        using var link = new Link(lossPercent, seed, s_here.Fingerprint, s_there.Fingerprint);

        var (client, server) = await link.RunAsync(s_limit, Cancel);

        using SrtpLegKeys clientKeys = Assert.IsType<SrtpLegKeys>(client.Keys), serverKeys = Assert.IsType<SrtpLegKeys>(server.Keys);
        Assert.Equal(SrtpProfile.AeadAes256Gcm, clientKeys.Outbound.Profile);
        Assert.True(clientKeys.Outbound.Matches(serverKeys.Inbound[0]));
        Assert.True(serverKeys.Outbound.Matches(clientKeys.Inbound[0]));
        Assert.False(clientKeys.Outbound.Matches(serverKeys.Outbound));
    }

    [Fact] // RFC 5763 §6.4
    public async Task A_server_whose_certificate_is_not_the_one_signalling_named_gets_no_keys()
    {
        using var link = new Link(0, 1, clientsOwn: s_here.Fingerprint, serversOwn: s_here.Fingerprint);

        var (client, server) = await link.RunAsync(s_limit, Cancel);

        Assert.Null(client.Keys);
        Assert.Null(server.Keys);
    }

    [Fact]
    public async Task A_client_whose_certificate_is_not_the_one_signalling_named_gets_no_keys()
    {
        using var link = new Link(0, 1, clientsOwn: s_there.Fingerprint, serversOwn: s_there.Fingerprint);

        var (_, server) = await link.RunAsync(s_limit, Cancel);

        Assert.Null(server.Keys);
    }

    [Fact] // RFC 6347 §4.2.1, RELIABILITY S7
    public void A_stranger_gets_no_more_octets_than_it_sent_and_starts_nothing()
    {
        List<byte[]> hello = [], answers = [];
        using var client = new DtlsHandshake(s_here, new DtlsPlan(DtlsSetup.Active, s_there.Fingerprint), datagram => { lock (hello) hello.Add(datagram.ToArray()); });
        Assert.True(SpinWait.SpinUntil(() => { lock (hello) return hello.Count > 0; }, s_limit));
        using var server = new DtlsHandshake(s_there, new DtlsPlan(DtlsSetup.Passive, s_here.Fingerprint), datagram => answers.Add(datagram.ToArray()));

        byte[] first;
        lock (hello) first = hello[0];
        for (byte stranger = 0; stranger < 100; stranger++) server.OnDatagram(first, [10, 0, 0, stranger]);

        Assert.Equal(100, answers.Count);
        Assert.All(answers, answer => Assert.InRange(answer.Length, 1, first.Length));
        Assert.All(answers, answer => Assert.Equal(3, answer[13]));   // HelloVerifyRequest
        Assert.False(server.Outcome.IsCompleted);
    }

    [Fact]
    public void Octets_that_are_no_hello_are_not_answered()
    {
        var answers = 0;
        using var server = new DtlsHandshake(s_there, new DtlsPlan(DtlsSetup.Passive, s_here.Fingerprint), _ => answers++);
        var random = new Random(4);
        for (var i = 0; i < 5_000; i++)
        {
            var datagram = new byte[random.Next(1, 200)];
            random.NextBytes(datagram);
            datagram[0] = (byte)random.Next(20, 64);
            server.OnDatagram(datagram, [1, 2, 3, 4]);
        }

        Assert.Equal(0, answers);
        Assert.False(server.Outcome.IsCompleted);
    }

    [Fact]
    public async Task A_leg_that_closes_ends_its_handshake()
    {
        var client = new DtlsHandshake(s_here, new DtlsPlan(DtlsSetup.Active, s_there.Fingerprint), _ => { });

        client.Dispose();

        Assert.Null((await client.Outcome.WaitAsync(s_limit, Cancel)).Keys);
    }

    [Theory] // RFC 8122 §5
    [InlineData("sha-256 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB:4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF", true)]
    [InlineData("SHA-256 4a:ad:b9:b1:3f:82:18:3b:54:02:12:df:3e:5d:49:6b:19:e5:7c:ab:4a:ad:b9:b1:3f:82:18:3b:54:02:12:df", true)]
    [InlineData("sha-1 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB", false)]
    [InlineData("md5 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B", false)]
    [InlineData("sha-256 4A:AD", false)]
    [InlineData("sha-256 4A-AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB:4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF", false)]
    [InlineData("sha-256 XX:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB:4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF", false)]
    [InlineData("sha-256", false)]
    [InlineData("", false)]
    public void A_fingerprint_is_read_and_written_or_refused(string value, bool good)
    {
        var fingerprint = DtlsFingerprint.Parse(value);

        Assert.Equal(good, fingerprint is not null);
        if (fingerprint is not null) Assert.Equal(value, fingerprint.ToString(), ignoreCase: true);
    }

    [Theory] // RFC 5763 §5
    [InlineData("actpass", DtlsSetup.ActPass, "active")]
    [InlineData("active", DtlsSetup.Active, "passive")]
    [InlineData("Passive", DtlsSetup.Passive, "active")]
    internal void The_answer_to_a_setup_takes_the_other_role(string offered, DtlsSetup expected, string answer)
    {
        var setup = DtlsSetups.Parse(offered);

        Assert.Equal(expected, setup);
        Assert.Equal(answer, setup!.Value.Answer().Write());
    }

    [Theory]
    [InlineData("holdconn")]
    [InlineData("")]
    [InlineData("both")]
    public void A_setup_that_is_none_is_refused(string value) => Assert.Null(DtlsSetups.Parse(value));

    /// <summary>A client and a server, and between them a line that loses. What one sends the other takes on the pool, in order.</summary>
    private sealed class Link : IDisposable
    {
        private readonly Random _random;
        private readonly int _lossPercent;
        private readonly Lock _gate = new();
        private readonly System.Threading.Channels.Channel<(bool ToServer, byte[] Datagram)> _line = System.Threading.Channels.Channel.CreateUnbounded<(bool, byte[])>();
        private readonly DtlsHandshake _client, _server;

        public Link(int lossPercent, int seed, DtlsFingerprint clientsOwn, DtlsFingerprint serversOwn)
        {
            (_lossPercent, _random) = (lossPercent, new Random(seed));
            _server = new DtlsHandshake(s_there, new DtlsPlan(DtlsSetup.Passive, clientsOwn), datagram => Send(toServer: false, datagram));
            _client = new DtlsHandshake(s_here, new DtlsPlan(DtlsSetup.Active, serversOwn), datagram => Send(toServer: true, datagram));
        }

        public async Task<(DtlsOutcome Client, DtlsOutcome Server)> RunAsync(TimeSpan limit, CancellationToken cancellationToken)
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var pump = PumpAsync(ended.Token);
            var client = await _client.Outcome.WaitAsync(limit, cancellationToken);
            var server = client.Keys is null ? await EndAsync(_server) : await _server.Outcome.WaitAsync(limit, cancellationToken);
            await ended.CancelAsync();
            await pump;
            return (client, server);
        }

        public void Dispose()
        {
            _client.Dispose();
            _server.Dispose();
        }

        /// <summary>A server whose client broke off ends by the alert, or with its leg.</summary>
        private static async Task<DtlsOutcome> EndAsync(DtlsHandshake server)
        {
            server.Dispose();
            return await server.Outcome;
        }

        private async Task PumpAsync(CancellationToken cancellationToken)
        {
            try
            {
                await foreach (var (toServer, datagram) in _line.Reader.ReadAllAsync(cancellationToken)) (toServer ? _server : _client).OnDatagram(datagram, [127, 0, 0, 1]);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // The run is over.
            }
        }

        private void Send(bool toServer, ReadOnlySpan<byte> datagram)
        {
            lock (_gate)
            {
                if (_random.Next(100) < _lossPercent) return;
            }

            _line.Writer.TryWrite((toServer, datagram.ToArray()));
        }
    }
}
