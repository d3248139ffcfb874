namespace EdgeAssist.Inference.Vad;

/// <summary>
/// The newest audio of a leg, frame by frame in a ring long enough for the longest utterance, with what is known of each
/// frame. Frames follow one another without holes; <see cref="Restart"/> begins anew behind one.
/// </summary>
/// <param name="frames">How many frames are kept.</param>
internal sealed class LegBuffer(int frames)
{
    private readonly float[] _samples = new float[frames * VadFrame.Samples];
    private readonly AssembledFrame[] _heads = new AssembledFrame[frames];
    private long _first;    // number of the oldest frame kept
    private long _next;     // number of the frame to come
    private long _origin;   // position of frame 0

    public void Restart(long position)
    {
        (_first, _next) = (0, 0);
        _origin = position;
    }

    public void Append(in AssembledFrame head, ReadOnlySpan<float> samples)
    {
        if (_next == 0) _origin = head.Position;
        var slot = (int)(_next % frames);
        samples.CopyTo(_samples.AsSpan(slot * VadFrame.Samples, VadFrame.Samples));
        _heads[slot] = head;
        _next++;
        _first = Math.Max(_first, _next - frames);
    }

    /// <summary>A copy of what is kept between two positions.</summary>
    public float[] Copy(long from, long to)
    {
        (from, to) = (Math.Max(from, PositionOf(_first)), Math.Min(to, PositionOf(_next)));
        var copy = new float[Math.Max(0, to - from)];
        for (var at = from; at < to;)
        {
            var number = (at - _origin) / VadFrame.Samples;
            var inside = (int)(at - PositionOf(number));
            var count = (int)Math.Min(VadFrame.Samples - inside, to - at);
            _samples.AsSpan((int)(number % frames) * VadFrame.Samples + inside, count).CopyTo(copy.AsSpan((int)(at - from)));
            at += count;
        }

        return copy;
    }

    /// <summary>What is known of the frame that holds the last sample before <paramref name="position"/>.</summary>
    public AssembledFrame HeadBefore(long position)
    {
        var number = Math.Clamp((position - 1 - _origin) / VadFrame.Samples, _first, _next - 1);
        return _heads[(int)(number % frames)];
    }

    /// <summary>Share of lost and concealed samples between two positions, 0 to 1.</summary>
    public float LostShare(long from, long to)
    {
        var (lost, all) = (0L, 0L);
        for (var number = Math.Max(_first, (from - _origin) / VadFrame.Samples); number < _next && PositionOf(number) < to; number++)
        {
            lost += _heads[(int)(number % frames)].LostSamples;
            all += VadFrame.Samples;
        }

        return all == 0 ? 0 : (float)lost / all;
    }

    private long PositionOf(long number) => _origin + number * VadFrame.Samples;
}
