using System.Collections.Concurrent;
using EdgeAssist.Contracts;

namespace EdgeAssist.AlertRelay.Grpc;

/// <summary>How fast one principal may open streams: opening costs a snapshot and a signature, and floods open and reset.</summary>
internal sealed class StreamRate(int perMinute, TimeProvider time)
{
    private readonly double _burst = Math.Max(1, perMinute * 0.4);

    // Streams open on request threads; each principal's bucket has its own lock.
    private readonly ConcurrentDictionary<string, Bucket> _buckets = new(StringComparer.Ordinal);

    public bool TryEnter(string subject)
    {
        var now = Instant.Now(time);
        var bucket = _buckets.GetOrAdd(subject, _ => new Bucket { Left = _burst, Since = now });
        lock (bucket)
        {
            Fill(bucket, now);
            if (bucket.Left < 1) return false;
            bucket.Left--;
            return true;
        }
    }

    /// <summary>Full buckets say nothing that a new one would not.</summary>
    public void Forget()
    {
        var now = Instant.Now(time);
        foreach (var (subject, bucket) in _buckets)
        {
            lock (bucket)
            {
                Fill(bucket, now);
                if (bucket.Left >= _burst) _buckets.TryRemove(subject, out _);
            }
        }
    }

    private void Fill(Bucket bucket, Instant now)
    {
        bucket.Left = Math.Min(_burst, bucket.Left + (now - bucket.Since).TotalMinutes * perMinute);
        bucket.Since = now;
    }

    private sealed class Bucket
    {
        public double Left { get; set; }

        public Instant Since { get; set; }
    }
}
