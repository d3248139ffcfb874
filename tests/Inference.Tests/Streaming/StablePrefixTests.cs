using EdgeAssist.Inference.Streaming;
using Xunit;

namespace EdgeAssist.Inference.Tests.Streaming;

public sealed class StablePrefixTests
{
    private readonly StablePrefix _prefix = new();

    [Fact]
    public void Words_that_two_partials_agree_on_are_committed_but_for_the_last()
    {
        Assert.Equal(("I want", 0), Next("I want"));
        Assert.Equal(("I want to can", 2), Next("I want to can"));
        Assert.Equal(("I want to cancel my", 3), Next("I want to cancel my"));
    }

    [Fact]
    public void A_committed_word_is_never_told_otherwise()
    {
        Next("I want.");
        Next("I want, to");

        Assert.Equal(("I want, the", 2), Next("Eye won't the"));
        Assert.Equal(("I want,", 2), Next("Eye"));
        Assert.Equal(("I want, the", 2), Next("I want the"));
    }

    [Fact]
    public void Nothing_committed_changes_whatever_is_heard()
    {
        var random = new Random(3);
        string[] vocabulary = ["a", "B", "c.", "d,"];
        string[] kept = [];
        for (var i = 0; i < 2000; i++)
        {
            var (text, stable) = Next(string.Join(' ', Enumerable.Range(0, random.Next(8)).Select(_ => vocabulary[random.Next(4)])));
            var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

            Assert.Equal(kept, words[..kept.Length]);
            Assert.InRange(stable, kept.Length, words.Length);
            kept = words[..stable];
        }

        Assert.NotEmpty(kept);
    }

    private (string Text, int Stable) Next(string heard)
    {
        var text = _prefix.Next(heard);
        return (text, _prefix.Count);
    }
}
