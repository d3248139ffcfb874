using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EdgeAssist.Contracts;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Onnx;

namespace EdgeAssist.Inference.Asr;

/// <summary>Greedy decoding of Moonshine. It knows English alone; words of a vocabulary are made likelier.</summary>
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

    // Lists of words come from the settings, one for each trunk, and live as long as they do.
    private readonly ConditionalWeakTable<string[], VocabularyBias> _vocabularies = [];

    public string Name => name;

    /// <exception cref="ModelException">A file is missing, altered, or not what it should be.</exception>
    public static MoonshineRecognizer Load(ModelStore store, string name, int leadInBelow = LeadIn.Below)
    {
        var entry = store.Manifest.Find(name);
        return new MoonshineRecognizer(name, MoonshineModel.Load(store, name), Vocabulary(store, entry), leadInBelow);
    }

    /// <summary>The tokens of a Moonshine model: all, or those its converted decoder knows.</summary>
    /// <exception cref="ModelException">It names none, or the file is missing or altered.</exception>
    internal static TokenText Vocabulary(ModelStore store, ModelEntry model)
    {
        var file = model.Files.FirstOrDefault(file => file.Name.StartsWith("vocabulary", StringComparison.Ordinal)) ?? throw new ModelException($"The model \"{model.Name}\" has no vocabulary.");
        return TokenText.Parse(store.Read(model, file.Name));
    }

    public Recognition Recognize(ReadOnlyMemory<float> samples, SpeechContext context, CancellationToken cancellationToken)
    {
        if (samples.Length < ShortestSamples) return Recognition.Nothing;

        cancellationToken.ThrowIfCancellationRequested();
        var leadIn = samples.Length < leadInBelow ? _leadIn : null;
        var vocabulary = context.Vocabulary.IsEmpty ? null : _vocabularies.GetValue(ImmutableCollectionsMarshal.AsArray(context.Vocabulary)!, words => VocabularyBias.Of(words, text));
        using var decoder = model.Encode(leadIn is null ? samples : leadIn.Before(samples.Span), [.. new ITokenBias?[] { leadIn, vocabulary }.OfType<ITokenBias>()]);
        var begin = leadIn is null ? [BeginToken] : leadIn.Tokens.AsSpan();
        var decoded = GreedyDecoding.Run(decoder, begin, Draft(context, samples.Length, leadIn), EndToken, GreedyDecoding.Limit(PcmFormat.Duration(samples.Length)), cancellationToken);
        if (leadIn is not null && decoded.Probabilities[0] < LeadIn.LeastProbability) return Recognition.Nothing with { Tokens = decoded.Tokens.Count };

        var said = text.Decode(decoded.Tokens);
        if (leadIn is not null) said = BeginsSentence(said);
        return new Recognition(said, decoded.MeanProbability, decoded.Tokens.Count, !decoded.Ended, WordAlignment.Place(said, decoded.MeanProbability, samples.Span)) { Decoded = [.. decoded.Tokens] };
    }

    // A draft with more tokens than the audio can hold would not be of it. Made behind a lead-in it goes on in a sentence; here it begins one.
    private ReadOnlySpan<int> Draft(SpeechContext context, int samples, LeadIn? leadIn)
    {
        var draft = context.Draft;
        if (draft.Length > 0 && leadIn is null) draft = draft.SetItem(0, text.Capitalised(draft[0]));
        return draft.AsSpan(0, Math.Min(draft.Length, GreedyDecoding.Limit(PcmFormat.Duration(samples)) - 1));
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
