using EdgeAssist.Inference.Asr;
using Xunit;

namespace EdgeAssist.Inference.Tests.Asr;

public sealed class WordErrorRateTests
{
    [Theory]
    [InlineData("Please hold.", "please hold", 0, 2)]
    [InlineData("Please hold the line", "Please hold line", 1, 4)]
    [InlineData("Please hold", "Please hold on now", 2, 2)]
    [InlineData("Press the pound key", "Press the found key", 1, 4)]
    [InlineData("one two three", "", 3, 3)]
    [InlineData("Press one for sales", "Press 1 for sales", 0, 4)]
    [InlineData("You have twenty one messages", "You have 21 messages.", 0, 5)]
    [InlineData("Call-back at three p.m.", "Call back at 3 pm", 0, 5)]
    [InlineData("Don't", "don’t", 0, 1)]
    public void Errors_are_counted_after_case_punctuation_and_figures_are_even(string said, string heard, int errors, int words) =>
        Assert.Equal(new WordErrors(errors, words), WordErrorRate.Compare(said, heard));

    [Theory]
    [InlineData("cancel my order today", "cancel order today", "my")]
    [InlineData("yes", "", "yes")]
    [InlineData("I want the manager now", "I want a damage her now", "the manager")]
    [InlineData("please hold", "well please hold on", "")]
    public void The_words_that_were_missed_are_named_in_their_order(string said, string heard, string missed) =>
        Assert.Equal(missed, string.Join(' ', WordErrorRate.Missed(said, heard)));
}
