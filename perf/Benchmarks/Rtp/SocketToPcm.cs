using System.Net;
using System.Net.Sockets;
using BenchmarkDotNet.Attributes;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Rtp;
using EdgeAssist.MediaGateway.Transport;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace EdgeAssist.Benchmarks.Rtp;

/// <summary>What does a packet cost through real sockets on loopback, sending included, until its audio is read from the fork?</summary>
[MemoryDiagnoser]
public class SocketToPcm : IAsyncDisposable
{
    private const int Burst = 50;

    private readonly byte[] _packet = new byte[172];
    private readonly short[] _pcm = new short[AudioPipe.MaxFrameSamples];
    private readonly Socket _sender = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private RtpMediaTransport _transport = null!;
    private IMediaLeg _leg = null!;
    private SocketAddress _remote = null!;
    private RtpHeader _header = new(0, false, new SequenceNumber(1), 0, 0x1234);

    [GlobalSetup]
    public void Setup()
    {
        _sender.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var options = new RtpOptions { Address = "127.0.0.1", PortMin = 0, PortMax = 0 };
        _transport = new RtpMediaTransport(Options.Create(options), new TwentyMillisecondsAPacket(), NullLogger<RtpMediaTransport>.Instance);
        _leg = _transport.TryOpen(new MediaLegPlan
        {
            Leg = new LegId(0),
            Origin = new Instant(0),
            Remote = new IPEndPoint(IPAddress.Loopback, 0),
            Formats = [new MediaFormat(0, "PCMU", 8_000, 1, "")],
            ExpectMedia = true,
        })!;
        _remote = new IPEndPoint(IPAddress.Loopback, _leg.LocalPort).Serialize();
        Packets();   // the first stays on probation until the second comes
    }

    [GlobalCleanup]
    public async ValueTask DisposeAsync()
    {
        await _transport.DisposeAsync();
        _sender.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(OperationsPerInvoke = Burst)]
    public int Packets()
    {
        for (var i = 0; i < Burst; i++)
        {
            _header = _header with { SequenceNumber = _header.SequenceNumber.Next, Timestamp = _header.Timestamp + 160 };
            _header.Write(_packet);
            _sender.SendTo(_packet, SocketFlags.None, _remote);
        }

        var frames = 0;
        for (var spinner = new SpinWait(); frames < Burst; spinner.SpinOnce(-1))
            while (_leg.Audio.TryRead(_pcm, out var frame)) frames += frame.Kind == PcmFrameKind.Received ? 1 : 0;
        return frames;
    }

    /// <summary>Time as the packets tell it, so that a burst looks like a stream in real time: each reading is a packet later.</summary>
    private sealed class TwentyMillisecondsAPacket : TimeProvider
    {
        private long _milliseconds;

        public override long TimestampFrequency => 1_000;

        public override long GetTimestamp() => Interlocked.Add(ref _milliseconds, 20);
    }
}
