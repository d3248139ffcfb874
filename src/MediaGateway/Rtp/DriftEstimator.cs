using EdgeAssist.Contracts;

namespace EdgeAssist.MediaGateway.Rtp;

/// <summary>
/// How far a stream's own clock has come away from ours. Delay only ever adds, so the packet that came earliest in a window
/// shows the clock, and the others show the network. What is found is corrected where it is least heard.
/// </summary>
internal struct DriftEstimator
{
    /// <summary>Below this a difference is left alone: 15 ms.</summary>
    public const long TolerableSamples = 15 * PcmFormat.SamplesPerMillisecond;

    /// <summary>Media this far behind our clock is moved up even while somebody speaks: 200 ms.</summary>
    public const long BehindAtMost = 200 * PcmFormat.SamplesPerMillisecond;

    /// <summary>Media this far ahead of our clock loses audio even while somebody speaks: 2 s. Less waits for a pause.</summary>
    public const long AheadAtMost = 2_000 * PcmFormat.SamplesPerMillisecond;

    private const int MinPackets = 10;
    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(2);

    private Instant _windowEnd;
    private long _smallest;
    private int _packets;
    private long _owed;

    /// <summary>Takes the measure of one packet.</summary>
    /// <param name="behind">Position of its arrival less the position of its end, in samples at 16 kHz.</param>
    /// <param name="arrivedAt">Its arrival.</param>
    public void Observe(long behind, Instant arrivedAt)
    {
        if (_packets > 0 && arrivedAt >= _windowEnd)
        {
            if (_packets >= MinPackets) _owed = Math.Abs(_smallest) > TolerableSamples ? _smallest : 0;
            _packets = 0;
        }

        if (_packets == 0) (_windowEnd, _smallest) = (arrivedAt + s_window, behind);
        _smallest = Math.Min(_smallest, behind);
        _packets++;
    }

    /// <summary>The samples to move the timeline by at this packet, forward when positive; often 0.</summary>
    /// <param name="quiet">Nobody speaks in this packet.</param>
    /// <param name="packetSamples">Its length: a quiet packet may be left out, no more.</param>
    public long TakeCorrection(bool quiet, long packetSamples)
    {
        var forced = _owed > BehindAtMost || _owed < -AheadAtMost;
        if (_owed == 0 || !(quiet || forced)) return 0;

        var correction = (forced ? _owed : Math.Max(_owed, -packetSamples)) & ~1L;
        _owed -= correction;
        if (Math.Abs(_owed) < 2) _owed = 0;
        _packets = 0;   // the window so far measured against the old line
        return correction;
    }

    public void Reset() => (_packets, _owed) = (0, 0);
}
