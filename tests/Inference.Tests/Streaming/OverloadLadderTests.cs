using EdgeAssist.Contracts;
using EdgeAssist.Inference.Streaming;
using Xunit;

namespace EdgeAssist.Inference.Tests.Streaming;

public sealed class OverloadLadderTests
{
    private readonly OverloadLadder _ladder = new(new LadderSettings());
    private Instant _now = new(0);

    [Theory]
    [InlineData(0, AnalysisRung.Full)]
    [InlineData(299, AnalysisRung.Full)]
    [InlineData(300, AnalysisRung.NoPartials)]
    [InlineData(1500, AnalysisRung.CustomerFinalsOnly)]
    [InlineData(4000, AnalysisRung.VoiceOnly)]
    public void The_age_of_the_oldest_final_says_the_rung_at_once(int milliseconds, AnalysisRung rung)
    {
        Observe(milliseconds);

        Assert.Equal(rung, _ladder.Rung);
    }

    [Fact]
    public void Rungs_are_given_back_one_at_a_time_after_a_quiet_while()
    {
        Observe(4000);

        Pass(4.9);
        Assert.Equal(AnalysisRung.VoiceOnly, _ladder.Rung);
        Pass(0.3);
        Assert.Equal(AnalysisRung.CustomerFinalsOnly, _ladder.Rung);
        Pass(5);
        Assert.Equal(AnalysisRung.NoPartials, _ladder.Rung);
        Pass(5);
        Assert.Equal(AnalysisRung.Full, _ladder.Rung);
    }

    [Fact]
    public void A_queue_that_hovers_between_the_limits_moves_nothing()
    {
        Observe(1500);

        for (var i = 0; i < 100; i++)
        {
            _now += TimeSpan.FromMilliseconds(100);
            Assert.False(_ladder.Observe(TimeSpan.FromMilliseconds(i % 2 == 0 ? 50 : 250), _now));
        }

        Assert.Equal(AnalysisRung.CustomerFinalsOnly, _ladder.Rung);
    }

    private void Observe(int ageInMilliseconds) => _ladder.Observe(TimeSpan.FromMilliseconds(ageInMilliseconds), _now);

    private void Pass(double seconds)
    {
        for (var i = 0; i < seconds * 10; i++)
        {
            _now += TimeSpan.FromMilliseconds(100);
            Observe(0);
        }
    }
}
