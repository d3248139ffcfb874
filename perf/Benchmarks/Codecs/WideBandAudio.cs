using BenchmarkDotNet.Attributes;
using EdgeAssist.MediaGateway.Codecs;

namespace EdgeAssist.Benchmarks.Codecs;

/// <summary>What do 20 ms of wide-band audio cost: G.722 both ways, and 48 kHz brought down to 16?</summary>
[MemoryDiagnoser]
public class WideBandAudio
{
    private readonly byte[] _encoded = new byte[160];
    private readonly short[] _pcm = new short[320];
    private readonly short[] _studio = new short[960];
    private readonly G722Decoder _decoder = new();
    private readonly G722Encoder _encoder = new();
    private readonly Downsampler3x _downsampler = new();

    [GlobalSetup]
    public void Setup()
    {
        for (var i = 0; i < _pcm.Length; i++) _pcm[i] = (short)(8_000 * Math.Sin(i * 0.3));
        _encoder.Encode(_pcm, _encoded);
    }

    [Benchmark]
    public int DecodeG722() => _decoder.Decode(_encoded, _pcm);

    [Benchmark]
    public int EncodeG722() => _encoder.Encode(_pcm, _encoded);

    [Benchmark]
    public int Downsample() => _downsampler.Process(_studio, _pcm);
}

/// <summary>Is the vectorised G.711 faster than its table and its law, sample by sample?</summary>
[MemoryDiagnoser]
public class G711Ways
{
    private readonly byte[] _encoded = new byte[160];
    private readonly short[] _pcm = new short[160];

    [GlobalSetup]
    public void Setup() => new Random(1).NextBytes(_encoded);

    [Benchmark]
    public void DecodeByTable()
    {
        for (var i = 0; i < _encoded.Length; i++) _pcm[i] = G711.DecodeMuLaw(_encoded[i]);
    }

    [Benchmark]
    public int DecodeByVectors() => G711Vectors.DecodeMuLaw(_encoded, _pcm);

    [Benchmark]
    public void EncodeByLaw()
    {
        for (var i = 0; i < _pcm.Length; i++) _encoded[i] = G711.EncodeMuLaw(_pcm[i]);
    }

    [Benchmark]
    public int EncodeByVectors() => G711Vectors.EncodeMuLaw(_pcm, _encoded);
}
