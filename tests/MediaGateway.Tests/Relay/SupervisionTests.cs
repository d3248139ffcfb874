using System.Collections.Immutable;
using System.Net;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Codecs;
using EdgeAssist.MediaGateway.Rtp;
using EdgeAssist.MediaGateway.Tests.Media;
using EdgeAssist.Testing;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Relay;

/// <summary>
/// A supervisor on a call over real sockets. The customer (the caller) speaks 500 Hz, the agent 800 Hz, the supervisor a chord
/// that nobody else makes: the fingerprint.
/// </summary>
public sealed class SupervisionTests
{
    private const double Customer = 500, Agent = 800;
    private static readonly double[] s_fingerprint = [1_210, 1_730, 2_390];
    private static readonly TimeSpan s_length = TimeSpan.FromSeconds(1.5);

    [Theory]
    [InlineData("Listen", false, false)]
    [InlineData("Whisper", false, true)]
    [InlineData("Barge", true, true)]
    public async Task The_supervisor_is_heard_by_those_who_may_and_by_nobody_else(string mode, bool byCustomer, bool byAgent)
    {
        var heard = await TalkAsync(Enum.Parse<SupervisionMode>(mode));

        foreach (var frequency in s_fingerprint)
        {
            AssertHears(heard.Customer, frequency, byCustomer);
            AssertHears(heard.Agent, frequency, byAgent);
            Assert.InRange(ToneProbe.Level(heard.Supervisor.AsSpan(heard.Supervisor.Length / 3), 8_000, frequency), -200, -45);   // no echo; gaps of a busy machine click
        }

        AssertHears(heard.Customer, Agent, true);
        AssertHears(heard.Agent, Customer, true);
        AssertHears(heard.Supervisor, Customer, true);
        AssertHears(heard.Supervisor, Agent, true);
    }

    [Fact]
    public async Task What_the_customer_gets_during_a_whisper_is_octet_for_octet_what_the_agent_sent()
    {
        var heard = await TalkAsync(SupervisionMode.Whisper);

        Assert.Equal(heard.AgentSent, heard.CustomerGot);
    }

    [Theory]
    [InlineData("Whisper")]
    [InlineData("Barge")]
    public async Task The_agents_stream_goes_on_in_one_line_while_mixing_starts_and_stops(string mode)
    {
        var heard = await TalkAsync(Enum.Parse<SupervisionMode>(mode));

        // A customer held up for 60 ms (a busy machine) may have had packets of ours put in: they too are in line.
        var (ssrc, next) = (heard.Ssrc, heard.FirstSequence);
        foreach (var packet in heard.AgentGot)
        {
            RtpPacketView.TryParse(packet, out var view);
            Assert.Equal((ssrc, next++), (view.Ssrc, view.SequenceNumber.Value));
        }

        Assert.Contains(heard.AgentGot, packet => !heard.CustomerSent.Exists(sent => sent.AsSpan(12).SequenceEqual(packet.AsSpan(12))));
    }

    [Fact]
    public async Task A_whisper_reaches_the_agent_while_the_customer_is_silent_and_the_numbers_stay_in_line()
    {
        using var limit = new CancellationTokenSource(RelayRig.Limit);
        await using var rig = RelayRig.Open();
        using var phone = new RelayPhone(IPAddress.Loopback);
        await using var supervisor = rig.Stream.TryAttach(Plan(phone, SupervisionMode.Whisper))!;
        phone.Relay = supervisor.LocalEndPoint;
        for (var i = 0; i < 3; i++)
        {
            rig.Caller.Send(Encode(Customer, i));
            await rig.Callee.ReceiveAsync(limit.Token);
        }

        var (ssrc, next) = (rig.Caller.Ssrc, rig.Caller.Sequence);
        using var clock = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var i = 0; i < 25; i++)
        {
            phone.Send(Encode(s_fingerprint[0], i));
            await clock.WaitForNextTickAsync(limit.Token);
        }

