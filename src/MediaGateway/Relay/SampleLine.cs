namespace EdgeAssist.MediaGateway.Relay;

/// <summary>
/// Audio between a stream that writes it by its RTP timestamps and a mixer that reads it at its own pace: a short line of 8 kHz
/// samples. What comes out of order finds its place, what is lost stays silent, and a writer whose clock or network drifts
/// away is set back to the usual distance. Allocates nothing after its construction.
/// </summary>
internal sealed class SampleLine
{
    /// <summary>The distance a stream begins with: 40 ms, two packets.</summary>
    public const int Distance = 320;

    /// <summary>The longest distance; beyond it the line is set back: 200 ms.</summary>
    public const int MaxDistance = 1_600;

    private const int Capacity = 4_096;
    private readonly short[] _samples = new short[Capacity];
    private long _read, _end;
    private long _anchor;
    private uint _anchorTimestamp;
    private bool _started;

    /// <summary>Samples ahead of the reader.</summary>
    public int Buffered => (int)Math.Max(0, _end - _read);

    /// <summary>Puts a packet's samples where its timestamp says.</summary>
    /// <param name="timestamp">RTP, in samples at 8 kHz.</param>
    /// <param name="samples">At most <see cref="MaxDistance"/>; what is longer is cut.</param>
    public void Write(uint timestamp, ReadOnlySpan<short> samples)
    {
        if (samples.Length > MaxDistance) samples = samples[..MaxDistance];
        var at = _anchor + (int)(timestamp - _anchorTimestamp);
        var isStarved = _end <= _read;
        if (!_started || at - _read > MaxDistance || (isStarved && at < _read) || at - _read < -Capacity)
        {
            at = _read + Distance;
            (_anchor, _anchorTimestamp, _started) = (at, timestamp, true);
        }

        if (at < _read)
        {
            var late = (int)Math.Min(samples.Length, _read - at);
            samples = samples[late..];
            at = _read;
        }

        for (var i = 0; i < samples.Length; i++) _samples[(at + i) & (Capacity - 1)] = samples[i];
        _end = Math.Max(_end, at + samples.Length);
    }

    /// <summary>Adds the next samples to those of a mix, with saturation, and moves on.</summary>
    public void AddTo(Span<short> mix)
    {
        for (var i = 0; i < mix.Length; i++)
        {
            ref var sample = ref _samples[(_read + i) & (Capacity - 1)];
            mix[i] = (short)Math.Clamp(mix[i] + sample, short.MinValue, short.MaxValue);
            sample = 0;
        }

        _read += mix.Length;
    }

    /// <summary>Forgets what is held and where the writer was.</summary>
    public void Clear()
    {
        Array.Clear(_samples);
        _end = _read;
        _started = false;
    }
}
