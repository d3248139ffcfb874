using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Sentiment;
using Xunit;

namespace EdgeAssist.Inference.Tests.Sentiment;

/// <summary>The committed model, through ONNX Runtime: sentences of our own that are in no training file, with bounds.</summary>
public sealed class NgramTextSentimentTests : IDisposable
{
    private readonly NgramTextSentiment _sentiment = NgramTextSentiment.Load(new ModelStore());

    [Theory]
    [InlineData("Put your manager on the phone.", "manager")]
    [InlineData("I'd like to speak with a supervisor, please.", "manager")]
    [InlineData("I'm going to cancel everything and move to a competitor.", "threat")]
    [InlineData("You will hear from my lawyer about this.", "threat")]
    [InlineData("You are a bunch of useless idiots.", "abuse")]
    [InlineData("This is the worst service I have ever had.", "negative")]
    [InlineData("I have been waiting six weeks and nobody called me back.", "complaint")]
    public void What_a_caller_wants_is_heard(string text, string cue) => Assert.True(Score(text, cue) > 0.6f, $"{cue} {Score(text, cue):0.00}");

    [Theory]
    [InlineData("Could you put me through to billing, please?")]
    [InlineData("I need to cancel my appointment on Friday.")]
    [InlineData("My manager asked me to update the account.")]
    [InlineData("Thank you, that was very helpful.")]
    [InlineData("How do I change my address?")]
    [InlineData("Yes, the number is four two seven.")]
    [InlineData("I have had a sore throat since Monday.")]
    public void Ordinary_talk_is_left_alone(string text)
    {
        foreach (var cue in new[] { "negative", "anger", "complaint", "manager", "threat", "abuse" })
            Assert.True(Score(text, cue) < 0.5f, $"{cue} {Score(text, cue):0.00}");
    }

    [Fact]
    public void A_sentence_cut_in_two_is_heard_as_one()
    {
        var cut = _sentiment.Score("your manager", ["no no i want to speak to"]);

        Assert.True(cut.AsksForManager > 0.6f, $"{cut.AsksForManager:0.00}");
    }

    [Fact]
    public void A_yes_does_not_repeat_the_turn_before()
    {
        var yes = _sentiment.Score("yes", ["i want to speak to your manager"]);

        Assert.True(yes.AsksForManager < 0.3f, $"{yes.AsksForManager:0.00}");
    }

    [Theory]
    [InlineData("")]
    [InlineData("😡")]
    [InlineData("\ud83d\ud83d")]
    public void Odd_text_gives_probabilities(string text)
    {
        foreach (var odd in new[] { text, text + new string('x', 1_000_000), string.Join(' ', Enumerable.Repeat(text + "no", 9000)) })
        {
            var scores = _sentiment.Score(odd, [odd, ""]);
            Assert.All([scores.Negative, scores.Anger, scores.Complaint, scores.AsksForManager, scores.ThreatToLeave, scores.Abuse], p => Assert.InRange(p, 0f, 1f));
        }
    }

    public void Dispose() => _sentiment.Dispose();

    private float Score(string text, string cue)
    {
        var scores = _sentiment.Score(text, []);
        return cue switch
        {
            "negative" => scores.Negative,
            "anger" => scores.Anger,
            "complaint" => scores.Complaint,
            "manager" => scores.AsksForManager,
            "threat" => scores.ThreatToLeave,
            _ => scores.Abuse,
        };
    }
}
