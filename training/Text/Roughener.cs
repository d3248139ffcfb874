using EdgeAssist.Training.Data;

namespace EdgeAssist.Training.Text;

/// <summary>
/// Makes words look as a telephone recogniser leaves them: words dropped, repeated or misheard, fillers put in, the utterance
/// cut at either end where voice activity cut it.
/// </summary>
internal sealed class Roughener(ulong seed)
{
    private static readonly string[] Fillers = ["uh", "um", "well", "so", "like", "you know", "i mean", "yeah", "and"];

    // Pairs telephone recognisers mix up; applied in both directions.
    private static readonly (string, string)[] Misheard =
    [
        ("want", "wont"), ("not", "now"), ("can", "cant"), ("your", "you"), ("are", "our"), ("four", "for"), ("two", "to"),
        ("there", "their"), ("im", "am"), ("its", "is"), ("this", "the"), ("wait", "way"), ("told", "tell"), ("he", "she"),
        ("bill", "bell"), ("call", "fall"), ("the", "a"), ("hold", "home"), ("know", "no"), ("hear", "here"), ("weeks", "week"),
        ("worst", "first"), ("refund", "found"), ("paid", "pay"), ("angry", "hungry"), ("fix", "fixed"), ("lost", "last"),
    ];

    private readonly Seeded _random = new(seed);

    public List<string> Roughen(List<string> words)
    {
        var rough = new List<string>(words.Count + 4);
        foreach (var word in words)
        {
            var roll = _random.NextDouble();
            if (roll < 0.04 && words.Count > 3) continue;
            if (roll is >= 0.04 and < 0.06) rough.Add(word); // said twice
            if (roll is >= 0.06 and < 0.08) rough.AddRange(Fillers[_random.Next(Fillers.Length)].Split(' '));
            rough.Add(roll is >= 0.08 and < 0.15 ? Mishear(word) : word);
        }

        if (rough.Count > 8 && _random.Chance(0.15)) rough.RemoveRange(0, 1 + _random.Next(2));
        if (rough.Count > 8 && _random.Chance(0.15)) rough.RemoveRange(rough.Count - 2, 2);
        return rough.Count == 0 ? words : rough;
    }

    private string Mishear(string word)
    {
        foreach (var (one, other) in Misheard)
        {
            if (word == one) return other;
            if (word == other) return one;
        }

        if (word.Length < 4) return word;

        var at = 1 + _random.Next(word.Length - 2);
        return word.Remove(at, 1); // a sound lost inside the word
    }
}
