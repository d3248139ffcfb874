using System.Buffers.Binary;
using EdgeAssist.Contracts;

namespace EdgeAssist.MediaGateway.Rtp;

/// <summary>
/// Datagrams that came before the keys to read them: media may overtake the answer or the handshake that carries the keys.
/// Kept for half a second at most, the oldest given up first. Memory is taken with the first datagram and given back with
/// the last.
/// </summary>
internal sealed class EarlyPackets
{
    /// <summary>How long a datagram waits.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromMilliseconds(500);

    /// <summary>Half a second of G.711 in packets of 10 ms, twice over. A flood gains nothing.</summary>
    private const int Capacity = 24 * 1024;

    private const int Prefix = sizeof(long) + sizeof(ushort);

    private byte[] _bytes = [];
    private int _start, _end;

    /// <summary>Datagrams given up.</summary>
    public long GivenUp { get; private set; }

    /// <summary>When the oldest is given up; <see cref="Instant.Never"/> when there is none.</summary>
    public Instant Deadline => _start == _end ? Instant.Never : ArrivalOfFirst + MaxAge;

    private Instant ArrivalOfFirst => new(BinaryPrimitives.ReadInt64LittleEndian(_bytes.AsSpan(_start)));

    public void Add(ReadOnlySpan<byte> datagram, Instant arrivedAt)
    {
        Expire(arrivedAt);
        if (Prefix + datagram.Length > Capacity)
        {
            GivenUp++;
            return;
        }

        if (_bytes.Length == 0) _bytes = new byte[Capacity];
        while (_end - _start + Prefix + datagram.Length > Capacity) GiveUpFirst();
        if (_end + Prefix + datagram.Length > Capacity) MoveToFront();

        BinaryPrimitives.WriteInt64LittleEndian(_bytes.AsSpan(_end), arrivedAt.Ticks);
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(_end + sizeof(long)), (ushort)datagram.Length);
        datagram.CopyTo(_bytes.AsSpan(_end + Prefix));
        _end += Prefix + datagram.Length;
    }

    /// <summary>Takes the oldest one.</summary>
    /// <param name="datagram">Valid until the next <see cref="Add"/>.</param>
    /// <param name="arrivedAt">When it came.</param>
    public bool TryTake(out ReadOnlySpan<byte> datagram, out Instant arrivedAt)
    {
        datagram = default;
        arrivedAt = Instant.Never;
        if (_start == _end)
        {
            (_bytes, _start, _end) = ([], 0, 0);
            return false;
        }

        arrivedAt = ArrivalOfFirst;
        datagram = _bytes.AsSpan(_start + Prefix, LengthOfFirst());
        _start += Prefix + datagram.Length;
        return true;
    }

    /// <summary>Gives up what has waited too long.</summary>
    public void Expire(Instant now)
    {
        while (_start < _end && now >= Deadline) GiveUpFirst();
    }

    private int LengthOfFirst() => BinaryPrimitives.ReadUInt16LittleEndian(_bytes.AsSpan(_start + sizeof(long)));

    private void GiveUpFirst()
    {
        _start += Prefix + LengthOfFirst();
        GivenUp++;
    }

    private void MoveToFront()
    {
        _bytes.AsSpan(_start, _end - _start).CopyTo(_bytes);
        (_start, _end) = (0, _end - _start);
    }
}
