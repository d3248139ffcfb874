using EdgeAssist.Contracts;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Onnx;

namespace EdgeAssist.Inference.Asr;

/// <summary>Greedy decoding of Moonshine: the likeliest token, one after the other, until the end token, the limit or a loop.</summary>
internal sealed class MoonshineRecognizer(string name, ISpeechModel model, TokenText text) : ISpeechRecognizer
{
    private const int BeginToken = 1;
    private const int EndToken = 2;

    // Fast English is about 4 words a second, 1.3 tokens each; the slack is for very short utterances.
    private const double TokensPerSecond = 6;
    private const int TokenSlack = 8;

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

    public Recognition Recognize(ReadOnlyMemory<float> samples, CancellationToken cancellationToken)
    {
        if (samples.Length < ShortestSamples) return new Recognition("", 0, 0, Truncated: false, []);

        cancellationToken.ThrowIfCancellationRequested();
        using var decoder = model.Encode(samples);

        var limit = (int)(TokensPerSecond * samples.Length / PcmFormat.SampleRate) + TokenSlack;
        var tokens = new List<int>(limit);
        var probabilities = new List<float>(limit);
        var (ended, excess) = (false, 0);
        for (var token = BeginToken; tokens.Count < limit && excess == 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            (token, var probability) = decoder.Next(token);
            if (ended = token == EndToken) break;

            tokens.Add(token);
            probabilities.Add(probability);
            excess = RepetitionGuard.Excess(tokens);
        }

        tokens.RemoveRange(tokens.Count - excess, excess);
        probabilities.RemoveRange(probabilities.Count - excess, excess);
        var confidence = probabilities.Count == 0 ? 0 : probabilities.Average();
        return new Recognition(text.Decode(tokens), confidence, tokens.Count, Truncated: !ended, []);
    }

    /// <summary>The first token alone: what an utterance costs before its first word, for measurements.</summary>
    internal ScoredToken FirstToken(ReadOnlyMemory<float> samples)
    {
        using var decoder = model.Encode(samples);
        return decoder.Next(BeginToken);
    }

    public void Dispose() => model.Dispose();
}
