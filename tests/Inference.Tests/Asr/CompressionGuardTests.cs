using EdgeAssist.Inference.Asr;
using Xunit;

namespace EdgeAssist.Inference.Tests.Asr;

public sealed class CompressionGuardTests
{
    [Theory]
    [InlineData("I want to speak to a manager about my refund, please.")]
    [InlineData("No, no, no, that is not what I asked for.")]
    [InlineData("One two three four five six seven eight nine zero one two three.")]
    [InlineData("")]
    public void Sentences_do_not_compress_much(string text) => Assert.True(CompressionGuard.Ratio(text) <= CompressionGuard.HighestRatio);

    [Fact]
    public void The_same_over_and_over_does()
    {
        var text = string.Join(' ', Enumerable.Repeat("thank you for watching", 12));

        Assert.True(CompressionGuard.Ratio(text) > CompressionGuard.HighestRatio);
    }
}
