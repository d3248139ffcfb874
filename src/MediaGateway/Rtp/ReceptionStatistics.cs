using EdgeAssist.Contracts;

namespace EdgeAssist.MediaGateway.Rtp;

/// <summary>What a receiver report says about one source (RFC 3550 §6.4.1).</summary>
/// <param name="FractionLost">Of the packets expected since the report before, in 256ths.</param>
/// <param name="CumulativeLost">Expected less received since the start, within 24 bits signed; duplicates make it smaller.</param>
/// <param name="ExtendedHighest">Sequence number cycles and highest sequence number.</param>
/// <param name="Jitter">Interarrival jitter in RTP clock units.</param>
internal readonly record struct ReceptionReport(byte FractionLost, int CumulativeLost, uint ExtendedHighest, uint Jitter);

/// <summary>Counts of one source by RFC 3550 §A.3, and its interarrival jitter by §A.8.</summary>
internal sealed class ReceptionStatistics
{
    private long _expectedPrior;
    private long _receivedPrior;
    private InterarrivalJitter _jitter;

    /// <summary>Packets of the source, late ones and duplicates included, as §A.3 counts.</summary>
    public long Received { get; private set; }

    /// <summary>In RTP clock units.</summary>
    public double Jitter => _jitter.Units;

    /// <summary>Counts a packet.</summary>
    /// <param name="timestamp">Its RTP timestamp.</param>
    /// <param name="clockRate">Clock of its payload format; 0 leaves the jitter alone (events keep one timestamp for long).</param>
    /// <param name="arrivedAt">When it came.</param>
    public void OnPacket(uint timestamp, int clockRate, Instant arrivedAt)
    {
        Received++;
        if (clockRate != 0) _jitter.Update(timestamp, clockRate, arrivedAt);
    }

    /// <summary>Makes the figures for a report and begins a new interval.</summary>
    public ReceptionReport Report(in SequenceTracker sequence)
    {
        var expected = sequence.Highest - sequence.Base + 1;
        var expectedNow = expected - _expectedPrior;
        var lostNow = expectedNow - (Received - _receivedPrior);
        _expectedPrior = expected;
        _receivedPrior = Received;

        var fraction = expectedNow <= 0 || lostNow <= 0 ? 0 : Math.Min(255, 256 * lostNow / expectedNow);
        var cumulative = Math.Clamp(expected - Received, -0x80_0000, 0x7F_FFFF);
        return new ReceptionReport((byte)fraction, (int)cumulative, (uint)(sequence.Highest - 0x1_0000), (uint)Jitter);
    }

    public void Reset()
    {
        (Received, _jitter) = (0, default);
        (_expectedPrior, _receivedPrior) = (0, 0);
    }
}
