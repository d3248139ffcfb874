using System.Net;
using EdgeAssist.Contracts;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>
/// A token bucket for each source address, asked before a message is parsed, so that a flood costs a dictionary look-up and
/// no more. The table is bounded: when it is full of sources it is forgotten as a whole, which only gives everyone a full bucket.
/// Used by one receive loop; each has its own.
/// </summary>
/// <param name="perSecond">Messages a second a source may send; twice as many at once.</param>
internal sealed class SipSourceLimiter(int perSecond)
{
    private const int MaxSources = 4096;

    private readonly Dictionary<IPAddress, (double Tokens, Instant At)> _buckets = [];

    public bool TryPass(IPAddress source, Instant now)
    {
        double burst = 2 * perSecond;
        if (_buckets.Count >= MaxSources && !_buckets.ContainsKey(source)) _buckets.Clear();
        var (tokens, at) = _buckets.TryGetValue(source, out var bucket) ? bucket : (burst, now);
        tokens = Math.Min(burst, tokens + ((now - at).TotalSeconds * perSecond));
        var passes = tokens >= 1;
        _buckets[source] = (passes ? tokens - 1 : tokens, now);
        return passes;
    }
}
