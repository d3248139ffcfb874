namespace EdgeAssist.Client;

/// <summary>How a stream's connection is.</summary>
public enum ConnectionState
{
    /// <summary>The stream is open and said hello.</summary>
    Connected,

    /// <summary>Nothing came for longer than a heartbeat takes; what is shown may be old.</summary>
    Stale,

    /// <summary>The connection is lost; the client tries again by itself and resumes where it was.</summary>
    Reconnecting,
}

/// <summary>One thing a watched stream has to tell.</summary>
/// <typeparam name="TSnapshot">What snapshots are made of.</typeparam>
/// <typeparam name="TEvent">What follows live.</typeparam>
public abstract record WatchItem<TSnapshot, TEvent>
{
    private WatchItem()
    {
    }

    /// <summary>One entry of the snapshot.</summary>
    public sealed record Snapshot(TSnapshot Value) : WatchItem<TSnapshot, TEvent>;

    /// <summary>The snapshot is complete; events behind <paramref name="Bookmark"/> follow.</summary>
    public sealed record SnapshotEnd(long Bookmark) : WatchItem<TSnapshot, TEvent>;

    /// <summary>Something happened. Comes once each, in order.</summary>
    public sealed record Event(TEvent Value) : WatchItem<TSnapshot, TEvent>;

    /// <summary>
    /// Forget what was shown: the server could not go on where the stream was. A snapshot follows when one was asked for.
    /// </summary>
    /// <param name="Reason">The server's word: <c>HISTORY_TRIMMED</c>, <c>EPOCH_CHANGED</c>, or <c>SNAPSHOT_INTERRUPTED</c>.</param>
    public sealed record Reset(string Reason) : WatchItem<TSnapshot, TEvent>;

    /// <summary>A call has left what the token may see: take it off the screen. Calls only.</summary>
    public sealed record Revoked(string CallId) : WatchItem<TSnapshot, TEvent>;

    /// <summary>The product cannot see, or sees again when <paramref name="Missing"/> is empty. Alerts only.</summary>
    /// <param name="Missing"><c>audio</c>, <c>recognition</c>, <c>supervisors</c>, <c>journal</c>.</param>
    /// <param name="Sentence">For people.</param>
    public sealed record Blind(IReadOnlyList<string> Missing, string Sentence) : WatchItem<TSnapshot, TEvent>;

    /// <summary>The connection changed.</summary>
    public sealed record Connection(ConnectionState State, string Sentence) : WatchItem<TSnapshot, TEvent>;
}
