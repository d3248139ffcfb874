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
            Assert.False(_ladder.Observe(TimeSpan.FromMilliseconds(i % 2 == 0 ? 50 : 250), _ => 0, _now));
        }

        Assert.Equal(AnalysisRung.CustomerFinalsOnly, _ladder.Rung);
    }

    [Fact]
    public void A_load_that_cannot_be_done_takes_a_rung_each_dwell_before_the_queue_ages()
    {
        var rungs = new List<AnalysisRung>();
        for (var i = 0; i < 200; i++)
        {
            _now += TimeSpan.FromMilliseconds(100);
            _ladder.Observe(TimeSpan.Zero, rung => rung == AnalysisRung.Full ? 2.0 : rung == AnalysisRung.NoPartials ? 1.2 : 0.6, _now);
            rungs.Add(_ladder.Rung);
        }

        Assert.Equal([AnalysisRung.Full, AnalysisRung.NoPartials, AnalysisRung.CustomerFinalsOnly], rungs.Distinct());
        Assert.Equal(AnalysisRung.CustomerFinalsOnly, _ladder.Rung);
    }

    [Fact]
    public void A_rung_is_not_given_back_while_its_load_would_not_fit()
    {
        Observe(300);

        for (var i = 0; i < 600; i++)
        {
            _now += TimeSpan.FromMilliseconds(100);
            _ladder.Observe(TimeSpan.Zero, rung => rung == AnalysisRung.Full ? 0.9 : 0.5, _now);
        }

        Assert.Equal(AnalysisRung.NoPartials, _ladder.Rung);
    }

    [Fact]
    public void A_rung_that_does_not_hold_is_given_back_later_each_time()
    {
        var changes = 0;
        for (var i = 0; i < 3000; i++)
        {
            // Each return to full brings the age back at once, as other programs on the machine would.
            _now += TimeSpan.FromMilliseconds(100);
            if (_ladder.Observe(TimeSpan.FromMilliseconds(_ladder.Rung == AnalysisRung.Full ? 400 : 0), _ => 0, _now)) changes++;
        }

        Assert.InRange(changes, 10, 22);   // in five minutes; without patience it would be 120
    }

    private void Observe(int ageInMilliseconds) => _ladder.Observe(TimeSpan.FromMilliseconds(ageInMilliseconds), _ => 0, _now);

    private void Pass(double seconds)
    {
        for (var i = 0; i < seconds * 10; i++)
        {
            _now += TimeSpan.FromMilliseconds(100);
            Observe(0);
        }
    }
}
