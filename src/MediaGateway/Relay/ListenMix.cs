using EdgeAssist.Contracts;

namespace EdgeAssist.MediaGateway.Relay;

/// <summary>
/// Both legs of a call from their forks, put together for somebody who listens: each leg writes where its positions say, the
/// reader takes both at its own pace. Audio that comes too late is left out, and a reader that has drifted away from the
/// writers is set back to the usual distance. Two writers' threads and the reader's meet here; the lock is held for the copy
/// of one frame. Allocates nothing after its construction.
/// </summary>
internal sealed class ListenMix
{
    /// <summary>Distance of the reader behind the newest audio at the start: 60 ms.</summary>
    public const int Distance = 60 * PcmFormat.SamplesPerMillisecond;

    /// <summary>Beyond this distance the reader is set forward: 300 ms.</summary>
    public const int MaxDistance = 300 * PcmFormat.SamplesPerMillisecond;

    private const int Capacity = 8_192;
    private readonly Lock _gate = new();
    private readonly short[][] _lines;
    private readonly Line[] _taps;
    private long _read, _end;
    private bool _started;

    /// <param name="legs">How many legs there are.</param>
    public ListenMix(int legs)
    {
        _lines = [.. Enumerable.Range(0, legs).Select(_ => new short[Capacity])];
        _taps = [.. Enumerable.Range(0, legs).Select(leg => new Line(this, leg))];
    }

    /// <summary>The way in for each leg.</summary>
    public IReadOnlyList<IAudioTap> Taps => _taps;

    /// <summary>Adds the next samples of all legs up, with saturation, and moves on.</summary>
    /// <param name="mix">Receives them, 16 kHz; overwritten.</param>
    public void Read(Span<short> mix)
    {
        lock (_gate)
        {
            mix.Clear();
            if (!_started || _read >= _end) return;   // nothing new: silence, and the place is kept

            for (var i = 0; i < mix.Length; i++)
            {
                var at = (int)((_read + i) & (Capacity - 1));
                var sum = 0;
                foreach (var line in _lines)
                {
                    sum += line[at];
                    line[at] = 0;
                }

                mix[i] = (short)Math.Clamp(sum, short.MinValue, short.MaxValue);
            }

            _read += mix.Length;
        }
    }

    private void Write(int leg, in PcmFrame frame, ReadOnlySpan<short> samples)
    {
        lock (_gate)
        {
            if (!_started || frame.End - _read > MaxDistance) Restart(frame.End);
            var from = Math.Max(frame.Position, _read);
            var line = _lines[leg];
            for (var at = from; at < frame.End; at++) line[(int)(at & (Capacity - 1))] = samples[(int)(at - frame.Position)];
            _end = Math.Max(_end, frame.End);
        }
    }

    /// <summary>Sets the reader to its distance behind the newest audio; what is skipped is silenced.</summary>
    private void Restart(long newest)
    {
        var read = Math.Max(0, newest - Distance);
        if (!_started || read - _read >= Capacity) foreach (var line in _lines) Array.Clear(line);
        else
        {
            for (var at = _read; at < read; at++) foreach (var line in _lines) line[(int)(at & (Capacity - 1))] = 0;
        }

        (_read, _end, _started) = (read, Math.Max(_end, read), true);
    }

    private sealed class Line(ListenMix mix, int leg) : IAudioTap
    {
        public void OnFrame(in PcmFrame frame, ReadOnlySpan<short> samples) => mix.Write(leg, frame, samples);
    }
}
