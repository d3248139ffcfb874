using System.Runtime.InteropServices;

namespace EdgeAssist.Inference.Sentiment;

/// <summary>
/// The features of an utterance as 32-bit hashes: words, pairs and triples of neighbours, pairs with one word between, words
/// under a negation, and runs of 3 to 5 letters inside each word. Training and run time use this one type, so they cannot
/// drift apart. FNV-1a (Fowler, Noll, Vo) over UTF-16 units, seeded by kind, finished as in MurmurHash3.
/// </summary>
internal static class TextFeaturizer
{
    /// <summary>The hash of no feature; row 0 of every model is the one all utterances share.</summary>
    public const uint None = 0;

    private const uint Basis = 2166136261;
    private const uint Prime = 16777619;
    private const int NegationReach = 3;

    private enum Kind : uint
    {
        Word = 1,
        Pair = 2,
        Triple = 3,
        Skip = 4,
        Negated = 5,
        Letters = 6,
        Length = 7,
    }

    /// <summary>Adds the features of <paramref name="words"/> to <paramref name="features"/>; repeated features appear once.</summary>
    public static void Add(IReadOnlyList<string> words, HashSet<uint> features)
    {
        var negation = 0;
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            features.Add(Finish(Mix(Seed(Kind.Word), word)));
            if (i == 0) features.Add(Finish(Mix(Mix(Seed(Kind.Pair), "^"), word)));
            features.Add(Finish(Mix(Mix(Seed(Kind.Pair), word), i + 1 < words.Count ? words[i + 1] : "$")));
            if (i + 2 < words.Count)
            {
                features.Add(Finish(Mix(Mix(Mix(Seed(Kind.Triple), word), words[i + 1]), words[i + 2])));
                features.Add(Finish(Mix(Mix(Seed(Kind.Skip), word), words[i + 2])));
            }

            if (negation > 0) features.Add(Finish(Mix(Seed(Kind.Negated), word)));
            negation = Negates(word) ? NegationReach : negation - 1;
            AddLetters(word, features);
        }

        features.Add(Finish(Seed(Kind.Length) ^ (uint)Math.Min(8, (int)Math.Log2(words.Count + 1))));
    }

    private static void AddLetters(string word, HashSet<uint> features)
    {
        if (word.Length < 3) return;

        Span<char> framed = stackalloc char[word.Length + 2];
        framed[0] = '<';
        word.CopyTo(framed[1..]);
        framed[^1] = '>';
        for (var length = 3; length <= 5; length++)
        {
            for (var start = 0; start + length <= framed.Length; start++)
                features.Add(Finish(Mix(Seed(Kind.Letters), framed.Slice(start, length))));
        }
    }

    private static bool Negates(string word) => word is
        "not" or "no" or "never" or "nobody" or "nothing" or "none" or "without" or "cannot" or "hardly" or "nor" or "neither"
        or "dont" or "doesnt" or "didnt" or "isnt" or "arent" or "wasnt" or "werent" or "wont" or "cant" or "couldnt"
        or "wouldnt" or "shouldnt" or "havent" or "hasnt" or "hadnt" or "aint";

    private static uint Seed(Kind kind) => Basis ^ ((uint)kind * 0x9E3779B9);

    private static uint Mix(uint hash, ReadOnlySpan<char> text)
    {
        foreach (var unit in MemoryMarshal.Cast<char, ushort>(text)) hash = (hash ^ unit) * Prime;
        return (hash ^ 0x1F) * Prime; // ends the word, so that «ab c» and «a bc» differ
    }

    private static uint Finish(uint hash)
    {
        hash = (hash ^ (hash >> 16)) * 0x85EBCA6B;
        hash = (hash ^ (hash >> 13)) * 0xC2B2AE35;
        hash ^= hash >> 16;
        return hash == None ? 1 : hash;
    }
}
