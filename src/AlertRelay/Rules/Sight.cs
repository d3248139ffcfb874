using EdgeAssist.Contracts;

namespace EdgeAssist.AlertRelay.Rules;

/// <summary>What the product needs in order to see, one reading.</summary>
/// <param name="LiveCalls">Calls that have not ended.</param>
/// <param name="AnythingSaid">When analysis last said anything about any call.</param>
/// <param name="Supervisor">Somebody who may act has a stream open.</param>
/// <param name="Journal">The journal takes records.</param>
/// <param name="Others">What other parts report missing now, by name, with a sentence.</param>
internal readonly record struct SightReading(int LiveCalls, Instant AnythingSaid, bool Supervisor, bool Journal, IReadOnlyList<(string Missing, string Sentence)> Others);

/// <summary>
/// Notices that nobody would notice: calls are live and nothing is heard of them, or nobody is there who could be told. A dead
/// man's switch: it looks at what should come and does not.
/// </summary>
internal sealed class Sight(TimeSpan patience)
{
    private readonly Dictionary<string, Instant> _since = new(StringComparer.Ordinal);

    /// <summary>What is missing now, in the order of the names; each was missing for as long as the patience.</summary>
    public IReadOnlyList<(string Missing, string Sentence)> Look(SightReading reading, Instant now)
    {
        var missing = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, sentence) in Wrong(reading, now))
        {
            if (!_since.TryGetValue(name, out var since)) _since[name] = since = now;
            if (now - since >= patience) missing.TryAdd(name, sentence);
        }

        foreach (var mended in _since.Keys.Except(Wrong(reading, now).Select(wrong => wrong.Missing)).ToList()) _since.Remove(mended);
        return [.. missing.Select(each => (each.Key, each.Value))];
    }

    private IEnumerable<(string Missing, string Sentence)> Wrong(SightReading reading, Instant now)
    {
        if (!reading.Journal) yield return ("journal", "The journal takes no records: new alerts are refused.");
        foreach (var other in reading.Others) yield return other;
        if (reading.LiveCalls == 0) yield break;
        if (!reading.Supervisor) yield return ("supervisors", "Calls are live and no supervisor is connected: nobody would be told.");

        // Half of the time for it to be silent, half for it to stay so.
        if (now - reading.AnythingSaid >= patience) yield return ("recognition", "Calls are live and nothing is heard of them: neither words nor scores come in.");
    }
}
