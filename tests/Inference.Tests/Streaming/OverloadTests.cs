using EdgeAssist.Contracts;
using EdgeAssist.Inference.Streaming;
using Xunit;

namespace EdgeAssist.Inference.Tests.Streaming;

/// <summary>More calls than the machine can hear, in virtual time.</summary>
public sealed class OverloadTests
{
    [Theory]
    [InlineData(1.0)]
    [InlineData(1.5)]
    [InlineData(1.9)]
    public void Finals_stay_near_their_words_and_the_rung_stays_where_it_is(double load)
    {
        var simulation = new OverloadSimulation(OverloadSimulation.CallsAt(load));
        simulation.Run(600);

        Assert.InRange(Lag99(simulation), 0, 3);
        Assert.InRange(simulation.Changes.Count, 1, 40);   // in ten minutes
        Assert.InRange(simulation.OldestSeen.TotalSeconds, 0, 3);
        Assert.True(simulation.Rung is AnalysisRung.NoPartials or AnalysisRung.CustomerFinalsOnly);
    }

    [Fact]
    public void The_customers_words_are_not_lost_while_they_alone_can_be_done()
    {
        var simulation = new OverloadSimulation(OverloadSimulation.CallsAt(1.5));
        simulation.Run(600);

        Assert.InRange(simulation.Finals.Count(final => !final.Agent) / (double)simulation.Customers, 0.98, 1);
    }

    [Theory]
    [InlineData(2.5)]
    [InlineData(4.0)]
    public void When_not_even_the_customers_words_can_be_done_the_workers_stay_busy_with_fresh_ones(double load)
    {
        var simulation = new OverloadSimulation(OverloadSimulation.CallsAt(load));
        simulation.Run(300);

        Assert.InRange(Lag99(simulation), 0, 3);
        Assert.DoesNotContain(AnalysisRung.VoiceOnly, simulation.Changes);
        Assert.InRange(simulation.Busy, 0.9, 1);
    }

    [Fact]
    public void A_slow_beginning_does_not_keep_words_away_for_good()
    {
        var simulation = new OverloadSimulation(calls: 20) { Stalled = true };
        simulation.Run(8);
        Assert.Equal(AnalysisRung.VoiceOnly, simulation.Rung);

        simulation.Slowness = 40;   // the first recognitions take as long as speech
        simulation.Stalled = false;
        simulation.Run(10);
        simulation.Slowness = 1;
        simulation.Run(120);

        Assert.Equal(AnalysisRung.Full, simulation.Rung);
    }

    [Fact]
    public void A_light_load_stays_full()
    {
        var simulation = new OverloadSimulation(calls: 4);
        simulation.Run(600);

        Assert.Equal(0, simulation.Changes.Count + simulation.Shed);
        Assert.Equal((1, 1), (simulation.Pace, simulation.AgentPace));
    }

    [Fact]
    public void The_agents_partials_come_further_apart_and_stop_before_the_customers()
    {
        var simulation = new OverloadSimulation(OverloadSimulation.CallsAt(0.15));
        simulation.Run(120);
        Assert.Equal(1, simulation.Pace);
        Assert.InRange(simulation.AgentPace, 1.2, 4);
        Assert.Equal(AnalysisRung.Full, simulation.Rung);

        simulation = new OverloadSimulation(OverloadSimulation.CallsAt(0.35));
        simulation.Run(120);

        Assert.InRange(simulation.Pace, 1.5, 4);
        Assert.Equal(double.PositiveInfinity, simulation.AgentPace);
        Assert.Equal((AnalysisRung.Full, 0), (simulation.Rung, simulation.Shed));
        Assert.InRange(simulation.Finals.Max(final => final.Lag.TotalSeconds), 0, 1);
    }

    [Fact]
    public void A_slow_moment_does_not_keep_partials_away()
    {
        var load = new SpeechLoad(workers: 1);
        var now = new Instant(0);
        load.Measure(SpeechWork.CustomerPartial, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(20));   // as slow as speech
        double before = 0, after = 0;
        for (var second = 0; second < 120; second++)
        {
            now += TimeSpan.FromSeconds(1);
            load.Want(SpeechWork.CustomerFinal, TimeSpan.FromSeconds(1), now);
            load.Want(SpeechWork.CustomerPartial, TimeSpan.FromSeconds(4), now);
            load.Measure(SpeechWork.CustomerFinal, TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(100));
            if (second == 10) before = load.Of(AnalysisRung.Full, now);
            after = load.Of(AnalysisRung.Full, now);
        }

        Assert.InRange(before, 0.5, 2);
        Assert.InRange(after, 0.15, 0.3);   // finals a tenth, and four times as much partial audio at the slowest pace another
    }

    [Fact]
    public void A_stall_of_three_seconds_is_caught_up_with_in_five()
    {
        var simulation = new OverloadSimulation(calls: 8);
        simulation.Run(60);
        simulation.Stalled = true;
        simulation.Run(3);
        simulation.Stalled = false;
        simulation.Run(5);
        var recovered = simulation.Now;
        Assert.InRange(simulation.Age.TotalSeconds, 0, 0.3);

        simulation.Run(60);
        Assert.InRange(simulation.Finals.Where(final => final.At > recovered).Max(final => final.Lag.TotalSeconds), 0, 1.5);
        Assert.Equal(AnalysisRung.Full, simulation.Rung);
        Assert.InRange(simulation.Changes.Count, 1, 6);
    }

    private static double Lag99(OverloadSimulation simulation) =>
        simulation.Finals.Select(final => final.Lag.TotalSeconds).Order().ElementAt((int)(0.99 * simulation.Finals.Count));
}
