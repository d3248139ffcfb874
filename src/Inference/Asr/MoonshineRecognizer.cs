using EdgeAssist.Contracts;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Onnx;

namespace EdgeAssist.Inference.Asr;

/// <summary>Greedy decoding of Moonshine. It knows English alone.</summary>
internal sealed class MoonshineRecognizer(string name, ISpeechModel model, TokenText text) : ISpeechRecognizer
{
    private const int BeginToken = 1;
    private const int EndToken = 2;

    // Below the encoder's receptive field there is nothing to encode.
    private const int ShortestSamples = PcmFormat.SampleRate / 10;

    public string Name => name;

    /// <exception cref="ModelException">A file is missing, altered, or not what it should be.</exception>
    public static MoonshineRecognizer Load(ModelStore store, string name)
    {
        var entry = store.Manifest.Find(name);
        var text = TokenText.Parse(store.Read(entry, "vocabulary.txt"));
        return new MoonshineRecognizer(name, MoonshineModel.Load(store, name), text);
    }

    public Recognition Recognize(ReadOnlyMemory<float> samples, SpeechContext context, CancellationToken cancellationToken)
    {
        if (samples.Length < ShortestSamples) return Recognition.Nothing;

        cancellationToken.ThrowIfCancellationRequested();
        using var decoder = model.Encode(samples);
        var decoded = GreedyDecoding.Run(decoder, BeginToken, EndToken, GreedyDecoding.Limit(PcmFormat.Duration(samples.Length)), cancellationToken);
        var said = text.Decode(decoded.Tokens);
        return new Recognition(said, decoded.MeanProbability, decoded.Tokens.Count, !decoded.Ended, WordAlignment.Place(said, decoded.MeanProbability, samples.Span));
    }

    /// <summary>The first token alone: what an utterance costs before its first word, for measurements.</summary>
    internal ScoredToken FirstToken(ReadOnlyMemory<float> samples)
    {
        using var decoder = model.Encode(samples);
        return decoder.Next(BeginToken);
    }

    public void Dispose() => model.Dispose();
}
