using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EdgeAssist.Contracts;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>
/// Copies of packets on their way from one relay loop to its fork thread: a fixed block of memory, one writer and one reader,
/// no lock. When it is full the packet at hand is not copied; the writer never waits. Two threads meet here, at the two
/// positions, each written by one of them.
/// </summary>
/// <param name="capacity">Octets, a power of two.</param>
internal sealed class RelayRing(int capacity)
{
    /// <summary>A head's length too, so that one always fits before the end.</summary>
    private const int Alignment = 16;
    private const int Skip = -1;

    [StructLayout(LayoutKind.Sequential)]
    private struct Head
    {
        public int Leg;
        public int Length;
        public long At;
    }

    private static readonly int s_head = Unsafe.SizeOf<Head>();

    private readonly byte[] _memory = new byte[capacity];
    private long _written, _read;
    private long _readSeen;   // the writer's last look at the reader

    /// <summary>Everything written before this position has it behind it.</summary>
    public long Written => Volatile.Read(ref _written);

    /// <summary>Everything before this position was read.</summary>
    public long Consumed => Volatile.Read(ref _read);

    /// <summary>Copies a packet in.</summary>
    /// <param name="leg">Whose it is.</param>
    /// <param name="packet">The packet.</param>
    /// <param name="arrivedAt">When it came.</param>
    /// <returns>False when there is no room.</returns>
    public bool TryWrite(int leg, ReadOnlySpan<byte> packet, Instant arrivedAt)
    {
        var length = Whole(packet.Length);
        var at = (int)(_written & (capacity - 1));
        var skip = at + length > capacity ? capacity - at : 0;
        if (_written + skip + length - _readSeen > capacity)
        {
            _readSeen = Volatile.Read(ref _read);
            if (_written + skip + length - _readSeen > capacity) return false;
        }

        if (skip > 0)
        {
            Put(at, new Head { Leg = Skip, Length = skip });
            at = 0;
        }

        Put(at, new Head { Leg = leg, Length = packet.Length, At = arrivedAt.Ticks });
        packet.CopyTo(_memory.AsSpan(at + s_head));
        Volatile.Write(ref _written, _written + skip + length);
        return true;
    }

    /// <summary>Shows the oldest packet; valid until <see cref="Release"/>.</summary>
    public bool TryPeek(out int leg, out ReadOnlySpan<byte> packet, out Instant arrivedAt)
    {
        packet = default;
        (leg, arrivedAt) = (0, default);
        if (_read == Volatile.Read(ref _written)) return false;

        var at = (int)(_read & (capacity - 1));
        var head = Get(at);
        if (head.Leg == Skip)
        {
            _read += head.Length;
            (at, head) = (0, Get(0));
        }

        leg = head.Leg;
        packet = _memory.AsSpan(at + s_head, head.Length);
        arrivedAt = new Instant(head.At);
        return true;
    }

    /// <summary>Gives back the room of the packet last shown.</summary>
    public void Release(int length) => Volatile.Write(ref _read, _read + Whole(length));

    private static int Whole(int length) => (s_head + length + Alignment - 1) & ~(Alignment - 1);

    private void Put(int at, Head head) => MemoryMarshal.Write(_memory.AsSpan(at), head);

    private Head Get(int at) => MemoryMarshal.Read<Head>(_memory.AsSpan(at));
}
