using System.Collections.Immutable;
using EdgeAssist.Contracts;
using EdgeAssist.Inference.Asr;
using EdgeAssist.Inference.Hosting;
using EdgeAssist.Inference.Streaming;
using EdgeAssist.Inference.Tests.Streaming;
using Xunit;

namespace EdgeAssist.Inference.Tests.Hosting;

public sealed class MachineEstimateTests
{
    // 20 ms a second of speech, 10 ms an utterance; voice activity 0.32 ms a frame: 1 % of a core a leg.
    private static readonly ImmutableArray<UtteranceCost> Costs = [Cost(1, 30), Cost(2, 50), Cost(5, 110), Cost(10, 210)];
    private static readonly MachineEstimate Estimate = new(Costs, Costs, TimeSpan.FromMilliseconds(0.32), new AnalysisSettings());

    [Theory]
    [InlineData(0.5, 20)]
    [InlineData(1.5, 40)]
    [InlineData(4, 90)]
    [InlineData(12, 250)]
    public void Costs_between_and_beyond_the_measured_lengths_lie_on_lines(double seconds, double milliseconds) =>
        Assert.Equal(milliseconds, Estimate.Cost(TimeSpan.FromSeconds(seconds)).TotalMilliseconds, 0.01);

    [Fact]
    public void A_call_takes_what_its_sentences_take()
    {
        Assert.Equal(0.02, Estimate.OfCall(AnalysisRung.VoiceOnly, agentPartials: false), 5);

        // A sentence of 4 s is cut with 416 ms around it: 10 ms + 4.416 s × 20 ms = 98.3 ms; 0.4 of the time is sentences of 4 s.
        Assert.Equal(0.02 + 0.00983, Estimate.OfCall(AnalysisRung.CustomerFinalsOnly, agentPartials: false), 4);
        Assert.Equal(0.02 + (2 * 0.00983), Estimate.OfCall(AnalysisRung.NoPartials, agentPartials: false), 4);

        // Partials at 0.32, 0.82, … 3.82 s, each with 224 ms of pre-roll: 8 × 10 ms + 20 ms × (8 × 0.544 + 0.5 × 28) = 447 ms.
        Assert.Equal(0.02 + (2 * 0.00983) + 0.0447, Estimate.OfCall(AnalysisRung.Full, agentPartials: false), 4);
        Assert.Equal(0.02 + (2 * 0.00983) + (2 * 0.0447), Estimate.OfCall(AnalysisRung.Full, agentPartials: true), 4);
        Assert.Equal(0.02 + (2 * 0.00983) + (2 * 0.0447 / 4), Estimate.OfCall(AnalysisRung.Full, agentPartials: true, pace: 4), 4);
    }

    [Theory]
    [InlineData(5, AnalysisRung.Full)]
    [InlineData(14, AnalysisRung.Full)]
    [InlineData(16, AnalysisRung.NoPartials)]
    [InlineData(22, AnalysisRung.CustomerFinalsOnly)]
    [InlineData(5000, AnalysisRung.VoiceOnly)]
    public void More_calls_get_less(int calls, AnalysisRung rung) => Assert.Equal(rung, Estimate.RungOf(calls, cores: 1));

    [Fact]
    public void A_measurement_gives_a_cost_for_every_length_and_a_run_on_every_core()
    {
        var recognizer = new MeasuringRecognizer();

        var speed = SpeedTest.Measure(recognizer, new LoudnessVoice(), new float[160_000], SpeechContext.None);

        Assert.Equal([1, 2, 4, 10], speed.Costs.Select(cost => cost.Audio.TotalSeconds));
        Assert.Equal([1, 2, 4, 10], speed.PartialCosts.Select(cost => cost.Audio.TotalSeconds));
        Assert.Equal([500, 1000, 1500, 2000, 3500, 4000, 9500, 10_000], recognizer.Heard.Distinct().Order());
        Assert.Equal(40 + 4 + 40 + (5 * Environment.ProcessorCount), recognizer.Heard.Count);
        Assert.True(speed.Together >= 1);
    }

    private static UtteranceCost Cost(double seconds, double milliseconds) => new(TimeSpan.FromSeconds(seconds), TimeSpan.FromMilliseconds(milliseconds));
}
