using EdgeAssist.AlertRelay.State;

namespace EdgeAssist.AlertRelay.Fanout;

/// <summary>A reader that has joined the live flow.</summary>
/// <param name="Subscription">What comes from now on.</param>
/// <param name="State">The cut it joined at: everything behind <see cref="RelayState.Offset"/> comes through the subscription.</param>
/// <param name="Missed">What lies between the reader's place and the cut, all views alike, in order.</param>
internal readonly record struct Joined(Subscription Subscription, RelayState State, IReadOnlyList<RelayEvent> Missed);

/// <summary>Where durable events meet their readers. Publishing never waits for any of them.</summary>
internal sealed class FanoutHub
{
    /// <summary>How many of the newest events are kept for readers that come back soon; older ones come out of the journal.</summary>
    public const int TailLength = 4096;

    // The writer publishes, streams come and go. Held for the putting of one batch into the readers' queues; that keeps
    // «which events are in the snapshot, which come after it» a matter of which side of the lock they are on.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, StreamClass> _classes = new(StringComparer.Ordinal);
    private readonly Queue<RelayEvent> _tail = new();
    private RelayState _state;

    public FanoutHub(RelayState state) => _state = state;

    public void Publish(RelayState state, IReadOnlyList<RelayEvent> events)
    {
        lock (_gate)
        {
            _state = state;
            foreach (var relayEvent in events)
            {
                if (relayEvent.Offset == 0) continue;
                if (_tail.Count == TailLength) _tail.Dequeue();
                _tail.Enqueue(relayEvent);
            }

            if (events.Count == 0) return;
            foreach (var group in _classes.Values) group.Publish(events, state.Offset);
        }
    }

    /// <summary>Joins at the newest cut.</summary>
    public Joined Join(IStreamView view, int maxPending)
    {
        lock (_gate) return new Joined(Add(view, _state.Offset, maxPending), _state, []);
    }

    /// <summary>Joins behind <paramref name="after"/>; null when more is missing than is kept here: read on in the journal.</summary>
    public Joined? TryJoin(IStreamView view, long after, int maxPending)
    {
        lock (_gate)
        {
            if (_state.Offset - after > _tail.Count) return null;

            // A reader of the journal may be ahead of the hub by the batch that is just being published.
            var missed = _tail.Where(relayEvent => relayEvent.Offset > after).ToList();
            return new Joined(Add(view, Math.Max(after, _state.Offset), maxPending), _state, missed);
        }
    }

    public void Leave(Subscription subscription)
    {
        lock (_gate)
        {
            subscription.Owner.Remove(subscription);
            if (subscription.Owner.IsEmpty) _classes.Remove(subscription.Owner.View.Key);
        }
    }

    /// <summary>Puts a frame of no event to every reader whose view takes it.</summary>
    public void Announce(Frame frame, Func<IStreamView, bool> takes)
    {
        lock (_gate)
        {
            foreach (var group in _classes.Values)
            {
                if (takes(group.View)) group.Put(frame);
            }
        }
    }

    /// <summary>Wakes every stream: something that concerns all of them changed.</summary>
    public void WakeAll()
    {
        lock (_gate)
        {
            foreach (var group in _classes.Values) group.WakeAll();
        }
    }

    private Subscription Add(IStreamView view, long seen, int maxPending)
    {
        if (!_classes.TryGetValue(view.Key, out var group))
            _classes[view.Key] = group = new StreamClass(view, _state.Offset);

        var subscription = new Subscription(group, seen, maxPending);
        group.Add(subscription);
        return subscription;
    }
}
