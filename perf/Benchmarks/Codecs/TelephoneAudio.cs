using BenchmarkDotNet.Attributes;
using EdgeAssist.MediaGateway.Codecs;

namespace EdgeAssist.Benchmarks.Codecs;

/// <summary>What do decoding, resampling and concealing 20 ms of telephone audio cost?</summary>
[MemoryDiagnoser]
public class TelephoneAudio
{
    private readonly byte[] _encoded = new byte[160];
    private readonly short[] _narrow = new short[160];
    private readonly short[] _wide = new short[320];
    private readonly Upsampler2x _upsampler = new();
    private readonly LossConcealer _concealer = new();

    [GlobalSetup]
    public void Setup()
    {
        for (var i = 0; i < 160; i++) _encoded[i] = G711.EncodeMuLaw((short)(8_000 * Math.Sin(i * 0.3)));
        G711.DecodeMuLaw(_encoded, _narrow);
        _concealer.Remember(_narrow, 8_000);
        _concealer.Remember(_narrow, 8_000);
    }

    [Benchmark]
    public void DecodeMuLaw() => G711.DecodeMuLaw(_encoded, _narrow);

    [Benchmark]
    public void EncodeMuLaw() => G711.EncodeMuLaw(_narrow, _encoded);

    [Benchmark]
    public void Upsample() => _upsampler.Process(_narrow, _wide);

    [Benchmark]
    public void ConcealOnePacket()
    {
        _concealer.Remember(_narrow, 8_000);
        _concealer.Conceal(_wide.AsSpan(0, 160));
    }
}
