using System.Collections.Immutable;
using System.Numerics.Tensors;
using EdgeAssist.Contracts;

namespace EdgeAssist.Inference.Asr;

/// <summary>
/// Places words in an utterance whose engine gives no times. The words' lengths, by their letters, are laid over the loud
/// parts of the audio alone; pauses take no letters. An estimate: see the README for its error against known times.
/// </summary>
internal static class WordAlignment
{
    private const int Frame = PcmFormat.SampleRate / 100;   // 10 ms

    // Loud enough to be speech: this far below the utterance's loud frames.
    private const double BelowLoud = 30;

    /// <param name="text">The words.</param>
    /// <param name="confidence">Of each word.</param>
    /// <param name="samples">Mono at 16 kHz.</param>
    /// <returns>One entry a word, in order, none beginning before the one in front of it ended.</returns>
    public static ImmutableArray<RecognizedWord> Place(string text, float confidence, ReadOnlySpan<float> samples)
    {
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0 || samples.Length < Frame) return [];

        var spoken = SpokenFrames(samples);
        var weights = words.Select(Weight).ToArray();
        var total = weights.Sum();
        var placed = ImmutableArray.CreateBuilder<RecognizedWord>(words.Length);
        var before = 0.0;
        for (var i = 0; i < words.Length; i++)
        {
            var start = At(spoken, before / total, ofEnd: false);
            before += weights[i];
            placed.Add(new RecognizedWord(words[i], start, At(spoken, before / total, ofEnd: true), confidence));
        }

        return placed.MoveToImmutable();
    }

    // Letters, and about one more for the edges of a word; a mark behind a word is a breath.
    private static double Weight(string word) => 1.2 + word.Count(char.IsLetter) + (3 * word.Count(char.IsDigit));

    private static List<int> SpokenFrames(ReadOnlySpan<float> samples)
    {
        var levels = new double[samples.Length / Frame];
        for (var i = 0; i < levels.Length; i++) levels[i] = 10 * Math.Log10((TensorPrimitives.SumOfSquares(samples.Slice(i * Frame, Frame)) / Frame) + 1e-10);
        var loud = levels.Order().ElementAt((int)(0.95 * (levels.Length - 1)));
        return [.. Enumerable.Range(0, levels.Length).Where(i => levels[i] >= loud - BelowLoud)];
    }

    // The end of a share of the spoken frames is behind the last frame of it, the beginning at the next one.
    private static TimeSpan At(List<int> spoken, double share, bool ofEnd)
    {
        var place = share * spoken.Count;
        var index = ofEnd ? Math.Max(0, (int)Math.Ceiling(place) - 1) : Math.Min(spoken.Count - 1, (int)place);
        var within = ofEnd ? place - index : place - (int)place;
        return TimeSpan.FromMilliseconds(10 * (spoken[Math.Min(index, spoken.Count - 1)] + Math.Clamp(within, 0, 1)));
    }
}
