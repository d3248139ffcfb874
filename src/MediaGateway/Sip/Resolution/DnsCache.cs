using System.Collections.Immutable;
using EdgeAssist.Contracts;

namespace EdgeAssist.MediaGateway.Sip.Resolution;

/// <summary>
/// Answers until their time to live is over; that there is none, for half a minute. Bounded: when it is full, the oldest answer goes.
/// One owner at a time.
/// </summary>
internal sealed class DnsCache(int capacity = DnsCache.DefaultCapacity)
{
    public const int DefaultCapacity = 1024;

    private static readonly TimeSpan s_absent = TimeSpan.FromSeconds(30);

    private readonly Dictionary<(string, DnsType), (ImmutableArray<DnsRecord> Records, Instant Until)> _answers = [];
    private readonly Queue<(string, DnsType)> _order = new();

    public int Count => _answers.Count;

    public bool TryGet(string name, DnsType type, Instant now, out ImmutableArray<DnsRecord> records)
    {
        var isKnown = _answers.TryGetValue((name, type), out var answer) && now < answer.Until;
        records = isKnown ? answer.Records : [];
        return isKnown;
    }

    /// <summary>Keeps an answer for its shortest time to live.</summary>
    public void Put(string name, DnsType type, ImmutableArray<DnsRecord> records, Instant now)
    {
        if (!_answers.ContainsKey((name, type)))
        {
            if (_answers.Count >= capacity) _answers.Remove(_order.Dequeue());
            _order.Enqueue((name, type));
        }

        _answers[(name, type)] = (records, now + (records.IsEmpty ? s_absent : records.Min(record => record.TimeToLive)));
    }
}
