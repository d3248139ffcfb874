using System.Collections.Immutable;
using System.Numerics.Tensors;
using EdgeAssist.Contracts;

namespace EdgeAssist.Inference.Asr;

/// <summary>
/// Places words in an utterance whose engine gives no times. Each word should take a share of the loud audio by its letters,
/// and words should meet where it is quiet: the boundaries that serve both best are found together (dynamic programming over
/// frames of 10 ms). An estimate: the README has its error against known times.
/// </summary>
internal static class WordAlignment
{
    private const int Frame = PcmFormat.SampleRate / 100;   // 10 ms

    // Loud enough to be speech: this far below the utterance's loud frames.
    private const float BelowLoud = 25;

    // A boundary is looked for this many frames before and behind where the letters alone would have it.
    private const int Reach = 40;

    // Frames of a word's length that nobody counts: «a» and «I» are longer than their letters.
    private const float Slack = 10;

    /// <param name="text">The words.</param>
    /// <param name="confidence">Of each word.</param>
    /// <param name="samples">Mono at 16 kHz.</param>
    /// <returns>One entry a word, in order, none beginning before the one in front of it ended.</returns>
    public static ImmutableArray<RecognizedWord> Place(string text, float confidence, ReadOnlySpan<float> samples)
    {
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0 || samples.Length < Frame) return [];

        var loudness = Loudness(samples);
        var spoken = new int[loudness.Length + 1];   // loud frames before each
        for (var i = 0; i < loudness.Length; i++) spoken[i + 1] = spoken[i] + (loudness[i] > 0 ? 1 : 0);

        var bounds = Bounds([.. words.Select(Weight)], loudness, spoken);
        var placed = ImmutableArray.CreateBuilder<RecognizedWord>(words.Length);
        for (var i = 0; i < words.Length; i++)
        {
            var (from, to) = Trim(bounds[i], bounds[i + 1], loudness);
            placed.Add(new RecognizedWord(words[i], TimeSpan.FromMilliseconds(10 * from), TimeSpan.FromMilliseconds(10 * to), confidence));
        }

        return placed.MoveToImmutable();
    }

    // Letters, and about one more for the edges of a word.
    private static float Weight(string word) => 1.2f + word.Count(char.IsLetter) + (3 * word.Count(char.IsDigit));

    // 0 for a quiet frame, up to 1 for the loud ones.
    private static float[] Loudness(ReadOnlySpan<float> samples)
    {
        var levels = new float[samples.Length / Frame];
        for (var i = 0; i < levels.Length; i++) levels[i] = 10 * MathF.Log10((TensorPrimitives.SumOfSquares(samples.Slice(i * Frame, Frame)) / Frame) + 1e-10f);
        var loud = levels.Order().ElementAt((int)(0.95 * (levels.Length - 1)));
        return [.. levels.Select(level => Math.Clamp(1 + ((level - loud) / BelowLoud), 0, 1))];
    }

    // Frames between which the words lie: the first and the last are the edges of the utterance.
    private static int[] Bounds(float[] weights, float[] loudness, int[] spoken)
    {
        var total = weights.Sum();
        var (froms, cameFrom) = (new int[weights.Length], new int[weights.Length][]);
        var (costs, before) = (new float[1], 0f);
        for (var word = 0; word < weights.Length - 1; word++)
        {
            before += weights[word];
            var expected = weights[word] / total * spoken[^1];
            var middle = FrameOf(spoken, before / total * spoken[^1]);
            var from = Math.Max(0, middle - Reach);
            var next = new float[Math.Min(loudness.Length, middle + Reach) - from + 1];
            cameFrom[word + 1] = new int[next.Length];
            for (var i = 0; i < next.Length; i++) (next[i], cameFrom[word + 1][i]) = Best(from + i, expected);
            (costs, froms[word + 1]) = (next, from);

            (float, int) Best(int at, float frames)
            {
                var (best, place) = (float.PositiveInfinity, 0);
                for (var i = 0; i < costs.Length && froms[word] + i <= at; i++)
                {
                    var off = Math.Abs(spoken[at] - spoken[froms[word] + i] - frames) / (frames + Slack);
                    if (costs[i] + off < best) (best, place) = (costs[i] + off, i);
                }

                return (best + (at < loudness.Length ? loudness[at] : 0), place);
            }
        }

        return Trace(froms, cameFrom, Last(costs, froms[^1], weights[^1] / total * spoken[^1], spoken), loudness.Length);
    }

    private static int Last(float[] costs, int from, float expected, int[] spoken)
    {
        var (best, place) = (float.PositiveInfinity, 0);
        for (var i = 0; i < costs.Length; i++)
        {
            var cost = costs[i] + (Math.Abs(spoken[^1] - spoken[from + i] - expected) / (expected + Slack));
            if (cost < best) (best, place) = (cost, i);
        }

        return place;
    }

    private static int[] Trace(int[] froms, int[][] cameFrom, int last, int frames)
    {
        var bounds = new int[froms.Length + 1];
        bounds[^1] = frames;
        for (var word = froms.Length - 1; word > 0; word--)
        {
            bounds[word] = froms[word] + last;
            last = cameFrom[word][last];
        }

        return bounds;
    }

    // The first frame before which so much was spoken.
    private static int FrameOf(int[] spoken, float frames)
    {
        var at = Array.BinarySearch(spoken, (int)frames);
        return at >= 0 ? at : Math.Min(~at, spoken.Length - 1);
    }

    // Without what is quiet at its edges.
    private static (int From, int To) Trim(int from, int to, float[] loudness)
    {
        var (first, last) = (from, to);
        while (first < last && loudness[first] <= 0) first++;
        while (last > first && loudness[last - 1] <= 0) last--;
        return first < last ? (first, last) : (from, to);
    }
}
