using System.Collections.Immutable;

namespace EdgeAssist.MediaGateway.Sip.Resolution;

/// <summary>The order in which servers are tried (RFC 2782): by priority, and within one drawn by weight.</summary>
internal static class SrvOrder
{
    /// <summary>Sorts; a target of «.» says that the service is not there and is left out.</summary>
    /// <param name="records">SRV records of one name.</param>
    /// <param name="draw">Draws a number from 0 to the given one, both included.</param>
    public static ImmutableArray<DnsService> Of(IEnumerable<DnsService> records, Func<int, int> draw)
    {
        var ordered = ImmutableArray.CreateBuilder<DnsService>();
        foreach (var group in records.Where(record => record.Target.Length > 0).GroupBy(record => record.Priority).OrderBy(group => group.Key))
        {
            // Those of weight 0 first, so that they have a small chance (RFC 2782, «Weight»).
            var left = group.OrderBy(record => record.Weight == 0 ? 0 : 1).ToList();
            while (left.Count > 0)
            {
                var drawn = draw(left.Sum(record => record.Weight));
                var sum = 0;
                var next = left.FindIndex(record => (sum += record.Weight) >= drawn);
                ordered.Add(left[next]);
                left.RemoveAt(next);
            }
        }

        return ordered.ToImmutable();
    }
}
