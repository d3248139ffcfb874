using EdgeAssist.Contracts;

namespace EdgeAssist.Inference.Vad;

/// <summary>One frame for voice activity detection, on the call's timeline.</summary>
/// <param name="Position">First sample.</param>
/// <param name="LostSamples">Samples of it that were lost or concealed on the way.</param>
/// <param name="ArrivedAt">When the datagram with its last sample came.</param>
/// <param name="ForkedAt">When its last sample was forked.</param>
internal readonly record struct AssembledFrame(long Position, int LostSamples, Instant ArrivedAt, Instant ForkedAt)
{
    public long End => Position + VadFrame.Samples;
}

/// <summary>A hole in a leg's audio; positions in samples.</summary>
internal readonly record struct AudioHole(long From, long To);

/// <summary>
/// Makes frames of <see cref="VadFrame.Samples"/> samples out of stretches of any length. Short holes are filled with silence,
/// so that words keep their places; behind a long one the frames begin anew. A core: push a stretch, then take all frames.
/// </summary>
internal sealed class FrameAssembler
{
    /// <summary>The longest hole that is filled: 200 ms.</summary>
    public const int LongestFill = 200 * PcmFormat.SamplesPerMillisecond;

    private readonly float[] _samples = new float[VadFrame.Samples + LongestFill + AudioPipe.MaxFrameSamples];
    private readonly bool[] _lost = new bool[VadFrame.Samples + LongestFill + AudioPipe.MaxFrameSamples];
    private int _count;
    private long _position = -1;   // of _samples[0]; negative before the first stretch
    private Instant _arrivedAt;
    private Instant _forkedAt;

    /// <summary>The position behind the newest sample; 0 before the first.</summary>
    public long End => _position < 0 ? 0 : _position + _count;

    /// <param name="head">The stretch's head.</param>
    /// <param name="samples">Its samples.</param>
    /// <returns>The hole before it when it is too long to be filled: nothing of before is kept then.</returns>
    public AudioHole? Push(in PcmFrame head, ReadOnlySpan<short> samples)
    {
        AudioHole? hole = null;
        var missing = _position < 0 ? 0 : head.Position - End;
        if (_position < 0) _position = head.Position;
        else if (missing > LongestFill) hole = SkipTo(head.Position);
        else if (missing > 0) Append([], (int)missing, lost: true);

        // Positions never go back; what overlaps was heard already.
        if (missing < 0) samples = samples[(int)Math.Min(samples.Length, -missing)..];

        (_arrivedAt, _forkedAt) = (head.ArrivedAt, head.ForkedAt);
        Append(samples, samples.Length, lost: head.Kind.HasFlag(PcmFrameKind.Lost) || head.Kind.HasFlag(PcmFrameKind.Concealed));
        return hole;
    }

    /// <summary>Fills the last frame with silence, so that it can be taken: no audio follows.</summary>
    public void Finish()
    {
        if (_count % VadFrame.Samples is var rest and > 0) Append([], VadFrame.Samples - rest, lost: false);
    }

    /// <param name="destination">Receives <see cref="VadFrame.Samples"/> samples in [-1, 1].</param>
    /// <param name="frame">Where they belong.</param>
    public bool TryTake(Span<float> destination, out AssembledFrame frame)
    {
        frame = default;
        if (_count < VadFrame.Samples) return false;

        _samples.AsSpan(0, VadFrame.Samples).CopyTo(destination);
        frame = new AssembledFrame(_position, _lost.AsSpan(0, VadFrame.Samples).Count(true), _arrivedAt, _forkedAt);

        _count -= VadFrame.Samples;
        _position += VadFrame.Samples;
        _samples.AsSpan(VadFrame.Samples, _count).CopyTo(_samples);
        _lost.AsSpan(VadFrame.Samples, _count).CopyTo(_lost);
        return true;
    }

    private AudioHole SkipTo(long position)
    {
        var hole = new AudioHole(_position, position);
        (_position, _count) = (position, 0);
        return hole;
    }

    private void Append(ReadOnlySpan<short> samples, int count, bool lost)
    {
        var room = _samples.AsSpan(_count, count);
        if (samples.IsEmpty) room.Clear();
        for (var i = 0; i < samples.Length; i++) room[i] = samples[i] / 32768f;
        _lost.AsSpan(_count, count).Fill(lost);
        _count += count;
    }
}
