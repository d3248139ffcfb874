using System.Collections.Concurrent;
using EdgeAssist.AlertRelay.State;

namespace EdgeAssist.AlertRelay.Fanout;

/// <summary>
/// Who was told of which alert, between the streams that tell and the writer that notes it with its next tick. Full: what
/// comes on top is not noted, which errs towards «nobody was told».
/// </summary>
internal sealed class ToldLedger
{
    private const int Capacity = 8192;

    // Every stream's loop adds; the writer takes.
    private readonly ConcurrentQueue<Delivery> _told = new();
    private int _count;

    public void Add(Delivery delivery)
    {
        if (Interlocked.Increment(ref _count) > Capacity)
        {
            Interlocked.Decrement(ref _count);
            return;
        }

        _told.Enqueue(delivery);
    }

    public IReadOnlyList<Delivery> TakeAll()
    {
        if (_told.IsEmpty) return [];
        var taken = new List<Delivery>();
        while (_told.TryDequeue(out var delivery))
        {
            Interlocked.Decrement(ref _count);
            taken.Add(delivery);
        }

        return taken;
    }
}
