using System.Net;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Rtcp;
using EdgeAssist.MediaGateway.Rtp;
using EdgeAssist.MediaGateway.Sdp;
using EdgeAssist.MediaGateway.Srtp;
using EdgeAssist.MediaGateway.Tests.Media;
using EdgeAssist.MediaGateway.Transport;
using EdgeAssist.Testing;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Relay;

/// <summary>Two phones with the relay between them, over real sockets.</summary>
public sealed class RelayLoopbackTests
{
    private static readonly byte[] s_payload = [.. Enumerable.Range(0, 160).Select(i => (byte)i)];

    [Theory]
    [InlineData(true, "127.0.0.1")]
    [InlineData(false, "127.0.0.1")]
    [InlineData(true, "::1")]
    [InlineData(false, "::1")]
    public async Task Packets_go_both_ways_unchanged(bool native, string address)
    {
        using var limit = new CancellationTokenSource(RelayRig.Limit);
        await using var rig = RelayRig.Open(native, address: IPAddress.Parse(address));

        for (var i = 0; i < 100; i++)
        {
            var (there, back) = (rig.Caller.Packet(s_payload), rig.Callee.Packet(s_payload, 8));
            rig.Caller.Send(s_payload);
            rig.Callee.Send(s_payload, 8);

            Assert.Equal(there, await rig.Callee.ReceiveAsync(limit.Token));
            Assert.Equal(back, await rig.Caller.ReceiveAsync(limit.Token));
        }

        foreach (var side in Enum.GetValues<RelaySide>())
        {
            var counts = rig.Stream.Statistics(side);
            Assert.Equal((100, 100, 0), (counts.PacketsReceived, counts.PacketsSent, counts.Lost));
        }
    }

    [Fact]
    public async Task A_tone_reaches_the_fork_of_its_side_only()
    {
        using var limit = new CancellationTokenSource(RelayRig.Limit);
        await using var rig = RelayRig.Open(fork: true);
        var caller = PipeContent.ReadToEndAsync(rig.Stream.Audio(RelaySide.Caller), limit.Token);
        var callee = PipeContent.ReadToEndAsync(rig.Stream.Audio(RelaySide.Callee), limit.Token);
        var tone = LoopbackCallTests.Encode("PCMU", ToneProbe.Make(1_004, -10, TimeSpan.FromSeconds(1), 8_000));

        for (var i = 0; i < 50; i++)
        {
            rig.Caller.Send(tone.AsSpan(160 * i, 160));
            await rig.Callee.ReceiveAsync(limit.Token);
        }

        await rig.Stream.DisposeAsync();
        var heard = await caller;
        Assert.Equal(16_000, heard.Of(PcmFrameKind.Received));
        Assert.InRange(ToneProbe.Measure([.. heard.Samples.Skip(800).Take(14_400)], PcmFormat.SampleRate).FrequencyHz, 1_003.9, 1_004.1);
        Assert.Equal(0, (await callee).Of(PcmFrameKind.Received));
        Assert.Equal(0, rig.Stream.Statistics(RelaySide.Caller).ForkDropped);
    }

    [Fact]
    public async Task Analysis_that_never_reads_costs_the_relay_nothing()
    {
        using var limit = new CancellationTokenSource(RelayRig.Limit);
        await using var rig = RelayRig.Open(fork: true);

        // Ten seconds of audio for pipes that keep two and nobody reads.
        for (var i = 0; i < 500; i++)
        {
            rig.Caller.Send(s_payload);
            await rig.Callee.ReceiveAsync(limit.Token);
        }

        Assert.Equal(500, rig.Stream.Statistics(RelaySide.Callee).PacketsSent);
        await UntilAsync(() => rig.Stream.Statistics(RelaySide.Caller).ForkDroppedSamples > 0, limit.Token);
    }

