namespace EdgeAssist.Inference.Hosting;

/// <summary>Language and vocabulary of the calls of one trunk.</summary>
public sealed class TrunkSpeechOptions
{
    /// <summary>The trunk's name, as in <c>Sip:Trunks</c>.</summary>
    public string Name { get; set; } = "";

    /// <summary>ISO 639-1 or <c>auto</c>; empty: <see cref="InferenceOptions.Language"/>.</summary>
    public string Language { get; set; } = "";

    /// <summary>Added to <see cref="InferenceOptions.Vocabulary"/>.</summary>
    public IList<string> Vocabulary { get; } = [];
}
