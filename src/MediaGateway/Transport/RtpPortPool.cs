using EdgeAssist.Contracts;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>
/// Port pairs of a range: the even one for RTP, the next for RTCP (RFC 3550 §11). A pair given back rests before it is
/// given out again; the one that rested longest goes first. Guarded by its owner.
/// </summary>
internal sealed class RtpPortPool
{
    private readonly Queue<(int Port, Instant FreeFrom)> _free = new();
    private readonly TimeSpan _coolDown;

    /// <param name="first">First even port.</param>
    /// <param name="last">Last port; a pair lies wholly inside.</param>
    /// <param name="coolDown">How long a pair rests.</param>
    public RtpPortPool(int first, int last, TimeSpan coolDown)
    {
        _coolDown = coolDown;
        for (var port = first; port + 1 <= last; port += 2) _free.Enqueue((port, new Instant(long.MinValue)));
    }

    /// <summary>Pairs not given out, resting ones included.</summary>
    public int Free => _free.Count;

    /// <summary>Takes a pair that has rested.</summary>
    public bool TryTake(Instant now, out int port)
    {
        port = 0;
        if (!_free.TryPeek(out var pair) || pair.FreeFrom > now) return false;

        _free.Dequeue();
        port = pair.Port;
        return true;
    }

    public void Return(int port, Instant now) => _free.Enqueue((port, now + _coolDown));
}
