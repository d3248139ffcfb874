using EdgeAssist.Contracts;

namespace EdgeAssist.MediaGateway.Sip.Transactions;

/// <summary>
/// Deadlines of many timed things, nearest first. An entry that was overtaken by a later deadline stays in the heap and is
/// looked at once when it comes up: cheaper than finding and removing it at every change.
/// </summary>
internal sealed class TimerQueue
{
    private readonly PriorityQueue<ITimed, long> _heap = new();

    /// <summary>When the next entry comes up.</summary>
    public Instant Deadline => _heap.TryPeek(out _, out var ticks) ? new Instant(ticks) : Instant.Never;

    /// <summary>Notes the deadline of something after it changed.</summary>
    public void Note(ITimed item)
    {
        if (!item.Deadline.IsNever) _heap.Enqueue(item, item.Deadline.Ticks);
    }

    /// <summary>Takes the next thing whose deadline has passed.</summary>
    public bool TryTakeDue(Instant now, out ITimed? due)
    {
        while (_heap.TryPeek(out due, out var ticks) && ticks <= now.Ticks)
        {
            _heap.Dequeue();
            if (due.Deadline <= now) return true;
        }

        due = null;
        return false;
    }
}
