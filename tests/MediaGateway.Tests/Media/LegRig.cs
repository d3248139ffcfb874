using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Codecs;
using EdgeAssist.MediaGateway.Rtcp;
using EdgeAssist.MediaGateway.Rtp;
using EdgeAssist.Testing;

namespace EdgeAssist.MediaGateway.Tests.Media;

/// <summary>A sender, a network and a leg in virtual time.</summary>
internal sealed class LegRig
{
    private static readonly byte[] s_period =
        [.. Enumerable.Range(0, 20).Select(i => G711.EncodeMuLaw((short)(8_192 * Math.Sin(2 * Math.PI * i / 20))))];

    private readonly byte[] _packet = new byte[8_192];

    public LegRig(NetworkProfile? network = null, int seed = 1, TimeSpan? depth = null, params MediaFormat[] formats)
    {
        Origin = Clock.Now;
        Network = new NetworkEmulator(network ?? new NetworkProfile(), seed);
        Plan = LegPlans.Plan(Origin, formats.Length == 0 ? [LegPlans.Pcmu, LegPlans.TelephoneEvent] : [.. formats]);
        Leg = new LegReceiver(Plan, depth ?? TimeSpan.FromMilliseconds(60), Pipe, new RtcpReporter(0xAAAA, "rig", 7));
    }

    public VirtualClock Clock { get; } = new();

    public Instant Origin { get; }

    public NetworkEmulator Network { get; }

    public MediaLegPlan Plan { get; }

    public AudioPipe Pipe { get; } = new(TimeSpan.FromSeconds(60));

    public LegReceiver Leg { get; }

    public PipeContent Heard { get; } = new();

    public MediaLegStatistics Statistics => Leg.Statistics(0);

    public uint Ssrc { get; set; } = 0x1111;

    public SequenceNumber Sequence { get; set; } = new(1_000);

    public uint Timestamp { get; set; } = 50_000;

    /// <summary>The position of the clock.</summary>
    public long Now => PcmFormat.Samples(Clock.Now - Origin);

    /// <summary>Sends one packet and moves the sender's numbers on.</summary>
    public void Send(ReadOnlySpan<byte> payload, byte payloadType = 0, bool marker = false, int? timestampStep = null)
    {
        Network.Send(Build(payload, payloadType, marker), Clock.Now);
        Sequence = Sequence.Next;
        Timestamp += (uint)(timestampStep ?? payload.Length);
    }

    /// <summary>A packet as it would be sent now.</summary>
    public ReadOnlySpan<byte> Build(ReadOnlySpan<byte> payload, byte payloadType = 0, bool marker = false)
    {
        var length = new RtpHeader(payloadType, marker, Sequence, Timestamp, Ssrc).Write(_packet);
        payload.CopyTo(_packet.AsSpan(length));
        return _packet.AsSpan(0, length + payload.Length);
    }

    /// <summary>A packet that never reaches the network.</summary>
    public void SkipPacket(int samples = 160)
    {
        Sequence = Sequence.Next;
        Timestamp += (uint)samples;
        Run(TimeSpan.FromMilliseconds(samples / 8));
    }

    /// <summary>Sends packets of a tone at the pace of the clock.</summary>
    public void Talk(int packets, int samples = 160)
    {
        for (var i = 0; i < packets; i++)
        {
            Send(Tone(samples));
            Run(TimeSpan.FromMilliseconds(samples / 8.0));
        }
    }

    /// <summary>Talks past every impairment.</summary>
    public void TalkAroundTheNetwork(int packets)
    {
        for (var i = 0; i < packets; i++)
        {
            Leg.OnDatagram(Build(Tone(160)), Clock.Now);
            SkipPacket();
        }
    }

    /// <summary>Lets time pass, delivering what arrives and ticking every 10 ms as the transport would.</summary>
    public void Run(TimeSpan time)
    {
        var end = Clock.Now + time;
        while (true)
        {
            var tick = Clock.Now + TimeSpan.FromMilliseconds(10);
            Clock.AdvanceTo(Instant.Min(end, Instant.Min(tick, Network.NextArrival)));
            while (Network.TryReceive(Clock.Now, out var datagram, out _)) Leg.OnDatagram(datagram, Clock.Now);
            Leg.Tick(Clock.Now);
            Heard.Take(Pipe);
            if (Clock.Now >= end) return;
        }
    }

    public PipeContent Finish()
    {
        Run(TimeSpan.FromMilliseconds(200));
        Leg.Flush(Clock.Now);
        return Heard.Take(Pipe);
    }

    /// <summary>400 Hz at −12 dB, going on where the packet before ended.</summary>
    public byte[] Tone(int samples)
    {
        var encoded = new byte[samples];
        for (var i = 0; i < samples; i++) encoded[i] = s_period[(Timestamp + (uint)i) % 20];
        return encoded;
    }
}
