namespace EdgeAssist.Inference.Escalation;

/// <summary>Notices that a customer says again what was said before: the sign of not being heard.</summary>
internal sealed class RequestMemory
{
    private const int Remembered = 24;
    private const int FewestShared = 3;
    private const double SharedPart = 0.5;
    private const int ContentLength = 4;

    /// <summary>Sooner than this it is one thought in two utterances, not a repetition.</summary>
    private static readonly TimeSpan Apart = TimeSpan.FromSeconds(12);

    private readonly Queue<(TimeSpan At, HashSet<string> Words)> _said = new();

    /// <summary>Takes an utterance's words; true when enough of them were said together before.</summary>
    public bool Repeats(IReadOnlyList<string> words, TimeSpan at)
    {
        var content = words.Where(IsContent).Select(Stem).ToHashSet(StringComparer.Ordinal);
        if (content.Count < FewestShared) return false;

        var repeats = _said.Any(earlier => at - earlier.At >= Apart && Shares(content, earlier.Words));
        if (_said.Count == Remembered) _said.Dequeue();
        _said.Enqueue((at, content));
        return repeats;
    }

    private static bool Shares(HashSet<string> one, HashSet<string> other)
    {
        var shared = one.Count(other.Contains);
        return shared >= FewestShared && shared >= SharedPart * Math.Min(one.Count, other.Count);
    }

    private static bool IsContent(string word) => word.Length >= ContentLength && word is not (
        "that" or "this" or "have" or "with" or "what" or "your" or "they" or "them" or "there" or "just" or "like" or "been"
        or "from" or "yeah" or "okay" or "know" or "well" or "really" or "about" or "because" or "would" or "could" or "dont"
        or "when" or "then" or "some" or "think" or "mean" or "thats" or "were" or "will" or "also" or "very" or "bit" or "little");

    private static string Stem(string word) =>
        word.Length > 6 && word.EndsWith("ing", StringComparison.Ordinal) ? word[..^3]
        : word.Length > 5 && word.EndsWith("ed", StringComparison.Ordinal) ? word[..^2]
        : word.Length > 4 && word[^1] == 's' ? word[..^1]
        : word;
}
