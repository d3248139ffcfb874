namespace EdgeAssist.Inference.Asr;

/// <summary>
/// Makes the words of a list likelier while they are being said (shallow fusion with a prefix tree, Zhao et al. 2019): a little
/// where one may begin, more where one has begun. Each word is looked for as it is written, in small letters, and with a capital.
/// </summary>
internal sealed class VocabularyBias : ITokenBias
{
    /// <summary>Added to the logit of a token a word may begin with.</summary>
    public const float AtBegin = 1;

    /// <summary>Added to the logit of a token a begun word goes on with.</summary>
    public const float Within = 4;

    private readonly Node _root = new();
    private int _longest;

    private VocabularyBias()
    {
    }

    /// <param name="words">Words or short phrases.</param>
    /// <param name="text">The model's vocabulary.</param>
    public static VocabularyBias Of(IEnumerable<string> words, TokenText text)
    {
        var pairs = new BytePairs(text);
        var bias = new VocabularyBias();
        foreach (var word in words.Select(word => word.Trim()).Where(word => word.Length > 0))
        foreach (var form in Forms(word))
            bias.Add(pairs.Encode(" " + form));
        return bias;
    }

    public void Apply(ReadOnlySpan<int> fed, Span<float> logits)
    {
        Raise(_root, AtBegin, logits);
        for (var from = Math.Max(0, fed.Length - _longest); from < fed.Length; from++)
            if (_root.Follow(fed[from..]) is { } begun) Raise(begun, Within, logits);
    }

    private static IEnumerable<string> Forms(string word) =>
        new[] { word, word.ToLowerInvariant(), char.ToUpperInvariant(word[0]) + word[1..] }.Distinct(StringComparer.Ordinal);

    private static void Raise(Node node, float by, Span<float> logits)
    {
        foreach (var token in node.Next.Keys)
            if (token < logits.Length) logits[token] += by;
    }

    private void Add(int[] tokens)
    {
        _longest = Math.Max(_longest, tokens.Length);
        var node = _root;
        foreach (var token in tokens)
        {
            if (!node.Next.TryGetValue(token, out var next)) node.Next[token] = next = new Node();
            node = next;
        }
    }

    private sealed class Node
    {
        public Dictionary<int, Node> Next { get; } = [];

        public Node? Follow(ReadOnlySpan<int> tokens)
        {
            var node = this;
            foreach (var token in tokens)
                if (!node.Next.TryGetValue(token, out node)) return null;
            return node;
        }
    }
}
