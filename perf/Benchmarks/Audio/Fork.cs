using BenchmarkDotNet.Attributes;
using EdgeAssist.Contracts;

namespace EdgeAssist.Benchmarks.Audio;

/// <summary>What does handing 20 ms of audio over the fork cost, with a reader that keeps up and with none?</summary>
[MemoryDiagnoser]
public class Fork
{
    private readonly short[] _pcm = new short[AudioPipe.MaxFrameSamples];
    private readonly AudioPipe _read = new();
    private readonly AudioPipe _full = new();
    private long _position;

    [GlobalSetup]
    public void Setup()
    {
        for (var i = 0; i < 1_000; i++) WriteDroppingTheOldest();
    }

    [Benchmark]
    public bool WriteAndRead()
    {
        _read.Write(Frame(), _pcm.AsSpan(0, 320));
        return _read.TryRead(_pcm, out _);
    }

    [Benchmark]
    public long WriteDroppingTheOldest() => _full.Write(Frame(), _pcm.AsSpan(0, 320));

    private PcmFrame Frame() => new(_position += 320, 320, PcmFrameKind.Received, default, default);
}
