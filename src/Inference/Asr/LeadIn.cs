using System.Collections.Immutable;
using System.Runtime.InteropServices;
using EdgeAssist.Contracts;
using EdgeAssist.Inference.Models;

namespace EdgeAssist.Inference.Asr;

/// <summary>
/// A spoken beginning put before very short utterances: a model trained on whole sentences says nothing, or nonsense, to a
/// lone «yes» or «four», and does better on short sentences too. The decoder is fed the beginning's words, which are known, and goes on with what was really said: with
/// a word, as an end or a mark would mean that nothing was.
/// </summary>
internal sealed class LeadIn : ITokenBias
{
    /// <summary>
    /// Utterances shorter than this get one, in samples: 5 s, of which 0.4 s are the quiet before and behind the words. Beyond
    /// it changes nothing (measured: <c>InferenceBench words</c>).
    /// </summary>
    public const int Below = PcmFormat.SampleRate * 5;

    /// <summary>
    /// A first word that the model itself holds less likely than this was not said: what is made of a note of hold music that
    /// passed for speech is below 0.005 (<c>InferenceBench guards</c>).
    /// </summary>
    public const float LeastProbability = 0.03f;

    private static readonly string[] Words = [" The", " answer", " is"];
    private readonly float[] _audio;
    private readonly ImmutableArray<int> _tokens;
    private readonly ImmutableArray<int> _wordless;

    private LeadIn(float[] audio, ImmutableArray<int> tokens, ImmutableArray<int> wordless) => (_audio, _tokens, _wordless) = (audio, tokens, wordless);

    /// <summary>What the decoder is fed before it may choose.</summary>
    public ImmutableArray<int> Tokens => _tokens;

    /// <summary>«The answer is», of a synthetic voice (see <c>models/lead-in-v1</c>).</summary>
    /// <param name="text">The model's vocabulary.</param>
    /// <param name="begin">The model's begin token.</param>
    /// <returns>Null when the vocabulary does not know the words.</returns>
    public static LeadIn? Load(TokenText text, int begin)
    {
        var words = Words.Select(text.Find).ToList();
        if (words.Contains(null)) return null;

        var samples = MemoryMarshal.Cast<byte, short>(EmbeddedModels.Read("lead-in-v1/the-answer-is.pcm"));
        var audio = new float[samples.Length];
        for (var i = 0; i < audio.Length; i++) audio[i] = samples[i] / 32768f;
        return new LeadIn(audio, [begin, .. words.Select(word => word!.Value)], [.. Enumerable.Range(0, text.Count).Where(token => !text.IsWord(token))]);
    }

    /// <summary>The utterance behind the beginning.</summary>
    public float[] Before(ReadOnlySpan<float> samples)
    {
        var all = new float[_audio.Length + samples.Length];
        _audio.CopyTo(all, 0);
        samples.CopyTo(all.AsSpan(_audio.Length));
        return all;
    }

    public void Apply(ReadOnlySpan<int> fed, Span<float> logits)
    {
        if (fed.Length != _tokens.Length) return;
        foreach (var wordless in _wordless) logits[wordless] = float.NegativeInfinity;
    }
}
