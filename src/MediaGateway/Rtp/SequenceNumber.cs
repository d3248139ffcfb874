namespace EdgeAssist.MediaGateway.Rtp;

/// <summary>A 16-bit sequence number; its only order is distance.</summary>
internal readonly record struct SequenceNumber(ushort Value)
{
    /// <summary>Packets from this one forward to <paramref name="other"/>: −32 768…32 767, positive when it is newer (RFC 3550 §A.1).</summary>
    public int DistanceTo(SequenceNumber other) => (short)(other.Value - Value);

    public SequenceNumber Next => new((ushort)(Value + 1));
}