    [Fact]
    public async Task Payload_types_are_put_into_the_numbers_of_the_other_side()
    {
        using var limit = new CancellationTokenSource(RelayRig.Limit);
        await using var rig = RelayRig.Open(
            caller: plan => plan with { Formats = [RelayRig.Pcmu, new MediaFormat(101, "telephone-event", 8_000, 1, "0-16")] },
            callee: plan => plan with { Formats = [RelayRig.Pcmu, new MediaFormat(96, "TELEPHONE-EVENT", 8_000, 1, "0-15"), new MediaFormat(101, "opus", 48_000, 2, "")] });

        rig.Caller.Send([1, 0x8A, 0, 160], 101);
        rig.Callee.Send([2, 0x8A, 0, 160], 96);
        rig.Callee.Send(s_payload, 101);   // opus: the caller never offered it
        rig.Callee.Send(s_payload);

        Assert.Equal(96, (await rig.Callee.ReceiveAsync(limit.Token))[1]);
        Assert.Equal(101, (await rig.Caller.ReceiveAsync(limit.Token))[1]);
        Assert.Equal(0, (await rig.Caller.ReceiveAsync(limit.Token))[1]);
        Assert.Equal(1, rig.Stream.Statistics(RelaySide.Callee).UnknownPayloadType);
    }

    [Theory]
    [InlineData(SrtpProfile.AesCm128HmacSha1Tag80)]
    [InlineData(SrtpProfile.AeadAes256Gcm)]
    public async Task Plain_RTP_on_one_side_is_SRTP_on_the_other(object profile)
    {
        using var limit = new CancellationTokenSource(RelayRig.Limit);
        using var theirs = SrtpMasterKey.Generate((SrtpProfile)profile);
        using var ours = SrtpMasterKey.Generate((SrtpProfile)profile);
        await using var rig = RelayRig.Open(callee: plan => plan with { Keys = new SrtpLegKeys([theirs], ours) });
        using var outbound = new SrtpContext(theirs);
        using var inbound = new SrtpContext(ours);
        var buffer = new byte[512];

        for (var i = 0; i < 20; i++)
        {
            var plain = rig.Caller.Packet(s_payload);
            rig.Caller.Send(s_payload);
            var received = await rig.Callee.ReceiveAsync(limit.Token);
            Assert.Equal(SrtpResult.Ok, inbound.TryUnprotect(received, buffer, out var length));
            Assert.Equal(plain, buffer[..length]);

            plain = rig.Callee.Packet(s_payload);
            Assert.Equal(SrtpResult.Ok, outbound.TryProtect(plain, buffer, out length));
            rig.Callee.SendRaw(buffer.AsSpan(0, length));
            rig.Callee.Sequence++;
            Assert.Equal(plain, await rig.Caller.ReceiveAsync(limit.Token));
        }

        Assert.Equal(0, rig.Stream.Statistics(RelaySide.Callee).Unauthenticated);
    }

    [Fact]
    public async Task A_new_peer_behind_one_side_goes_on_in_the_same_stream()
    {
        using var limit = new CancellationTokenSource(RelayRig.Limit);
        await using var rig = RelayRig.Open();
        using var transferred = new RelayPhone(IPAddress.Loopback) { Relay = rig.Stream.LocalEndPoint(RelaySide.Callee) };
        for (var i = 0; i < 5; i++)
        {
            rig.Callee.Send(s_payload);
            await rig.Caller.ReceiveAsync(limit.Token);
        }

        var (ssrc, next) = (rig.Callee.Ssrc, rig.Callee.Sequence);
        rig.Stream.Update(RelaySide.Callee, RelayRig.Plan(transferred));
        rig.Caller.Send(s_payload);
        await transferred.ReceiveAsync(limit.Token);
        transferred.Send(s_payload);

        RtpPacketView.TryParse(await rig.Caller.ReceiveAsync(limit.Token), out var packet);
        Assert.Equal((ssrc, next), (packet.Ssrc, packet.SequenceNumber.Value));
        Assert.True(packet.Marker);
        Assert.Equal(1, rig.Stream.Statistics(RelaySide.Callee).SourceChanges);
        rig.Callee.Send(s_payload);   // the one before is a stranger now
        await UntilAsync(() => rig.Stream.Statistics(RelaySide.Callee).WrongSource == 1, limit.Token);
    }

