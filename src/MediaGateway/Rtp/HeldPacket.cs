using EdgeAssist.Contracts;

namespace EdgeAssist.MediaGateway.Rtp;

/// <summary>A packet copied out of its datagram, in a slot of the reorder buffer that is used again and again.</summary>
internal sealed class HeldPacket
{
    /// <summary>
    /// Room made for the first packet: 30 ms of G.711. Grows once when a stream needs more. Slots are used from the front, so a
    /// stream in order makes room for one.
    /// </summary>
    private const int UsualPayload = 240;

    private byte[] _bytes = [];
    private int _length;

    /// <summary>Sequence number that does not wrap.</summary>
    public long Number { get; private set; }

    public uint Timestamp { get; private set; }

    public bool Marker { get; private set; }

    /// <summary>First packet after the sender restarted its numbers: what lies between is not loss.</summary>
    public bool Restarts { get; private set; }

    public Codecs.PayloadFormat Format { get; private set; }

    public Instant ArrivedAt { get; private set; }

    public ReadOnlySpan<byte> Payload => _bytes.AsSpan(0, _length);

    public void Fill(in RtpPacketView packet, long number, Codecs.PayloadFormat format, bool restarts, Instant arrivedAt)
    {
        if (_bytes.Length < packet.Payload.Length) _bytes = new byte[Math.Max(UsualPayload, packet.Payload.Length)];
        packet.Payload.CopyTo(_bytes);
        _length = packet.Payload.Length;
        Number = number;
        Timestamp = packet.Timestamp;
        Marker = packet.Marker;
        Format = format;
        Restarts = restarts;
        ArrivedAt = arrivedAt;
    }
}
