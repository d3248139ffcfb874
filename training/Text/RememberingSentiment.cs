using EdgeAssist.Inference.Sentiment;

namespace EdgeAssist.Training.Text;

/// <summary>Scores every text once: evaluation asks for the same ones again and again.</summary>
internal sealed class RememberingSentiment(ITextSentiment sentiment) : ITextSentiment
{
    private readonly Dictionary<(string Text, string Before), TextScores> _known = [];

    public TextScores Score(string text, IReadOnlyList<string> before)
    {
        // Longer utterances are read alone, whatever came before.
        var joins = UtteranceWords.Split(text).Count <= FragmentReading.FragmentWords;
        var key = (text, joins && before.Count > 0 ? before[^1] : "");
        if (!_known.TryGetValue(key, out var scores)) _known.Add(key, scores = sentiment.Score(text, before));
        return scores;
    }
}
