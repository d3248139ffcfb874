using EdgeAssist.Contracts;

namespace EdgeAssist.MediaGateway.Rtp;

/// <summary>Interarrival jitter (RFC 3550 §6.4.1, §A.8). Pure; nothing is allocated.</summary>
internal struct InterarrivalJitter
{
    private uint _transit;
    private int _clockRate;
    private bool _isStarted;

    /// <summary>In RTP clock units.</summary>
    public double Units { get; private set; }

    public readonly TimeSpan Time => _clockRate == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(Units / _clockRate);

    /// <summary>The next packet is of another source: only what follows it is compared with it. The value stays.</summary>
    public void Restart() => _isStarted = false;

    /// <summary>Takes a packet. Those of another clock are not compared with the ones before.</summary>
    /// <param name="timestamp">Its RTP timestamp.</param>
    /// <param name="clockRate">Its clock, more than 0.</param>
    /// <param name="arrivedAt">When it came.</param>
    public void Update(uint timestamp, int clockRate, Instant arrivedAt)
    {
        if (clockRate != _clockRate)
        {
            if (_clockRate != 0) Units = Units * clockRate / _clockRate;
            (_clockRate, _isStarted) = (clockRate, false);
        }

        // Both sides wrap at 2³²; the difference of two transits is small and survives that as a signed value.
        var (seconds, ticks) = Math.DivRem(arrivedAt.Ticks, TimeSpan.TicksPerSecond);
        var transit = unchecked((uint)((seconds * clockRate) + (ticks * clockRate / TimeSpan.TicksPerSecond)) - timestamp);
        if (_isStarted) Units += (Math.Abs((double)unchecked((int)(transit - _transit))) - Units) / 16;
        (_transit, _isStarted) = (transit, true);
    }
}
