using EdgeAssist.Inference.Text;
using Xunit;

namespace EdgeAssist.Inference.Tests.Text;

public sealed class WrittenTextTests
{
    [Theory]
    [InlineData("my number is four one one one two", "my number is 41112")]
    [InlineData("double five three oh two", "55302")]
    [InlineData("triple nine", "999")]
    [InlineData("forty one eleven sixty two", "411162")]
    [InlineData("eight hundred five five five twelve twelve", "8005551212")]
    [InlineData("one hundred and five people", "105 people")]
    [InlineData("two thousand six hundred and fifty", "2650")]
    [InlineData("ninety-nine red balloons", "99 red balloons")]
    [InlineData("twenty five dollars", "$25")]
    [InlineData("I paid twenty five dollars and ten cents.", "I paid $25.10.")]
    [InlineData("three pounds fifty pence", "£3.50")]
    [InlineData("fifteen percent off", "15% off")]
    [InlineData("on march fifth", "on March 5")]
    [InlineData("on the fifth of march twenty twenty six", "on March 5, 2026")]
    [InlineData("since nineteen ninety nine", "since 1999")]
    [InlineData("december thirty first two thousand twenty", "December 31, 2020")]
    [InlineData("at three thirty p m", "at 3:30 pm")]
    [InlineData("at ten a.m. sharp", "at 10:00 am sharp")]
    [InlineData("at seven o'clock", "at 7:00")]
    [InlineData("it is spelled j o h n", "it is spelled JOHN")]
    [InlineData("on the twenty first floor", "on the 21st floor")]
    [InlineData("one of them called twice", "one of them called twice")]
    [InlineData("Two, three people", "Two, three people")]
    [InlineData("five six", "five six")]
    [InlineData("A hundred times, no.", "A hundred times, no.")]
    [InlineData("oh no", "oh no")]
    [InlineData("zero", "zero")]
    [InlineData("", "")]
    public void Spoken_text_is_written(string spoken, string written) => Assert.Equal(written, WrittenText.Of(spoken));

    [Fact]
    public void Tokens_cover_every_word_once_and_in_order()
    {
        var dice = new Random(11);
        string[] words = ["one", "oh", "hundred", "and", "thousand", "forty-two", "dollars", "cents", "percent", "march", "fifth", "the", "of", "p", "m", "a", "double", "triple", "4111", "x,", "twenty.", "-", "o'clock", "zero"];
        for (var i = 0; i < 20_000; i++)
        {
            string[] sentence = [.. Enumerable.Range(0, dice.Next(9)).Select(_ => words[dice.Next(words.Length)])];

            var at = 0;
            foreach (var token in WrittenText.Tokens(sentence))
            {
                Assert.True(token.From == at && token.Count > 0, string.Join(' ', sentence));
                at += token.Count;
            }

            Assert.True(at == sentence.Length, string.Join(' ', sentence));
        }
    }
}
