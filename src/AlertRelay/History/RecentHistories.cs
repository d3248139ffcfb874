using System.Collections.Concurrent;
using EdgeAssist.Contracts;

namespace EdgeAssist.AlertRelay.History;

/// <summary>The newest answer for each of the calls looked up last. Lookups write, anybody reads.</summary>
internal sealed class RecentHistories : ICallHistories
{
    private const int Most = 8192;

    private readonly ConcurrentDictionary<CallId, CallHistory> _known = new();
    private readonly ConcurrentQueue<CallId> _order = new();

    public CallHistory? Of(CallId call) => _known.GetValueOrDefault(call);

    public void Keep(CallHistory history)
    {
        if (_known.TryAdd(history.Call, history))
        {
            _order.Enqueue(history.Call);
            while (_known.Count > Most && _order.TryDequeue(out var oldest)) _known.TryRemove(oldest, out _);
            return;
        }

        // Two looks at one call may end in any order: the later look stays.
        _known.AddOrUpdate(history.Call, history, (_, kept) => kept.LookedUpAt > history.LookedUpAt ? kept : history);
    }

    /// <summary>Whether any of the calls belongs to a customer and fits.</summary>
    public bool Any(string customerKey, Func<CallId, bool> fits) =>
        _known.Values.Any(history => history.Customer?.Key == customerKey && fits(history.Call));

    /// <summary>Forgets a customer.</summary>
    public void Forget(string customerKey)
    {
        foreach (var (call, history) in _known)
            if (history.Customer?.Key == customerKey) _known.TryRemove(call, out _);
    }
}