    [Fact]
    public async Task Reports_go_to_the_other_sides_RTCP_port()
    {
        using var limit = new CancellationTokenSource(RelayRig.Limit);
        await using var rig = RelayRig.Open();
        var reporter = new RtcpReporter(0xAA, "cname", 1);
        var report = new byte[RtcpReporter.MaxLength];
        var length = reporter.WriteReport(0xBB, new ReceptionReport(1, 2, 3, 4), Instant.Now(TimeProvider.System), report);

        rig.Caller.SendControl(report.AsSpan(0, length));

        Assert.Equal(report[..length], await rig.Callee.ReceiveControlAsync(limit.Token));
    }

    [Fact]
    public async Task A_held_side_gets_nothing_and_its_silence_is_no_fault()
    {
        using var limit = new CancellationTokenSource(RelayRig.Limit);
        await using var rig = RelayRig.Open();
        rig.Caller.Send(s_payload);
        await rig.Callee.ReceiveAsync(limit.Token);

        rig.Stream.Update(RelaySide.Callee, RelayRig.Plan(rig.Callee) with { Direction = SdpDirection.Inactive });
        rig.Caller.Send(s_payload);

        await UntilAsync(() => rig.Stream.Statistics(RelaySide.Caller).NotForwarded == 1, limit.Token);
        Assert.Equal(0, rig.Callee.Waiting);
        Assert.Equal(TimeSpan.Zero, rig.Stream.Statistics(RelaySide.Callee).SilentFor);
    }

    [Fact]
    public async Task Nobody_listening_is_noted_and_the_next_packets_still_go_out()
    {
        using var limit = new CancellationTokenSource(RelayRig.Limit);
        await using var rig = RelayRig.Open();
        rig.Callee.Dispose();

        for (var i = 0; i < 5; i++) rig.Caller.Send(s_payload);

        await UntilAsync(() => rig.Stream.Statistics(RelaySide.Callee) is { PacketsSent: 5, Unreachable: > 0 }, limit.Token);
        Assert.Equal(0, rig.Stream.Statistics(RelaySide.Callee).SendFailed);
    }

    [Fact]
    public async Task Ports_rest_after_a_call_and_a_full_range_refuses()
    {
        await using var relay = RelayRig.NewRelay(configure: options =>
        {
            using var free = new RelayPhone(IPAddress.Loopback);
            options.PortMin = free.EndPoint.Port;
            options.PortMax = free.EndPoint.Port + 3;
        });
        var plan = new RelayPlan { Origin = default };
        var first = relay.TryOpen(plan);
        if (first is null) Assert.Skip("another program took a port of the range");

        Assert.Null(relay.TryOpen(plan));
        await first.DisposeAsync();
        Assert.Null(relay.TryOpen(plan));
        Assert.Equal(0, relay.OpenStreams);
    }

    [Fact]
    public async Task Counts_of_closed_calls_stay_in_the_sum()
    {
        using var limit = new CancellationTokenSource(RelayRig.Limit);
        await using var rig = RelayRig.Open();
        rig.Caller.Send(s_payload);
        await rig.Callee.ReceiveAsync(limit.Token);

        await rig.Stream.DisposeAsync();

        Assert.Equal((0, 1, 1), (rig.Relay.OpenStreams, rig.Relay.Totals.PacketsReceived, rig.Relay.Totals.PacketsSent));
    }

    [Fact]
    public void Datagrams_that_meet_a_full_kernel_buffer_are_counted()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("SO_MEMINFO is Linux's.");
        using var port = new RelayPort(RtpSocketPair.TryBindAny(IPAddress.Loopback, 16 * 1024)!, null!, 0);
        using var phone = new RelayPhone(IPAddress.Loopback) { Relay = port.LocalEndPoint };

        for (var i = 0; i < 500; i++) phone.Send(s_payload);   // nobody reads

        Assert.InRange(port.KernelDropped, 1, 499);
    }

    internal static async Task UntilAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!condition()) await timer.WaitForNextTickAsync(cancellationToken);
    }
}
