using EdgeAssist.Inference.Models;

namespace EdgeAssist.Inference.Sentiment;

/// <summary>Loads a text model of whichever kind the manifest says it is: by its files.</summary>
internal static class TextSentiments
{
    /// <summary>The model used when nothing else is set.</summary>
    public const string Default = "text-escalation-v3";

    /// <exception cref="ModelException">Missing, altered, or of no kind known here.</exception>
    public static ITextSentiment Load(ModelStore store, string name = Default) =>
        WordPieceTextSentiment.Fits(store.Manifest.Find(name)) ? WordPieceTextSentiment.Load(store, name) : NgramTextSentiment.Load(store, name);
}
