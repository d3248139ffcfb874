using System.Net;
using BenchmarkDotNet.Attributes;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Codecs;
using EdgeAssist.MediaGateway.Rtcp;
using EdgeAssist.MediaGateway.Rtp;

namespace EdgeAssist.Benchmarks.Rtp;

/// <summary>What does a 20 ms packet of G.711 cost from datagram to 16 kHz audio read from the fork? 0 B allocated is a rule.</summary>
[MemoryDiagnoser]
public class PacketToPcm : IDisposable
{
    private readonly byte[] _packet = new byte[172];
    private readonly short[] _pcm = new short[AudioPipe.MaxFrameSamples];
    private readonly AudioPipe _pipe = new();
    private LegReceiver? _leg;
    private RtpHeader _header = new(0, false, new SequenceNumber(1), 0, 0x1234);
    private Instant _now = new(TimeSpan.TicksPerHour);

    /// <summary>One packet in this many is missing; 0: none.</summary>
    [Params(0, 20)]
    public int LossOneIn { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        for (var i = 0; i < 160; i++) _packet[12 + i] = G711.EncodeMuLaw((short)(8_000 * Math.Sin(i * 0.3)));
        var plan = new MediaLegPlan
        {
            Leg = new LegId(0),
            Origin = _now,
            Remote = new IPEndPoint(IPAddress.Any, 0),
            Formats = [new MediaFormat(0, "PCMU", 8_000, 1, "")],
            ExpectMedia = true,
        };
        _leg = new LegReceiver(plan, TimeSpan.FromMilliseconds(60), _pipe, new RtcpReporter(1, "benchmark", 1));
        for (var i = 0; i < 1_000; i++) Packet();
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _leg?.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public long Packet()
    {
        _header = _header with { SequenceNumber = _header.SequenceNumber.Next, Timestamp = _header.Timestamp + 160 };
        _now += TimeSpan.FromMilliseconds(20);
        if (LossOneIn > 0 && _header.SequenceNumber.Value % LossOneIn == 0) return 0;

        _header.Write(_packet);
        _leg!.OnDatagram(_packet, _now);
        var position = 0L;
        while (_pipe.TryRead(_pcm, out var frame)) position = frame.End;
        return position;
    }
}
