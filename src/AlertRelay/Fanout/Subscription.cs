using System.Threading.Channels;

namespace EdgeAssist.AlertRelay.Fanout;

/// <summary>
/// What waits for one reader. The hub puts frames in, the stream's own loop takes them out. Scores and partials give way to
/// newer ones; when too much waits nevertheless, the subscription is cut and keeps nothing. Too much is more frames than
/// <paramref name="maxPending"/> or more bytes than <see cref="MaxPendingBytes"/>; one frame, however large, may always wait.
/// </summary>
internal sealed class Subscription(StreamClass owner, long seen, int maxPending) : IDisposable
{
    /// <summary>Bytes on the wire that may wait for one reader.</summary>
    public const int MaxPendingBytes = 64 * 1024;

    // The hub and the stream's loop meet here, for a few instructions each.
    private readonly Lock _gate = new();
    private readonly LinkedList<Frame> _pending = new();
    private readonly Dictionary<string, LinkedListNode<Frame>> _replaceable = new(StringComparer.Ordinal);
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly CancellationTokenSource _cut = new();
    private readonly long _from = seen;
    private int _pendingBytes;
    private bool _closed;
    private long _conflated;

    public StreamClass Owner { get; } = owner;

    /// <summary>Ends when too much waited: a write that hangs is given up with it.</summary>
    public CancellationToken Cut => _cut.Token;

    /// <summary>Frames left out because a newer one came.</summary>
    public long Conflated => Interlocked.Read(ref _conflated);

    /// <summary>Everything up to here was taken out or does not concern this reader. Read by the stream's loop only.</summary>
    public long Seen { get; private set; } = seen;

    public void Put(Frame frame)
    {
        if (frame.Event.Offset != 0 && frame.Event.Offset <= _from) return;
        var overflow = false;
        lock (_gate)
        {
            if (_closed) return;
            if (frame.Voids.Length > 0 && _replaceable.Remove(frame.Voids, out var stale))
            {
                _pending.Remove(stale);
                _pendingBytes -= stale.Value.Size;
                _conflated++;
            }

            overflow = _pending.Count >= maxPending || (_pending.Count > 0 && _pendingBytes + frame.Size > MaxPendingBytes);
            if (overflow)
            {
                _closed = true;
                _pending.Clear();
                _pendingBytes = 0;
                _replaceable.Clear();
            }
            else
            {
                var node = _pending.AddLast(frame);
                _pendingBytes += frame.Size;
                if (frame.ReplacedBy.Length > 0) _replaceable[frame.ReplacedBy] = node;
            }
        }

        // Outside the lock: whoever listens for the cut runs here.
        if (overflow) _cut.Cancel();
        Wake();
    }

    /// <summary>The next frame, or null when all was taken; then <see cref="Seen"/> is as far as the hub is.</summary>
    public Frame? Take()
    {
        // Read first: the hub announces an offset only after putting in all that it holds.
        var published = Owner.Published;
        lock (_gate)
        {
            if (_pending.First is not { } node)
            {
                if (!_closed) Seen = Math.Max(Seen, published);
                return null;
            }

            _pending.RemoveFirst();
            _pendingBytes -= node.Value.Size;
            if (node.Value.ReplacedBy.Length > 0 && _replaceable.GetValueOrDefault(node.Value.ReplacedBy) == node)
                _replaceable.Remove(node.Value.ReplacedBy);
            return node.Value;
        }
    }

    /// <summary>The stream's loop wrote a frame.</summary>
    public void Written(Frame frame) => Seen = Math.Max(Seen, frame.Event.Offset);

    /// <summary>Lets <see cref="WaitAsync"/> go on: something came, or a deadline did.</summary>
    public void Wake() => _signal.Writer.TryWrite(true);

    /// <summary>Waits until there may be something to do. Every way a stream can end wakes it.</summary>
    public async ValueTask WaitAsync()
    {
        await _signal.Reader.WaitToReadAsync(CancellationToken.None);
        _signal.Reader.TryRead(out _);
    }

    /// <summary>After <see cref="FanoutHub.Leave"/>, when nobody puts any more.</summary>
    public void Dispose() => _cut.Dispose();
}
