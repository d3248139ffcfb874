using EdgeAssist.Contracts;
using EdgeAssist.Inference.Asr;
using EdgeAssist.Inference.Models;

namespace EdgeAssist.Inference.Whisper;

/// <summary>Greedy decoding of Whisper, with its own guards beside the common one against loops.</summary>
internal sealed class WhisperRecognizer(string name, WhisperModel model) : ISpeechRecognizer
{
    public const string ModelFile = "ggml-model.bin";

    // openai/whisper, transcribe.py: nothing was said when the model doubts that there is speech and its words as well.
    private const float NoSpeechThreshold = 0.6f;
    private const double LogProbabilityThreshold = -1;

    private const int ShortestSamples = PcmFormat.SampleRate / 10;
    private const int LongestSamples = 30 * PcmFormat.SampleRate;

    public string Name => name;

    internal WhisperModel Model => model;

    /// <param name="store">Where the model is.</param>
    /// <param name="name">The model's.</param>
    /// <param name="library">Disposed with the recogniser, and when it cannot be made.</param>
    /// <exception cref="ModelException">Model or library is missing, altered, or not what it should be.</exception>
    public static WhisperRecognizer Load(ModelStore store, string name, WhisperLibrary library)
    {
        try
        {
            var entry = store.Manifest.Find(name);
            return new WhisperRecognizer(name, new WhisperModel(library, store.Read(entry, ModelFile), name));
        }
        catch (ModelException)
        {
            library.Dispose();
            throw;
        }
    }

    public Recognition Recognize(ReadOnlyMemory<float> samples, SpeechContext context, CancellationToken cancellationToken)
    {
        if (samples.Length < ShortestSamples) return Recognition.Nothing;

        cancellationToken.ThrowIfCancellationRequested();
        var heard = samples.Length <= LongestSamples ? samples : samples[..LongestSamples];
        using var decoding = model.Encode(heard, context, cancellationToken);
        var limit = Math.Min(GreedyDecoding.Limit(PcmFormat.Duration(heard.Length)), (model.File.TextContext / 2) - 8);
        var tokens = GreedyDecoding.Run(decoding, [model.BeginToken], [], model.EndToken, limit, cancellationToken);
        var text = model.Text.Decode(tokens.Tokens);
        return Nobody(decoding.NoSpeech, tokens) || CompressionGuard.Ratio(text) > CompressionGuard.HighestRatio
            ? Recognition.Nothing with { Tokens = tokens.Tokens.Count, Truncated = !tokens.Ended }
            : new Recognition(text, tokens.MeanProbability, tokens.Tokens.Count, !tokens.Ended, WordAlignment.Place(text, tokens.MeanProbability, heard.Span));
    }

    public void Dispose() => model.Dispose();

    private static bool Nobody(float noSpeech, DecodedTokens tokens) =>
        noSpeech > NoSpeechThreshold && tokens.MeanLogProbability < LogProbabilityThreshold;
}
