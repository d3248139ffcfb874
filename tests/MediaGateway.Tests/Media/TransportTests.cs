using System.Net;
using System.Net.Sockets;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Rtcp;
using EdgeAssist.MediaGateway.Rtp;
using EdgeAssist.MediaGateway.Srtp;
using EdgeAssist.MediaGateway.Srtp.Dtls;
using EdgeAssist.MediaGateway.Transport;
using EdgeAssist.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Media;

public sealed class TransportTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(15);

    [Fact]   // RFC 3550 §11
    public async Task A_leg_has_an_even_port_and_the_next_one_for_RTCP()
    {
        await using var transport = LoopbackCallTests.Transport();

        for (var i = 0; i < 20; i++)
        {
            var leg = transport.TryOpen(Plan())!;
            Assert.Equal(0, leg.LocalPort % 2);
            using var second = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            Assert.Throws<SocketException>(() => second.Bind(new IPEndPoint(IPAddress.Loopback, leg.LocalPort + 1)));
        }

        Assert.Equal(20, transport.OpenLegs);
    }

    [Fact]
    public void A_pair_given_back_rests_and_the_one_that_rested_longest_goes_first()
    {
        var clock = new VirtualClock();
        var pool = new RtpPortPool(20_000, 20_005, TimeSpan.FromSeconds(60));
        foreach (var expected in new[] { 20_000, 20_002, 20_004 })
        {
            Assert.True(pool.TryTake(clock.Now, out var port));
            Assert.Equal(expected, port);
        }

        pool.Return(20_004, clock.Now);
        pool.Return(20_000, clock.Advance(TimeSpan.FromSeconds(1)));

        Assert.False(pool.TryTake(clock.Advance(TimeSpan.FromSeconds(58)), out _));
        Assert.True(pool.TryTake(clock.Advance(TimeSpan.FromSeconds(1)), out var first));
        Assert.Equal(20_004, first);
        Assert.False(pool.TryTake(clock.Now, out _));
    }

    [Fact]
    public async Task An_exhausted_range_opens_nothing_and_throws_nothing()
    {
        var (min, max) = FreeRange();
        await using var transport = LoopbackCallTests.Transport(options => (options.PortMin, options.PortMax) = (min, max));

        var leg = transport.TryOpen(Plan());

        Assert.Equal(min, leg!.LocalPort);
        Assert.Null(transport.TryOpen(Plan()));
        await leg.DisposeAsync();
        Assert.Null(transport.TryOpen(Plan()));   // still resting
    }

    [Fact]
    public async Task Media_from_another_address_than_the_negotiated_one_is_counted_and_not_heard()
    {
        using var limit = new CancellationTokenSource(s_limit);
        await using var transport = LoopbackCallTests.Transport();
        var leg = transport.TryOpen(Plan() with { Remote = new IPEndPoint(IPAddress.Parse("127.0.0.2"), 4_000) })!;
        using var stranger = Sender(IPAddress.Loopback);
        using var peer = Sender(IPAddress.Parse("127.0.0.2"));

        for (ushort i = 0; i < 10; i++)
        {
            Send(stranger, leg, i, ssrc: 1);
            Send(peer, leg, i, ssrc: 2);
        }

        await LoopbackCallTests.PacketsAsync(leg, 20, limit.Token);
        await leg.DisposeAsync();
        var heard = await PipeContent.ReadToEndAsync(leg.Audio, limit.Token);
        Assert.Equal(10, leg.Statistics.WrongSource);
        Assert.Equal(10, leg.Statistics.Packets);
        Assert.Equal(10 * 320, heard.Of(PcmFrameKind.Received));
    }

    [Fact]
    public async Task Once_a_source_has_proved_itself_another_port_is_a_wrong_source()
    {
        using var limit = new CancellationTokenSource(s_limit);
        await using var transport = LoopbackCallTests.Transport();
        var leg = transport.TryOpen(Plan())!;
        using var peer = Sender(IPAddress.Loopback);
        using var stranger = Sender(IPAddress.Loopback);
        for (ushort i = 0; i < 3; i++) Send(peer, leg, i, ssrc: 2);
        await LoopbackCallTests.PacketsAsync(leg, 3, limit.Token);

        for (ushort i = 3; i < 10; i++) Send(stranger, leg, i, ssrc: 2);
        for (ushort i = 3; i < 10; i++) Send(peer, leg, i, ssrc: 2);

        await LoopbackCallTests.PacketsAsync(leg, 17, limit.Token);
        Assert.Equal(7, leg.Statistics.WrongSource);
        Assert.Equal(0, leg.Statistics.Duplicate);
    }

    [Fact]   // RFC 5763, 5764: from the first flight to the fork, over real sockets
    public async Task A_leg_takes_its_keys_by_DTLS_and_hears_nothing_that_is_not_protected_with_them()
    {
        using var limit = new CancellationTokenSource(s_limit);
        await using var transport = LoopbackCallTests.Transport();
        var identity = new DtlsIdentity(DateTimeOffset.UtcNow);
        var leg = transport.TryOpen(Plan() with { IsProtected = true, RtcpMux = true, Dtls = new DtlsPlan(DtlsSetup.Passive, identity.Fingerprint) })!;
        using var peer = Sender(IPAddress.Loopback);
        for (ushort i = 0; i < 5; i++) Send(peer, leg, i, ssrc: 7);   // plain, and before the keys

        using var handshake = new DtlsHandshake(identity, new DtlsPlan(DtlsSetup.Active, transport.Fingerprint), datagram => peer.SendTo(datagram, Endpoint(leg)));
        using var pumped = CancellationTokenSource.CreateLinkedTokenSource(limit.Token);
        var pump = PumpAsync(peer, handshake, pumped.Token);
        var outcome = await handshake.Outcome.WaitAsync(limit.Token);
        using var keys = Assert.IsType<SrtpLegKeys>(outcome.Keys);
        using var context = new SrtpContext(keys.Outbound);
        for (ushort i = 100; i < 150; i++) SendProtected(peer, leg, context, i);
        for (ushort i = 150; i < 155; i++) Send(peer, leg, i, ssrc: 7);

        await LoopbackCallTests.UntilAsync(() => leg.Statistics.Packets == 50 && leg.Statistics.Unauthentic + leg.Statistics.WithoutKeys == 10, limit.Token);
        await pumped.CancelAsync();
        await pump;
        await leg.DisposeAsync();
        Assert.Equal(50 * 320, (await PipeContent.ReadToEndAsync(leg.Audio, limit.Token)).Of(PcmFrameKind.Received));
    }

    [Fact]   // Linux only: SO_MEMINFO
    public void Datagrams_that_the_kernel_drops_are_counted()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Only Linux tells.");
        using var pair = RtpSocketPair.TryBindAny(IPAddress.Loopback, 16 * 1024)!;
        using var peer = Sender(IPAddress.Loopback);
        var packet = new byte[1_000];

        for (var i = 0; i < 200; i++) peer.SendTo(packet, new IPEndPoint(IPAddress.Loopback, pair.Port));

        var kept = 0;
        while (pair.Rtp.Available > 0) kept += pair.Rtp.Receive(packet) > 0 ? 1 : 0;
        Assert.InRange(kept, 1, 199);
        Assert.Equal(200 - kept, pair.KernelDropped);
    }

    [Fact]   // property: whatever is opened and closed when, no pair meets another call within its rest
    public void A_port_pair_is_never_given_out_before_it_has_rested()
    {
        var clock = new VirtualClock();
        var rest = TimeSpan.FromSeconds(60);
        var pool = new RtpPortPool(20_000, 20_063, rest);
        var random = new Random(17);
        var open = new List<int>();
        var closedAt = new Dictionary<int, Instant>();
        var given = 0;
        for (var i = 0; i < 50_000; i++)
        {
            clock.Advance(TimeSpan.FromMilliseconds(random.Next(5_000)));
            if (open.Count > 0 && random.Next(2) == 0)
            {
                var index = random.Next(open.Count);
                closedAt[open[index]] = clock.Now;
                pool.Return(open[index], clock.Now);
                open.RemoveAt(index);
            }
            else if (pool.TryTake(clock.Now, out var port))
            {
                Assert.DoesNotContain(port, open);
                if (closedAt.TryGetValue(port, out var closed)) Assert.True(clock.Now - closed >= rest, $"Port {port} rested {clock.Now - closed}.");
                open.Add(port);
                given++;
            }
        }

        Assert.True(given > 5_000, "The pool was used.");
    }

    [Fact]
    public async Task Late_media_of_the_call_before_is_not_heard_in_the_next_one_on_its_port()
    {
        using var limit = new CancellationTokenSource(s_limit);
        var (min, max) = FreeRange();
        await using var transport = LoopbackCallTests.Transport(options => (options.PortMin, options.PortMax, options.PortCoolDown) = (min, max, TimeSpan.Zero));
        using Socket before = Sender(IPAddress.Parse("127.0.0.2")), after = Sender(IPAddress.Parse("127.0.0.3"));
        var first = transport.TryOpen(Plan() with { Remote = (IPEndPoint)before.LocalEndPoint! })!;
        for (ushort i = 0; i < 10; i++) Send(before, first, i, ssrc: 1);
        await LoopbackCallTests.PacketsAsync(first, 10, limit.Token);
        await first.DisposeAsync();

        var second = transport.TryOpen(Plan() with { Remote = (IPEndPoint)after.LocalEndPoint! })!;
        Assert.Equal(first.LocalPort, second.LocalPort);
        for (ushort i = 10; i < 30; i++)
        {
            Send(before, second, i, ssrc: 1);
            Send(after, second, i, ssrc: 2);
        }

        await LoopbackCallTests.PacketsAsync(second, 40, limit.Token);
        await second.DisposeAsync();
        Assert.Equal((20, 20), (second.Statistics.WrongSource, second.Statistics.Packets));
        Assert.Equal(20 * 320, (await PipeContent.ReadToEndAsync(second.Audio, limit.Token)).Of(PcmFrameKind.Received));
    }

    [Fact]   // all that is allocated for it, so no less than what it keeps; the two receive buffers of its sockets, 10 KB, come on top
    public void A_leg_with_media_takes_less_than_65_KB()
    {
        var packet = new byte[172];
        var pcm = new short[AudioPipe.MaxFrameSamples];
        var origin = new Instant(TimeSpan.TicksPerHour);
        OpenAndFeed();   // what is made once
        var before = GC.GetAllocatedBytesForCurrentThread();

        using var leg = OpenAndFeed();

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        TestContext.Current.TestOutputHelper?.WriteLine($"{allocated / 1_000.0:0.0} KB a leg.");
        Assert.InRange(allocated, 10_000, 65_000);

        LegReceiver OpenAndFeed()
        {
            var pipe = new AudioPipe();
            var opened = new LegReceiver(LegPlans.Plan(origin, LegPlans.Pcmu, LegPlans.TelephoneEvent), TimeSpan.FromMilliseconds(60), pipe, new RtcpReporter(1, "leg", 1));
            for (ushort i = 0; i < 500; i++)
            {
                if (i % 20 == 7) continue;   // lost
                new RtpHeader(0, false, new SequenceNumber(i), (uint)(i * 160), 7).Write(packet);
                opened.OnDatagram(packet, origin + i * TimeSpan.FromMilliseconds(20));
                while (pipe.TryRead(pcm, out _)) { }
            }

            return opened;
        }
    }

    [Fact]
    public async Task A_new_answer_with_another_address_moves_the_lock()
    {
        using var limit = new CancellationTokenSource(s_limit);
        await using var transport = LoopbackCallTests.Transport();
        var plan = Plan() with { Remote = new IPEndPoint(IPAddress.Loopback, 4_000) };
        var leg = transport.TryOpen(plan)!;
        using var first = Sender(IPAddress.Loopback);
        using var second = Sender(IPAddress.Parse("127.0.0.2"));
        for (ushort i = 0; i < 5; i++) Send(first, leg, i, ssrc: 1);
        await LoopbackCallTests.PacketsAsync(leg, 5, limit.Token);

        leg.Update(plan with { Remote = new IPEndPoint(IPAddress.Parse("127.0.0.2"), 4_000) });
        for (ushort i = 0; i < 5; i++) Send(first, leg, i, ssrc: 1);
        for (ushort i = 0; i < 5; i++) Send(second, leg, i, ssrc: 3);

        await LoopbackCallTests.PacketsAsync(leg, 15, limit.Token);
        Assert.Equal(5, leg.Statistics.WrongSource);
        await leg.DisposeAsync();
        var heard = await PipeContent.ReadToEndAsync(leg.Audio, limit.Token);
        Assert.Equal(10 * 320, heard.Of(PcmFrameKind.Received));
    }

    [Fact]
    public async Task A_hold_without_an_address_opens_the_leg_to_nobody()
    {
        using var limit = new CancellationTokenSource(s_limit);
        await using var transport = LoopbackCallTests.Transport();
        var plan = Plan() with { Remote = new IPEndPoint(IPAddress.Parse("127.0.0.2"), 4_000) };
        var leg = transport.TryOpen(plan)!;
        using var stranger = Sender(IPAddress.Loopback);

        leg.Update(plan with { Remote = new IPEndPoint(IPAddress.Any, 0), ExpectMedia = false });
        for (ushort i = 0; i < 5; i++) Send(stranger, leg, i, ssrc: 1);

        await LoopbackCallTests.PacketsAsync(leg, 5, limit.Token);
        Assert.Equal(5, leg.Statistics.WrongSource);
    }

    [Fact]
    public async Task Noise_on_the_port_is_counted_as_malformed_and_latches_nobody()
    {
        using var limit = new CancellationTokenSource(s_limit);
        await using var transport = LoopbackCallTests.Transport();
        var leg = transport.TryOpen(Plan())!;
        using var noisy = Sender(IPAddress.Loopback);
        using var peer = Sender(IPAddress.Loopback);
        foreach (var noise in new byte[][] { [0, 1, 2], [0x80], [22, 3, 1], [0xFF, 0xFF, 0xFF] }) noisy.SendTo(noise, Endpoint(leg));

        while (leg.Statistics.Malformed < 4)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        for (ushort i = 0; i < 5; i++) Send(peer, leg, i, ssrc: 1);
        await LoopbackCallTests.PacketsAsync(leg, 5, limit.Token);
        Assert.Equal(0, leg.Statistics.WrongSource);
    }

    [Fact]   // RFC 3550 §6.2; RFC 7866 §8.1.1 expects reports of the recording server
    public async Task Reports_go_to_the_RTCP_port_of_the_source_once_media_came()
    {
        using var limit = new CancellationTokenSource(s_limit);
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        await using var transport = new RtpMediaTransport(
            Options.Create(new RtpOptions { Address = "127.0.0.1", PortMin = 0, PortMax = 0 }), time,
            Microsoft.Extensions.Logging.Abstractions.NullLogger<RtpMediaTransport>.Instance);
        using var pair = RtpSocketPair.TryBindAny(IPAddress.Loopback, 65_536)!;
        var leg = transport.TryOpen(LegPlans.Plan(Instant.Now(time), LegPlans.Pcmu) with { Remote = new IPEndPoint(IPAddress.Loopback, pair.Port) })!;
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(0, pair.Rtcp.Available);
        for (ushort i = 0; i < 5; i++) Send(pair.Rtp, leg, i, ssrc: 0x5555);
        await LoopbackCallTests.PacketsAsync(leg, 5, limit.Token);

        for (var i = 0; i < 500; i++) time.Advance(TimeSpan.FromMilliseconds(20));

        var bytes = new byte[1_500];
        var length = await pair.Rtcp.ReceiveAsync(bytes, limit.Token);
        Assert.Equal(RtcpParseError.None, RtcpCompound.TryParse(bytes.AsSpan(0, length), out _));
        Assert.Equal("00005555", Convert.ToHexString(bytes.AsSpan(8, 4)));
        await leg.DisposeAsync();
        Assert.True(pair.Rtcp.Available > 0, "A goodbye ends it.");
    }

    [Theory]
    [InlineData("::1", "::1")]
    [InlineData("::", "127.0.0.1")]
    public async Task IPv6_and_both_at_once_are_received(string local, string from)
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "This machine has no IPv6.");
        using var limit = new CancellationTokenSource(s_limit);
        await using var transport = LoopbackCallTests.Transport(options => options.Address = local);
        var leg = transport.TryOpen(Plan() with { Remote = new IPEndPoint(IPAddress.Parse(from), 4_000) })!;
        using var peer = new Socket(IPAddress.Parse(from).AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        var packet = new byte[172];

        for (ushort i = 0; i < 5; i++)
        {
            new RtpHeader(0, false, new SequenceNumber(i), (uint)(i * 160), 1).Write(packet);
            peer.SendTo(packet, new IPEndPoint(IPAddress.Parse(from), leg.LocalPort));
        }

        await LoopbackCallTests.PacketsAsync(leg, 5, limit.Token);
        Assert.Equal(0, leg.Statistics.WrongSource);
    }

    [Fact]
    public async Task An_active_stream_without_media_is_told_of_once_after_five_seconds()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var log = new EventLog();
        await using var transport = new RtpMediaTransport(Options.Create(new RtpOptions { Address = "127.0.0.1", PortMin = 0, PortMax = 0 }), time, log);
        var plan = LegPlans.Plan(Instant.Now(time), LegPlans.Pcmu);
        var leg = transport.TryOpen(plan)!;
        var held = transport.TryOpen(plan with { Leg = new LegId(1), ExpectMedia = false })!;

        time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.DoesNotContain(log.Events, id => id == 3006);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Single(log.Events, id => id == 3006);

        held.Update(plan with { Leg = new LegId(1) });
        time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(2, log.Events.Count(id => id == 3006));
        Assert.Equal(0, leg.Statistics.Packets);
    }

    [Fact]
    public async Task Counts_of_all_legs_are_metrics_and_outlive_the_legs()
    {
        using var limit = new CancellationTokenSource(s_limit);
        await using var services = Services(new() { ["Rtp:PortMin"] = "0", ["Rtp:PortMax"] = "0", ["Rtp:Address"] = "127.0.0.1" });
        var leg = services.GetRequiredService<IMediaTransport>().TryOpen(Plan())!;
        using var peer = Sender(IPAddress.Loopback);
        foreach (var i in new ushort[] { 0, 1, 2, 4 }) Send(peer, leg, i, ssrc: 1);
        await LoopbackCallTests.PacketsAsync(leg, 4, limit.Token);
        await leg.DisposeAsync();

        var values = Measure(services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>());

        Assert.Equal(0, values["edgeassist.rtp.legs"]);
        Assert.Equal(4, values["edgeassist.rtp.packets"]);
        Assert.Equal(1, values["edgeassist.rtp.packets.lost"]);
    }

    [Fact]
    public void Ten_thousand_packets_from_datagram_to_fork_allocate_nothing()
    {
        var rig = new LegRig();
        var pcm = new short[AudioPipe.MaxFrameSamples];
        var payload = new byte[160];
        Receive(2_000);   // buffers grow to the payload, the pipe gets its segments
        var before = GC.GetAllocatedBytesForCurrentThread();

        Receive(10_000);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(12_000, rig.Statistics.Packets);

        void Receive(int packets)
        {
            for (var i = 0; i < packets; i++)
            {
                rig.Leg.OnDatagram(rig.Build(payload), rig.Clock.Advance(TimeSpan.FromMilliseconds(20)));
                rig.Sequence = i % 50 == 7 ? rig.Sequence.Next.Next : rig.Sequence.Next;   // with a loss now and then
                rig.Timestamp += 160;
                while (rig.Pipe.TryRead(pcm, out _)) { }
            }
        }
    }

    [Theory]
    [InlineData("Address", "nowhere", "no IP address")]
    [InlineData("PortMin", "20001", "even port")]
    [InlineData("PortMax", "20000", "RTCP port")]
    [InlineData("JitterDepth", "00:00:00.500", "00:00:00.020 to 00:00:00.120")]
    [InlineData("ForkMaxAge", "00:00:00", "00:00:00.200 to 00:01:00")]
    [InlineData("ReceiveBuffer", "1", "octets")]
    [InlineData("PortCoolDown", "-00:00:01", "PortCoolDown")]
    public void A_bad_option_is_named_in_a_sentence(string key, string value, string says)
    {
        using var services = Services(new() { [$"Rtp:{key}"] = value });

        var refused = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<RtpOptions>>().Value);

        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
        Assert.Contains($"Rtp:{key}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_services_give_a_transport_that_opens_legs()
    {
        await using var services = Services(new() { ["Rtp:PortMin"] = "0", ["Rtp:PortMax"] = "0", ["Rtp:Address"] = "127.0.0.1" });

        var transport = services.GetRequiredService<IMediaTransport>();

        Assert.Equal("PCMU/8000", transport.Codecs[0]);
        await using var playout = services.GetRequiredService<RtpPlayoutFactory>()(IPAddress.Loopback, 2);
        Assert.Equal(2, playout.LocalPorts.Length);
        Assert.NotNull(transport.TryOpen(Plan()));
    }

    private static Dictionary<string, long> Measure(object scope)
    {
        var values = new Dictionary<string, long>();
        using var listener = new System.Diagnostics.Metrics.MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, scope)) listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => values[instrument.Name] = value);
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => values[instrument.Name] = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return values;
    }

    private static ServiceProvider Services(Dictionary<string, string?> settings)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        services.AddRtpMedia();
        return services.BuildServiceProvider();
    }

    private static MediaLegPlan Plan() => LegPlans.Plan(Instant.Now(TimeProvider.System), LegPlans.Pcmu);

    private static (int Min, int Max) FreeRange()
    {
        using var pair = RtpSocketPair.TryBindAny(IPAddress.Loopback, 65_536)!;
        return (pair.Port, pair.Port + 1);
    }

    private static Socket Sender(IPAddress local)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(local, 0));
        return socket;
    }

    private static IPEndPoint Endpoint(IMediaLeg leg) => new(IPAddress.Loopback, leg.LocalPort);

    private static void Send(Socket from, IMediaLeg to, ushort number, uint ssrc)
    {
        var packet = new byte[172];
        new RtpHeader(0, false, new SequenceNumber(number), (uint)(number * 160), ssrc).Write(packet);
        from.SendTo(packet, Endpoint(to));
    }

    private static void SendProtected(Socket from, IMediaLeg to, SrtpContext context, ushort number)
    {
        var packet = new byte[172];
        new RtpHeader(0, false, new SequenceNumber(number), (uint)(number * 160), 7).Write(packet);
        var wire = new byte[packet.Length + context.Overhead];
        Assert.Equal(SrtpResult.Ok, context.TryProtect(packet, wire, out var length));
        from.SendTo(wire.AsSpan(0, length), Endpoint(to));
    }

    private static async Task PumpAsync(Socket socket, DtlsHandshake handshake, CancellationToken cancellationToken)
    {
        var buffer = new byte[2_048];
        try
        {
            while (true)
            {
                var length = await socket.ReceiveAsync(buffer, cancellationToken);
                handshake.OnDatagram(buffer.AsSpan(0, length), [127, 0, 0, 1]);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The test is over.
        }
    }

    private sealed class EventLog : Microsoft.Extensions.Logging.ILogger<RtpMediaTransport>
    {
        public System.Collections.Concurrent.ConcurrentQueue<int> Events { get; } = new();

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(Microsoft.Extensions.Logging.LogLevel logLevel) => true;

        public void Log<TState>(Microsoft.Extensions.Logging.LogLevel logLevel, Microsoft.Extensions.Logging.EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Events.Enqueue(eventId.Id);
    }
}
