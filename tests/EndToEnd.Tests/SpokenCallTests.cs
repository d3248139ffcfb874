using EdgeAssist.EndToEnd.Tests.Support;
using EdgeAssist.Inference.Hosting;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Streaming;
using EdgeAssist.SpokenCalls;
using EdgeAssist.Training.Escalation;
using Xunit;

namespace EdgeAssist.EndToEnd.Tests;

/// <summary>Generated calls, spoken by a synthesiser, from RTP to the alert on a clock of their own.</summary>
public sealed class SpokenCallTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_spoken_escalation_alerts_before_the_customer_asks_for_somebody_else_and_a_calm_call_does_not()
    {
        Require("flite");
        Require("sox");
        var (directory, reason) = await TestModels.FindAsync(Cancel);
        if (directory is null) Assert.Skip(reason);
        using var replay = CallReplay.Load(new ModelStore(directory), new InferenceOptions());

        var calls = SpokenEvaluation.Choose(escalating: 1, recovering: 0, calm: 1, seed: 1).ToList();
        var escalating = await HearAsync(replay, calls[0]);
        var calm = await HearAsync(replay, calls[1]);

        Assert.Equal((1, 0), (escalating.Alerts, calm.Alerts));
        Assert.True(escalating.FirstAlert < escalating.Script.Explicit, $"Alerted at {escalating.FirstAlert}, said at {escalating.Script.Explicit}.");
        Assert.True(escalating.HighestBefore > calm.HighestBefore);
    }

    [Fact]
    public void Gaps_and_overlaps_are_the_scripts_and_the_same_call_is_spoken_the_same()
    {
        Require("flite");
        Require("sox");
        var script = SpokenEvaluation.Choose(escalating: 1, recovering: 0, calm: 0, seed: 1).Single();
        script = script with { Turns = [.. script.Turns.Take(6)] };

        var (one, again) = (SpokenCall.Render(script, SpeechEngine.Flite, 1), SpokenCall.Render(script, SpeechEngine.Flite, 1));

        Assert.Equal(one.Customer, again.Customer);
        Assert.Equal(one.Packets().Count(), again.Packets().Count());
        for (var i = 1; i < script.Turns.Count; i++)
            Assert.True(one.Script.Turns[i].Start - one.Script.Turns[i - 1].End >= script.Turns[i].Start - script.Turns[i - 1].End - TimeSpan.FromMilliseconds(1));
    }

    private static void Require(string program)
    {
        if (Tool.Find(program) is null) Assert.Skip($"{program} is not installed (Debian: apt-get install {program}).");
    }

    private static Task<HeardCall> HearAsync(CallReplay replay, CallScript script) =>
        HeardCall.HearAsync(replay, SpokenCall.Render(script, SpeechEngine.Flite, 1), Cancel);
}
