using EdgeAssist.Inference.Escalation;
using EdgeAssist.Inference.Sentiment;
using Xunit;

namespace EdgeAssist.Inference.Tests.Escalation;

public sealed class PhraseCuesTests
{
    [Theory]
    [InlineData("This is the 3rd time I've called.")]
    [InlineData("I called yesterday and nothing was done")]
    [InlineData("I have told you that three times this week")]
    [InlineData("I keep calling you people")]
    public void Repeated_contact_is_found(string text) => Assert.True(PhraseCues.RepeatedContact(Words(text)));

    [Theory]
    [InlineData("I am calling about my bill")]
    [InlineData("Could you call me back tomorrow?")]
    [InlineData("It is the second door on the left")]
    public void A_first_contact_is_not(string text) => Assert.False(PhraseCues.RepeatedContact(Words(text)));

    [Theory]
    [InlineData("I waited on hold for forty minutes today")]
    [InlineData("I have been waiting for six weeks")]
    public void Long_waits_are_found(string text) => Assert.True(PhraseCues.LongWait(Words(text)));

    [Theory]
    [InlineData("Nobody ever called.")]
    [InlineData("I keep getting transferred around")]
    [InlineData("no one can tell me why")]
    public void Helplessness_is_found(string text) => Assert.True(PhraseCues.NobodyHelps(Words(text)));

    [Theory]
    [InlineData("Somebody promised to call me back.")]
    [InlineData("I was told it would be repaired")]
    public void Broken_promises_are_found(string text) => Assert.True(PhraseCues.BrokenPromise(Words(text)));

    [Fact]
    public void A_megabyte_of_words_is_matched_in_time_linear_in_its_length()
    {
        var words = string.Join(' ', Enumerable.Repeat("i have i had nobody", 60_000));

        Assert.False(PhraseCues.LongWait(words));
        Assert.False(PhraseCues.Resolution(words));
    }

    private static string Words(string text) => string.Join(' ', UtteranceWords.Split(text));
}
