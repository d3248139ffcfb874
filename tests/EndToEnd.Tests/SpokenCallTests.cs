using EdgeAssist.EndToEnd.Tests.Support;
using EdgeAssist.Inference.Hosting;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Streaming;
using EdgeAssist.SpokenCalls;
using EdgeAssist.Training.Escalation;
using EdgeAssist.Training.Voice;
using Xunit;

namespace EdgeAssist.EndToEnd.Tests;

/// <summary>Generated calls, spoken by a synthesiser, from RTP to the alert on a clock of their own.</summary>
public sealed class SpokenCallTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Spoken_escalations_stand_out_and_alert_before_the_customer_asks_for_somebody_else_and_a_calm_call_does_not()
    {
        Require("flite");
        Require("sox");
        var (directory, reason) = await TestModels.FindAsync(Cancel);
        if (directory is null) Assert.Skip(reason);
        using var replay = CallReplay.Load(new ModelStore(directory), new InferenceOptions());

        var heard = new List<HeardCall>();
        foreach (var script in SpokenEvaluation.Choose(escalating: 3, recovering: 0, calm: 1, seed: 1)) heard.Add(await HearAsync(replay, script));

        // A synthesiser's words are misheard one time in five: not every escalation is caught.
        var calm = heard[^1];
        Assert.Equal(0, calm.Alerts);
        Assert.Contains(heard[..3], call => call.FirstAlert < call.Script.Explicit);
        Assert.All(heard[..3], call => Assert.True(call.HighestBefore > calm.HighestBefore, $"{call.Script.Family}: {call.HighestBefore}, calm: {calm.HighestBefore}"));
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
