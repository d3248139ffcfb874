using EdgeAssist.Contracts;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Onnx;

namespace EdgeAssist.Inference.Asr;

/// <summary>Greedy decoding of Moonshine. It knows English alone.</summary>
/// <param name="name">The model's.</param>
/// <param name="model">Disposed with this.</param>
/// <param name="text">Its vocabulary.</param>
/// <param name="leadInBelow">Utterances of fewer samples get a <see cref="LeadIn"/>.</param>
internal sealed class MoonshineRecognizer(string name, ISpeechModel model, TokenText text, int leadInBelow = LeadIn.Below) : ISpeechRecognizer
{
    private const int BeginToken = 1;
    private const int EndToken = 2;

    // Below the encoder's receptive field there is nothing to encode.
    private const int ShortestSamples = PcmFormat.SampleRate / 10;

    private readonly LeadIn? _leadIn = LeadIn.Load(text, BeginToken);

    public string Name => name;

    /// <exception cref="ModelException">A file is missing, altered, or not what it should be.</exception>
    public static MoonshineRecognizer Load(ModelStore store, string name, int leadInBelow = LeadIn.Below)
    {
        var entry = store.Manifest.Find(name);
        var text = TokenText.Parse(store.Read(entry, "vocabulary.txt"));
        return new MoonshineRecognizer(name, MoonshineModel.Load(store, name), text, leadInBelow);
    }

    public Recognition Recognize(ReadOnlyMemory<float> samples, SpeechContext context, CancellationToken cancellationToken)
    {
        if (samples.Length < ShortestSamples) return Recognition.Nothing;

        cancellationToken.ThrowIfCancellationRequested();
        var leadIn = samples.Length < leadInBelow ? _leadIn : null;
        using var decoder = leadIn is null ? model.Encode(samples) : model.Encode(leadIn.Before(samples.Span), leadIn);
        var begin = leadIn is null ? [BeginToken] : leadIn.Tokens.AsSpan();
        var decoded = GreedyDecoding.Run(decoder, begin, EndToken, GreedyDecoding.Limit(PcmFormat.Duration(samples.Length)), cancellationToken);
        if (leadIn is not null && decoded.Probabilities[0] < LeadIn.LeastProbability) return Recognition.Nothing with { Tokens = decoded.Tokens.Count };

        var said = text.Decode(decoded.Tokens);
        if (leadIn is not null) said = BeginsSentence(said);
        return new Recognition(said, decoded.MeanProbability, decoded.Tokens.Count, !decoded.Ended, WordAlignment.Place(said, decoded.MeanProbability, samples.Span));
    }

    // Behind a lead-in words go on in the middle of a sentence; told, they begin one.
    private static string BeginsSentence(string said) => said.Length > 0 && char.IsLower(said[0]) ? char.ToUpperInvariant(said[0]) + said[1..] : said;

    /// <summary>The first token alone: what an utterance costs before its first word, for measurements.</summary>
    internal ScoredToken FirstToken(ReadOnlyMemory<float> samples)
    {
        using var decoder = model.Encode(samples);
        return decoder.Next(BeginToken);
    }

    public void Dispose() => model.Dispose();
}
