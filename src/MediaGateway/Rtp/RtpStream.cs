using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Codecs;

namespace EdgeAssist.MediaGateway.Rtp;

/// <summary>One synchronisation source: its numbers, its packets put in order, its counts.</summary>
internal sealed class RtpStream(TimeSpan depth)
{
    private readonly ReorderDepth _depth = new(depth);
    private SequenceTracker _sequence;

    public uint Ssrc { get; private set; }

    /// <summary>Whether packets of a source were seen at all.</summary>
    public bool InUse { get; private set; }

    /// <summary>Two packets in sequence were seen (RFC 3550 §A.1).</summary>
    public bool IsValid => InUse && _sequence.IsValid;

    public Instant LastPacketAt { get; private set; } = Instant.Never;

    public ReorderBuffer Packets { get; } = new();

    /// <summary>How long a packet behind a gap waits.</summary>
    public TimeSpan Depth => _depth.Current;

    public ReceptionStatistics Statistics { get; } = new();

    /// <summary>Starts over with another source.</summary>
    public void Begin(uint ssrc)
    {
        Ssrc = ssrc;
        InUse = true;
        LastPacketAt = Instant.Never;
        _sequence = default;
        Packets.Clear();
        Statistics.Reset();
        _depth.StartSource();
    }

    public void End() => InUse = false;

    /// <summary>Takes a packet of this source.</summary>
    /// <returns>What became of it; null when its number is far off and it was left out.</returns>
    public InsertResult? Accept(in RtpPacketView packet, PayloadFormat format, Instant arrivedAt)
    {
        var highest = _sequence.Highest;
        var verdict = _sequence.Update(packet.SequenceNumber, out var number);
        if (verdict == SequenceVerdict.Jump) return null;

        LastPacketAt = arrivedAt;
        if (verdict == SequenceVerdict.ProbationRestarted) Packets.Clear();
        if (verdict is SequenceVerdict.ProbationRestarted or SequenceVerdict.Restarted) Statistics.Reset();
        Statistics.OnPacket(packet.Timestamp, format.IsAudio ? format.ClockRate : 0, arrivedAt);
        var result = Packets.Insert(packet, number, format, verdict == SequenceVerdict.Restarted, arrivedAt);
        if (verdict == SequenceVerdict.Accepted) Learn(highest, number, result, arrivedAt);
        return result;
    }

    public ReceptionReport Report() => Statistics.Report(_sequence);

    private void Learn(long highest, long number, InsertResult result, Instant now)
    {
        _depth.OnPacket(now);
        if (number > highest + 1) _depth.OnGap(highest + 1, number - 1, now);
        else if (result is InsertResult.HeldReordered or InsertResult.Late) _depth.OnOvertaken(number, now);
    }
}
