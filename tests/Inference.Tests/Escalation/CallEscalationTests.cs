using EdgeAssist.Contracts;
using EdgeAssist.Inference.Escalation;
using Xunit;

namespace EdgeAssist.Inference.Tests.Escalation;

public sealed class CallEscalationTests
{
    [Fact]
    public void A_call_that_went_wrong_before_alerts_before_anyone_asks_for_a_manager()
    {
        var call = new ScoredCall();

        call.Says("hello my bill is wrong [complaint]").Hears(3, 0)
            .Says("this is the third time I have called about this [negative] [complaint]").Hears(3, 0)
            .Says("nobody helps me [negative] [complaint]");

        Assert.True(call.Current.Level >= EscalationLevel.Escalated, $"risk {call.Current.Risk:0.00}");
        Assert.Contains(call.Current.Reasons, reason => reason.Cue == "repeated_contact" && reason.Quote.Contains("third time", StringComparison.Ordinal));
        Assert.Contains(call.Current.Reasons, reason => reason.Cue == "nobody_helps");
    }

    [Fact]
    public void Ordinary_questions_and_answers_stay_calm()
    {
        var call = new ScoredCall();

        for (var i = 0; i < 20; i++)
            call.Says("can you check my order number 12345 please").Hears(1, 0).Says("of course one moment", leg: 1).Hears(1, 0);

        Assert.Equal(EscalationLevel.Calm, call.Current.Level);
    }

    [Fact]
    public void The_agents_words_never_raise_the_risk()
    {
        var call = new ScoredCall();
        var before = call.Current.Risk;

        call.Says("[anger] [abuse] [threat] [manager] this is the third time I call nobody helps", leg: 1);

        Assert.Equal(before, call.Current.Risk, 3);
    }

    [Fact]
    public void The_agents_voice_is_not_looked_at_unless_it_was_switched_on()
    {
        var quiet = new ScoredCall().Hears(8, 0, 0.02f).Hears(4, 0, 0.4f);
        var looked = new ScoredCall(options: new EscalationOptions { Policy = ScoringPolicy.Standard, ScoreAgentVoice = true }).Hears(8, 0, 0.02f).Hears(4, 0, 0.4f);

        Assert.DoesNotContain(quiet.Current.Reasons, reason => reason.Cue == "raised_voice");
        Assert.Contains(looked.Current.Reasons, reason => reason.Cue == "raised_voice");
    }

    [Fact]
    public void A_leg_of_unknown_role_counts_less_than_a_customer_and_never_calms_as_an_agent()
    {
        var customer = new ScoredCall().Says("[complaint] [anger] this is unacceptable");
        var unknown = new ScoredCall(first: PartyRole.Unknown).Says("[complaint] [anger] this is unacceptable");
        var apology = new ScoredCall(first: PartyRole.Unknown);
        var before = apology.Current.Risk;

        apology.Says("i have refunded it and i am sorry");

        Assert.InRange(unknown.Current.Risk, before + 0.01, customer.Current.Risk - 0.01);
        Assert.True(apology.Current.Risk >= before);
    }

    [Fact]
    public void A_raised_voice_is_noticed_without_words_within_700_ms()
    {
        var call = new ScoredCall().Hears(8, 0.03f);
        var before = call.Now;

        call.Hears(0.7, 0.15f); // 14 dB louder

        var reason = Assert.Single(call.Current.Reasons, r => r.Cue == "raised_voice");
        Assert.True(reason.At - before <= TimeSpan.FromMilliseconds(700));
    }

    [Fact]
    public void A_loud_caller_who_was_always_loud_is_not_raised()
    {
        var call = new ScoredCall().Hears(20, 0.5f);

        Assert.DoesNotContain(call.Current.Reasons, reason => reason.Cue == "raised_voice");
    }

    [Fact]
    public void Talking_over_the_agent_is_told_apart_from_being_interrupted()
    {
        var over = new ScoredCall().Hears(3, 0, 0.1f).Hears(2, 0.1f, 0.1f);
        var interrupted = new ScoredCall().Hears(3, 0.1f).Hears(2, 0.1f, 0.1f);

        Assert.Contains(over.Current.Reasons, reason => reason.Cue == "talks_over");
        Assert.Contains(interrupted.Current.Reasons, reason => reason.Cue == "interrupted");
    }

    [Fact]
    public void Thanks_and_a_solution_bring_the_call_down_again()
    {
        var call = new ScoredCall();
        call.Says("third time I call nobody helps [complaint] [negative] [anger]");
        var worst = call.Current.Risk;

        call.Says("i am sorry i have refunded the charge", leg: 1).Hears(20, 0).Says("thank you that is great").Hears(60, 0);

        // That it is the third call stays true: the risk falls, but not to nothing.
        Assert.True(call.Current.Risk < worst - 0.3, $"{worst:0.00} to {call.Current.Risk:0.00}");
        Assert.True(call.Current.Level < EscalationLevel.Escalated);
        Assert.True(call.Told[^1].Trend <= 0);
    }

    [Fact]
    public void The_same_input_gives_the_same_scores()
    {
        static ScoredCall Play() => new ScoredCall().Hears(6, 0.05f).Says("[complaint] third time").Hears(3, 0.3f, 0.1f).Says("get me your boss [manager]").Hears(40, 0);

        var (one, other) = (Play(), Play());

        Assert.Equal(one.Told.Select(s => (s.Risk, s.Trend, s.Level, s.At)), other.Told.Select(s => (s.Risk, s.Trend, s.Level, s.At)));
        Assert.Equal(one.Told.SelectMany(s => s.Reasons), other.Told.SelectMany(s => s.Reasons));
    }

    [Fact]
    public void Nothing_is_told_while_nothing_changes()
    {
        var call = new ScoredCall().Hears(8, 0.05f);

        Assert.Empty(call.Told);
    }

    [Fact]
    public void Quotes_hide_digits_spoken_digits_and_addresses()
    {
        var call = new ScoredCall().Says("[complaint] card 4929 1234 and pin four two seven one mail me@example.org");

        var quote = call.Current.Reasons.First(reason => reason.Cue == "complaint").Quote;

        Assert.DoesNotContain("4929", quote, StringComparison.Ordinal);
        Assert.DoesNotContain("seven", quote, StringComparison.Ordinal);
        Assert.DoesNotContain("example", quote, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("😡😡😡 !!! ???")]
    [InlineData("\ud83d")]
    [InlineData("@@@ ### http://x \0\u0001")]
    public void Odd_words_are_taken(string text)
    {
        var call = new ScoredCall().Says(text).Says(new string('a', 200_000)).Says(string.Join(' ', Enumerable.Repeat("one", 50_000)));

        Assert.InRange(call.Current.Risk, 0, 1);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Odd_samples_are_taken(float sample)
    {
        var call = new ScoredCall().Hears(6, 0.05f).Hears(1, sample).Hears(1, 0.05f);

        Assert.InRange(call.Current.Risk, 0, 1);
    }
}
