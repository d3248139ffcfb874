using System.Diagnostics.CodeAnalysis;
using EdgeAssist.Contracts;

namespace EdgeAssist.MediaGateway.Rtp;

/// <summary>What became of a packet handed to the buffer.</summary>
internal enum InsertResult
{
    Held = 0,

    /// <summary>Held, and older than a packet that came before it.</summary>
    HeldReordered,

    Duplicate,

    /// <summary>Its place was given up before it came.</summary>
    Late,
}

/// <summary>
/// Puts packets back into order. Nothing waits while the order is right: a packet is held only behind a gap, until the gap
/// fills or the first packet behind it has waited for the depth. Analysis needs no steady pace, so none is made. A slot
/// is made when it is first needed (a line without gaps has one) and reused: nothing is allocated from then on.
/// </summary>
internal sealed class ReorderBuffer
{
    /// <summary>Packets held at most: 120 ms of 5 ms packets twice over, and some.</summary>
    public const int Capacity = 64;

    private readonly HeldPacket?[] _slots = new HeldPacket?[Capacity];   // [0, _count) sorted by number, the rest free or not made yet
    private int _count;
    private long _next = -1;      // number due next; -1 before the first release
    private ulong _releasedMask;  // bit i: number _next - 1 - i was received

    public int Count => _count;

    /// <summary>Packets whose place was given up.</summary>
    public long Lost { get; private set; }

    /// <summary>Packets pushed out of a full buffer before they were wanted.</summary>
    public long Overflowed { get; private set; }

    /// <summary>When the gap in front is to be given up; <see cref="Instant.Never"/> when nothing waits.</summary>
    public Instant Deadline(TimeSpan depth)
    {
        var earliest = Instant.Never;
        for (var i = 0; i < _count; i++) earliest = Instant.Min(earliest, Held(i).ArrivedAt);
        return earliest + depth;
    }

    /// <summary>Takes a packet in. A full buffer gives up its oldest packet.</summary>
    public InsertResult Insert(in RtpPacketView packet, long number, Codecs.PayloadFormat format, bool restarts, Instant arrivedAt)
    {
        if (_next >= 0 && number < _next) return PastResult(number);

        var at = _count;
        while (at > 0 && Held(at - 1).Number > number) at--;
        if (at > 0 && Held(at - 1).Number == number) return InsertResult.Duplicate;

        if (_count == Capacity)
        {
            RemoveFirst();
            Overflowed++;
            at = Math.Max(0, at - 1);
        }

        var slot = _slots[_count] ?? new HeldPacket();
        Array.Copy(_slots, at, _slots, at + 1, _count - at);
        _slots[at] = slot;
        slot.Fill(packet, number, format, restarts, arrivedAt);
        _count++;
        return at == _count - 1 ? InsertResult.Held : InsertResult.HeldReordered;
    }

    /// <summary>Releases the next packet if it is due.</summary>
    /// <param name="now">The time.</param>
    /// <param name="depth">How long to wait for a missing packet.</param>
    /// <param name="flush">Wait for nothing.</param>
    /// <param name="packet">The packet, valid until the next <see cref="Insert"/>.</param>
    /// <param name="lostBefore">Packets given up in front of it.</param>
    public bool TryTake(Instant now, TimeSpan depth, bool flush, [NotNullWhen(true)] out HeldPacket? packet, out long lostBefore)
    {
        packet = null;
        lostBefore = 0;
        if (_count == 0) return false;

        var first = Held(0);
        var inOrder = _next < 0 || first.Number == _next || first.Restarts;
        if (!inOrder && !flush && _count < Capacity - 1 && Deadline(depth) > now) return false;

        if (!inOrder) lostBefore = first.Number - _next;
        Lost += lostBefore;
        _releasedMask = (lostBefore >= 63 || first.Restarts ? 0 : _releasedMask << (int)(lostBefore + 1)) | 1;
        _next = first.Number + 1;
        packet = first;
        RemoveFirst();
        return true;
    }

    /// <summary>Drops what came at or before an instant: it tells of a time that was covered by another source.</summary>
    /// <returns>The packets dropped.</returns>
    public int DiscardUpTo(Instant instant)
    {
        var before = _count;
        while (_count > 0 && Held(0).ArrivedAt <= instant) RemoveFirst();
        return before - _count;
    }

    /// <summary>Forgets everything but the counts.</summary>
    public void Clear()
    {
        _count = 0;
        _next = -1;
        _releasedMask = 0;
    }

    private InsertResult PastResult(long number)
    {
        var back = _next - 1 - number;
        if (back >= 64) return InsertResult.Late;
        if ((_releasedMask & (1UL << (int)back)) != 0) return InsertResult.Duplicate;
        _releasedMask |= 1UL << (int)back;
        return InsertResult.Late;
    }

    private HeldPacket Held(int index) => _slots[index]!;

    private void RemoveFirst()
    {
        var slot = _slots[0];
        Array.Copy(_slots, 1, _slots, 0, _count - 1);
        _count--;
        _slots[_count] = slot;
    }
}
