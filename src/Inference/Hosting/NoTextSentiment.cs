using EdgeAssist.Inference.Sentiment;

namespace EdgeAssist.Inference.Hosting;

/// <summary>Says nothing about any text: stands in where the text model could not be loaded, so that phrases and voice still count.</summary>
internal sealed class NoTextSentiment : ITextSentiment
{
    public TextScores Score(string text, IReadOnlyList<string> before) => default;
}