        for (var i = 0; i < 10; i++)
        {
            RtpPacketView.TryParse(await rig.Callee.ReceiveAsync(limit.Token), out var packet);
            Assert.Equal((ssrc, next++), (packet.Ssrc, packet.SequenceNumber.Value));
        }

        while (rig.Callee.Waiting > 0)
        {
            await rig.Callee.ReceiveAsync(limit.Token);
            next++;
        }

        rig.Caller.Timestamp += 25 * 160;
        rig.Caller.Send(Encode(Customer, 3));   // the customer speaks again
        await foreach (var packet in PacketsAsync(rig.Callee, limit.Token))
        {
            RtpPacketView.TryParse(packet, out var view);
            Assert.Equal((ssrc, next++), (view.Ssrc, view.SequenceNumber.Value));
            if (view.Timestamp == rig.Caller.Timestamp - 160) break;
        }
    }

    [Fact]
    public async Task There_is_room_for_one_supervisor_and_for_the_next_after_it()
    {
        await using var rig = RelayRig.Open();
        using var phone = new RelayPhone(IPAddress.Loopback);

        var first = rig.Stream.TryAttach(Plan(phone, SupervisionMode.Listen));
        Assert.NotNull(first);
        Assert.Null(rig.Stream.TryAttach(Plan(phone, SupervisionMode.Listen)));
        await first.DisposeAsync();
        var second = rig.Stream.TryAttach(Plan(phone, SupervisionMode.Listen));
        Assert.NotNull(second);
        await second.DisposeAsync();
        Assert.Null(rig.Stream.TryAttach(new SupervisorPlan
        {
            Side = RelayRig.Plan(phone, new MediaFormat(9, "G722", 8_000, 1, "")), Mode = SupervisionMode.Listen, WhisperTo = RelaySide.Callee,
        }));
    }

    [Theory] // packets of another codec would pass without the supervisor in them
    [InlineData("PCMU,PCMA", "PCMA", true)]
    [InlineData("G722,PCMU", "PCMU", true)]
    [InlineData("telephone-event,PCMU", "telephone-event,PCMU,G722", true)]
    [InlineData("G722,PCMU", "G722,PCMU", false)]
    [InlineData("PCMU,G722", "G722,PCMU", false)]
    [InlineData("G722", "G722", false)]
    [InlineData("PCMU", "telephone-event", false)]
    public async Task A_call_that_cannot_be_mixed_takes_no_supervisor(string caller, string callee, bool expected)
    {
        await using var rig = RelayRig.Open(caller: plan => plan with { Formats = Formats(caller) }, callee: plan => plan with { Formats = Formats(callee) });
        using var phone = new RelayPhone(IPAddress.Loopback);

        var supervisor = rig.Stream.TryAttach(Plan(phone, SupervisionMode.Whisper));

        Assert.Equal(expected, supervisor is not null);
        if (supervisor is not null) await supervisor.DisposeAsync();

        static ImmutableArray<MediaFormat> Formats(string names) => [.. names.Split(',').Select(name => new MediaFormat(name switch
        {
            "PCMU" => 0,
            "PCMA" => 8,
            "G722" => 9,
            _ => 101,
        }, name, 8_000, 1, ""))];
    }

    [Fact]
    public async Task A_call_that_is_not_answered_takes_no_supervisor()
    {
        await using var relay = RelayRig.NewRelay();
        using var phone = new RelayPhone(IPAddress.Loopback);
        await using var stream = relay.TryOpen(new RelayPlan { Origin = Instant.Now(TimeProvider.System), Fork = false, Caller = RelayRig.Plan(phone) })!;

        Assert.Null(stream.TryAttach(Plan(phone, SupervisionMode.Listen)));
    }

    private static async IAsyncEnumerable<byte[]> PacketsAsync(RelayPhone phone, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true) yield return await phone.ReceiveAsync(cancellationToken);
    }

    private static SupervisorPlan Plan(RelayPhone phone, SupervisionMode mode) => new()
    {
        Side = RelayRig.Plan(phone), Mode = mode, WhisperTo = RelaySide.Callee,
    };

    /// <summary>Talks without a supervisor, with one, and without again; the whole is a second and a half in each part.</summary>
    private static async Task<Heard> TalkAsync(SupervisionMode mode)
    {
        using var limit = new CancellationTokenSource(RelayRig.Limit);
        await using var rig = RelayRig.Open();
        using var phone = new RelayPhone(IPAddress.Loopback);
        var heard = new Heard { Ssrc = rig.Caller.Ssrc, FirstSequence = rig.Caller.Sequence };
        using var clock = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var step = 0;

        await TalkAsync(10, null);
        var supervisor = rig.Stream.TryAttach(Plan(phone, mode))!;
        phone.Relay = supervisor.LocalEndPoint;
        var from = heard.CustomerGot.Count;
        await TalkAsync((int)(s_length.TotalMilliseconds / 20), phone);
        while (phone.Waiting > 0) heard.SupervisorGot.Add(await phone.ReceiveAsync(limit.Token));
        await supervisor.DisposeAsync();
        heard.Customer = Pcm(heard.CustomerGot.Skip(from));
        heard.Agent = Pcm(heard.AgentGot.Skip(from));
        heard.Supervisor = Pcm(heard.SupervisorGot);
        await TalkAsync(10, null);
        return heard;

        async Task TalkAsync(int steps, RelayPhone? third)
        {
            for (var i = 0; i < steps; i++, step++)
            {
                var (customer, agent) = (Encode(Customer, step), Encode(Agent, step));
                heard.CustomerSent.Add(rig.Caller.Packet(customer));
                heard.AgentSent.Add(rig.Callee.Packet(agent));
                third?.Send(EncodeFingerprint(step));
                rig.Caller.Send(customer);
                rig.Callee.Send(agent);
                heard.AgentGot.Add(await rig.Callee.ReceiveAsync(limit.Token));
                heard.CustomerGot.Add(await rig.Caller.ReceiveAsync(limit.Token));
                await clock.WaitForNextTickAsync(limit.Token);
            }
        }
    }

    /// <summary>At −60 dB of full scale a voice at −12 dB is 48 dB down: what is companding noise lies lower still.</summary>
    private static void AssertHears(short[] pcm, double frequency, bool expected)
    {
        var level = ToneProbe.Level(pcm.AsSpan(pcm.Length / 3), 8_000, frequency);
        if (expected) Assert.InRange(level, -30, 0);
        else Assert.InRange(level, -200, -60);
    }

    private static short[] Pcm(IEnumerable<byte[]> packets) => [.. packets.SelectMany(packet =>
    {
        var pcm = new short[packet.Length - 12];
        G711.DecodeMuLaw(packet.AsSpan(12), pcm);
        return pcm;
    })];

    private static byte[] Encode(double frequency, int step) => LoopbackCallTests.Encode("PCMU", Tone(frequency, -12, step));

    private static byte[] EncodeFingerprint(int step)
    {
        var chord = new short[160];
        foreach (var frequency in s_fingerprint)
        {
            var tone = Tone(frequency, -20, step);
            for (var i = 0; i < chord.Length; i++) chord[i] += tone[i];
        }

        return LoopbackCallTests.Encode("PCMU", chord);
    }

    private static short[] Tone(double frequency, double levelDb, int step) =>
        [.. Enumerable.Range(160 * step, 160).Select(i => (short)(32_767 * Math.Pow(10, levelDb / 20) * Math.Sin(2 * Math.PI * frequency * i / 8_000)))];

    private sealed class Heard
    {
        /// <summary>Of the customer.</summary>
        public uint Ssrc { get; init; }

        public ushort FirstSequence { get; init; }

        public List<byte[]> CustomerSent { get; } = [];

        public List<byte[]> AgentSent { get; } = [];

        public List<byte[]> CustomerGot { get; } = [];

        public List<byte[]> AgentGot { get; } = [];

        public List<byte[]> SupervisorGot { get; } = [];

        public short[] Customer { get; set; } = [];

        public short[] Agent { get; set; } = [];

        public short[] Supervisor { get; set; } = [];
    }
}
