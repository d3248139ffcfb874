using EdgeAssist.Inference.Asr;
using Xunit;

namespace EdgeAssist.Inference.Tests.Asr;

public sealed class WordAlignmentTests
{
    [Fact]
    public void Words_lie_in_the_loud_parts_and_never_overlap()
    {
        float[] samples = [.. Quiet(0.3), .. Loud(0.5), .. Quiet(0.7), .. Loud(0.5), .. Quiet(0.2)];

        var words = WordAlignment.Place("hello world", 0.9f, samples);

        Assert.Equal(["hello", "world"], words.Select(word => word.Text));
        Assert.InRange(words[0].Start.TotalSeconds, 0.28, 0.32);
        Assert.InRange(words[0].End.TotalSeconds, 0.75, 0.85);
        Assert.InRange(words[1].Start.TotalSeconds, 1.45, 1.55);
        Assert.InRange(words[1].End.TotalSeconds, 1.98, 2.02);
    }

    [Fact]
    public void Any_words_over_any_audio_are_placed_in_order_inside_it()
    {
        var dice = new Random(2);
        for (var i = 0; i < 300; i++)
        {
            var samples = new float[dice.Next(160, 40_000)];
            for (var n = 0; n < samples.Length; n++) samples[n] = (float)(dice.NextDouble() - 0.5) * (n / 3000 % 2);
            var text = string.Join(' ', Enumerable.Range(0, dice.Next(1, 30)).Select(n => new string('a', dice.Next(1, 12))));

            var at = TimeSpan.Zero;
            foreach (var word in WordAlignment.Place(text, 1, samples))
            {
                Assert.True(word.Start >= at - TimeSpan.FromMilliseconds(10) && word.End >= word.Start, $"{word} after {at}");
                at = word.End;
            }

            Assert.True(at <= TimeSpan.FromSeconds(samples.Length / 16_000.0) + TimeSpan.FromMilliseconds(10));
        }
    }

    [Fact]
    public void No_words_have_no_places() => Assert.Empty(WordAlignment.Place("", 1, new float[16_000]));

    private static float[] Quiet(double seconds) => new float[(int)(16_000 * seconds)];

    private static float[] Loud(double seconds) => [.. Enumerable.Range(0, (int)(16_000 * seconds)).Select(i => (float)(0.3 * Math.Sin(i * 0.3)))];
}
