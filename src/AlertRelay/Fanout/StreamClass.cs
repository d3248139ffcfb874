using EdgeAssist.AlertRelay.State;

namespace EdgeAssist.AlertRelay.Fanout;

/// <summary>The readers that see the same: the view's work is done once for all of them. Guarded by the hub's lock.</summary>
internal sealed class StreamClass(IStreamView view, long published)
{
    private readonly HashSet<Subscription> _readers = [];
    private long _published = published;

    public IStreamView View { get; } = view;

    public bool IsEmpty => _readers.Count == 0;

    /// <summary>Everything up to here has been put to every reader it concerns. Any thread may ask.</summary>
    public long Published => Volatile.Read(ref _published);

    public void Add(Subscription reader) => _readers.Add(reader);

    public void Remove(Subscription reader) => _readers.Remove(reader);

    public void Put(Frame frame)
    {
        foreach (var reader in _readers) reader.Put(frame);
    }

    public void WakeAll()
    {
        foreach (var reader in _readers) reader.Wake();
    }

    public void Publish(IReadOnlyList<RelayEvent> events, long head)
    {
        foreach (var relayEvent in events)
        {
            if (View.Project(relayEvent) is not { } frame) continue;
            foreach (var reader in _readers) reader.Put(frame);
        }

        Volatile.Write(ref _published, head);
    }
}
