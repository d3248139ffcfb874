using EdgeAssist.Inference.Sentiment;
using Xunit;

namespace EdgeAssist.Inference.Tests.Sentiment;

public sealed class SpokenTextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("😡 !!! ???", "")]
    [InlineData("I’m on HOLD!!! Again?!", "i'm on hold! again?")]
    [InlineData("@AcmeAir my bag is sooooo late https://x.example/1 #fail", "my bag is soo late fail")]
    [InlineData("<UNIN/> you know, [NAME] said so ...", "you know, said so.")]
    [InlineData("2 bags & 1,200 dollars", "2 bags 1,200 dollars")]
    public void Written_and_recognised_text_look_alike(string text, string spoken) => Assert.Equal(spoken, SpokenText.Of(text));

    [Theory]
    [InlineData("\ud83d")]
    [InlineData("\0\u0001\ufffe")]
    public void Any_text_is_taken(string text) => Assert.NotNull(SpokenText.Of(new string(text[0], 20_000)));
}
