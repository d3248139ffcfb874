using BenchmarkDotNet.Attributes;
using EdgeAssist.MediaGateway.Rtp;

namespace EdgeAssist.Benchmarks.Rtp;

/// <summary>What does it cost to tell an RTP packet and read its header?</summary>
[MemoryDiagnoser]
public class PacketParsing
{
    private readonly byte[] _packet = new byte[172];

    [GlobalSetup]
    public void Setup() => new RtpHeader(0, true, new SequenceNumber(77), 1_000, 0x1234).Write(_packet);

    [Benchmark]
    public uint Parse()
    {
        if (DatagramDemultiplexer.Classify(_packet) != DatagramKind.Rtp) return 0;
        return RtpPacketView.TryParse(_packet, out var packet) == RtpParseError.None ? packet.Ssrc + packet.Timestamp : 0;
    }
}
