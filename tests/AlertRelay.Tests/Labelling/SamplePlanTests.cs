using CsCheck;
using EdgeAssist.AlertRelay.Labelling;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Labelling;

public sealed class SamplePlanTests
{
    private static readonly Gen<(string Seed, FrameCall[] Frame, double Un, double Al)> World = Gen.Select(
        Gen.String[Gen.Char.AlphaNumeric, 1, 8],
        Gen.Select(Gen.Int[0, 100_000], Gen.Bool, (id, alerted) => new FrameCall($"call-{id}", id % 2 == 0 ? "a" : "b", alerted, DateTimeOffset.UnixEpoch)).Array[0, 200]
            .Select(calls => calls.DistinctBy(call => call.CallId).ToArray()),
        Gen.Double[0.001, 1],
        Gen.Double[0, 1]);

    [Fact]
    public void The_same_seed_and_frame_give_the_same_sample_in_whatever_order_the_frame_comes() => World.Sample(world =>
    {
        var drawn = SamplePlan.Draw(world.Seed, world.Frame, world.Un, world.Al);
        var again = SamplePlan.Draw(world.Seed, [.. world.Frame.Reverse()], world.Un, world.Al);

        Assert.Equal(drawn, again);
    });

    [Fact]
    public void Each_stratum_gives_its_share_and_no_call_twice() => World.Sample(world =>
    {
        var drawn = SamplePlan.Draw(world.Seed, world.Frame, world.Un, world.Al);

        foreach (var (alerted, fraction) in new[] { (false, world.Un), (true, world.Al) })
        {
            var frame = world.Frame.Count(call => call.Alerted == alerted);
            Assert.Equal(SamplePlan.Size(frame, fraction), drawn.Count(each => each.Call.Alerted == alerted));
            Assert.InRange(SamplePlan.Size(frame, fraction), frame * fraction - 1e-6, frame * fraction + 1);
        }

        Assert.Equal(drawn.Count, drawn.Select(each => each.Call.CallId).Distinct().Count());
        Assert.Equal(Enumerable.Range(0, drawn.Count), drawn.Select(each => each.Position));
    });

    [Fact]
    public void Every_call_has_the_same_chance_whatever_its_id()
    {
        // 400 seeds draw a quarter of 80 calls: each is expected 100 times, with a standard deviation of 8.7.
        var frame = Enumerable.Range(0, 80).Select(i => new FrameCall($"{i:D4}", "a", false, DateTimeOffset.UnixEpoch)).ToArray();
        var times = frame.ToDictionary(call => call.CallId, _ => 0);
        for (var seed = 0; seed < 400; seed++)
        {
            foreach (var (call, _) in SamplePlan.Draw($"seed {seed}", frame, 0.25, 0)) times[call.CallId]++;
        }

        var chiSquare = times.Values.Sum(count => Math.Pow(count - 100.0, 2) / (400 * 0.25 * 0.75));
        Assert.All(times.Values, count => Assert.InRange(count, 100 - 45, 100 + 45));
        Assert.InRange(chiSquare, 42, 132);   // 79 degrees of freedom, both ends beyond 1 in 1,000
    }
}
