namespace EdgeAssist.MediaGateway.Rtcp;

/// <summary>
/// How fast a sender's media clock runs, told by its own reports: each pairs a wall-clock time with a timestamp (RFC 3550
/// §6.4.1), and both are read at the same moment, so that the network has no part in it. The first report of a source is
/// held against each later one.
/// </summary>
internal struct SenderClock
{
    /// <summary>Reports this far apart say something: 20 s at 8 kHz are 160,000 ticks, 6 ppm each.</summary>
    private static readonly TimeSpan s_baseline = TimeSpan.FromSeconds(20);

    private SenderInfo _first;
    private bool _started;
    private long _ticks;        // since the first report, across wraps
    private uint _lastTimestamp;

    /// <summary>Parts per million that media runs fast against the sender's wall clock; null before two reports far enough apart.</summary>
    public double? PartsPerMillion { get; private set; }

    public void OnReport(SenderInfo info, int clockRate)
    {
        if (!_started || info.Ssrc != _first.Ssrc || clockRate <= 0)
        {
            (_first, _started, _ticks, _lastTimestamp) = (info, clockRate > 0, 0, info.RtpTimestamp);
            PartsPerMillion = null;
            return;
        }

        _ticks += (int)(info.RtpTimestamp - _lastTimestamp);
        _lastTimestamp = info.RtpTimestamp;
        var seconds = unchecked((long)(info.Ntp - _first.Ntp)) / 4_294_967_296.0;
        if (seconds < s_baseline.TotalSeconds) return;

        var rate = (_ticks / (double)clockRate / seconds - 1) * 1e6;
        PartsPerMillion = Math.Abs(rate) < 10_000 ? rate : null;   // beyond one per cent it is not a clock but a new count
    }
}
