namespace EdgeAssist.Inference.Models.Conversion;

/// <summary>The steps between a source and the store that the manifest may name. The results' hashes are pinned in it.</summary>
internal static class ModelConversion
{
    /// <param name="file">Says which step; without one the octets stay as they are.</param>
    /// <param name="source">The file as its package or address gives it.</param>
    /// <param name="with">The second file, where <see cref="ModelFile.With"/> names one.</param>
    /// <exception cref="ModelException">The step is unknown, or the files are not what it was made for.</exception>
    public static byte[] Run(ModelFile file, byte[] source, byte[] with) => file.Convert switch
    {
        null => source,
        "llama-vocabulary" => LlamaVocabulary.Extract(source),
        "llama-vocabulary-spoken" => SpokenTokens.Vocabulary(LlamaVocabulary.Extract(source)),
        "silero-wideband" => SileroGraph.Wideband(source),
        "moonshine-encoder" => MoonshineEncoder.Convert(source),
        "moonshine-first-step" => MoonshineDecoder.FirstStep(source, SpokenTokens.Of(LlamaVocabulary.Extract(with))),
        "moonshine-later-steps" => MoonshineDecoder.LaterSteps(source, SpokenTokens.Of(LlamaVocabulary.Extract(with))),
        _ => throw new ModelException($"The manifest asks for the step \"{file.Convert}\" on {file.Name}, which this program does not know."),
    };
}
