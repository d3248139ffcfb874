using EdgeAssist.Contracts;

namespace EdgeAssist.MediaGateway.Rtp;

/// <summary>
/// Lays RTP timestamps on the call's timeline: positions at 16 kHz from the call's origin. The first packet's arrival says
/// where its end lies (its last sample was spoken just before it was sent); from there on timestamps count, until the
/// stream's owner anchors it anew.
/// </summary>
internal sealed class MediaTimeline(Instant origin)
{
    private long _anchorTimestamp;
    private long _anchorPosition;
    private long _lastTimestamp;

    public bool IsAnchored { get; private set; }

    /// <summary>Clock of the timestamps in Hz.</summary>
    public int ClockRate { get; private set; } = 8_000;

    /// <summary>The position of an instant; 0 for those before the origin.</summary>
    public long PositionAt(Instant instant) => Math.Max(0, PcmFormat.Samples(instant - origin));

    /// <summary>The instant of a position.</summary>
    public Instant InstantAt(long position) => origin + PcmFormat.Duration(position);

    /// <summary>Says that <paramref name="timestamp"/> is at <paramref name="position"/>.</summary>
    public void Anchor(uint timestamp, int clockRate, long position)
    {
        ClockRate = clockRate;
        _anchorTimestamp = _lastTimestamp = timestamp;
        _anchorPosition = position;
        IsAnchored = true;
    }

    /// <summary>The next packet comes from another clock.</summary>
    public void Release() => IsAnchored = false;

    /// <summary>Moves every later position.</summary>
    public void Shift(long samples) => _anchorPosition += samples;

    /// <summary>The position of a timestamp. Each call moves the middle of the ±2³¹ that a wrapping timestamp can mean.</summary>
    public long Map(uint timestamp)
    {
        _lastTimestamp += (int)(timestamp - (uint)_lastTimestamp);
        return _anchorPosition + (_lastTimestamp - _anchorTimestamp) * PcmFormat.SampleRate / ClockRate;
    }
}
