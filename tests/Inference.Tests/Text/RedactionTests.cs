using EdgeAssist.Inference.Text;
using Xunit;

namespace EdgeAssist.Inference.Tests.Text;

public sealed class RedactionTests
{
    [Theory]
    [InlineData("My card is four one one one one one one one one one one one one one one one, thanks.", "My card is [card], thanks.")]
    [InlineData("It's 4111 1111 1111 1111.", "It's [card].")]
    [InlineData("It's 4111-1111-1111-1111.", "It's [card].")]
    [InlineData("Call me at 555-123-4567 please.", "Call me at [phone] please.")]
    [InlineData("Call me at five five five one two three four five six seven.", "Call me at [phone].")]
    [InlineData("You can reach me on plus four four twenty seventy nine forty six oh nine five eight", "You can reach me on plus [phone]")]
    [InlineData("I'm john.smith@example.com.", "I'm [email].")]
    [InlineData("my email is john dot smith at example dot com", "my email is [email]")]
    [InlineData("it is j smith at mail dot example dot co dot uk okay", "it is [email] okay")]
    [InlineData("my social security number is one two three four five six seven eight nine", "my social security number is [id]")]
    [InlineData("it's 123-45-6789", "it's [id]")]
    [InlineData("The security code is nine one two.", "The security code is [code].")]
    [InlineData("my passport is A B one two three four five six", "my passport is [id]")]
    [InlineData("my account number is 10024578", "my account number is [id]")]
    [InlineData("the IBAN is DE89370400440532013000", "the IBAN is [id]")]
    public void What_is_personal_is_taken_out(string said, string told) => Assert.Equal(told, Redaction.Apply(said, growing: false).Text);

    [Theory]
    [InlineData("My order number is one two three four five six seven.")]
    [InlineData("The ticket is 48213.")]
    [InlineData("Reference 9912 3345 0071, please.")]
    [InlineData("I paid twenty five dollars on March fifth at three thirty p m.")]
    [InlineData("I have been waiting since two thousand nineteen.")]
    [InlineData("We met at the station and had one or two drinks.")]
    [InlineData("I called three times, five times, ten times.")]
    [InlineData("Look at that dot on the screen.")]
    public void What_is_not_stays(string said) => Assert.Equal(said, Redaction.Apply(said, growing: false).Text);

    [Fact]
    public void A_number_that_still_grows_is_held_back_in_a_partial()
    {
        Assert.Equal("my card is [number]", Redaction.Apply("my card is four one one", growing: true).Text);
        Assert.Equal("order number [number]", Redaction.Apply("order number four one one", growing: true).Text);
        Assert.Equal("order 411 is late", Redaction.Apply("order 411 is late", growing: true).Text);
    }

    [Fact]
    public void The_spans_name_the_words_that_are_gone()
    {
        var redacted = Redaction.Apply("call five five five one two three four five six seven now", growing: false);

        Assert.Equal([new RedactedSpan(1, 10, "[phone]")], redacted.Spans);
    }

    [Fact]
    public void Ninety_eight_in_a_hundred_personal_numbers_go_and_ninety_nine_in_a_hundred_order_numbers_stay()
    {
        var measured = RedactionSet.Measure(seed: 17, each: 400);

        Assert.True(measured.Recall >= 0.98, measured.ToString());
        Assert.True(measured.FalsePositives <= 0.01, measured.ToString());
    }

    [Fact]
    public void Any_words_are_taken()
    {
        var dice = new Random(23);
        string[] words = ["at", "dot", "com", "a", "1", "oh", "four", "double", "card", "order", "@", "x@y", "passport", "plus", "+44", "123-45-6789", "...", "underscore", "pin", "(555)", "and", "-"];
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Join(' ', Enumerable.Range(0, dice.Next(12)).Select(_ => words[dice.Next(words.Length)]));

            var redacted = Redaction.Apply(text, growing: i % 2 == 0);

            Assert.True(redacted.Spans.All(span => span.Count > 0), text);
        }
    }
}
