using CsCheck;
using EdgeAssist.AlertRelay.Rules;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Rules;

public sealed class RankingTests
{
    private static readonly Gen<WallCandidate> Candidates = Gen.Select(Gen.Int[0, 99], Gen.Double[0, 1], Gen.Int[0, 600], Gen.Double[0.1, 10], Gen.Bool)
        .Select((id, risk, waiting, value, attended) => Of($"{id:00}", risk, waiting, value, attended));

    [Fact]
    public void Risk_waiting_and_value_each_move_a_call_up()
    {
        Assert.Equal(["b", "a"], Order(Of("a", 0.5), Of("b", 0.6)));
        Assert.Equal(["b", "a"], Order(Of("a", 0.5, 10), Of("b", 0.5, 60)));
        Assert.Equal(["b", "a"], Order(Of("a", 0.5), Of("b", 0.5, value: 2)));
    }

    [Fact]
    public void A_call_that_waited_three_minutes_goes_before_graver_ones()
    {
        Assert.Equal(["old", "grave"], Order(Of("grave", 1, 100, 10), Of("old", 0.1, 180, 0.1)));
    }

    [Fact]
    public void What_somebody_looks_after_comes_last()
    {
        Assert.Equal(["mild", "held"], Order(Of("held", 1, 500, 10, attended: true), Of("mild", 0.1)));
    }

    [Fact]
    public void However_the_calls_come_in_the_wall_is_the_same_and_the_top_is_its_beginning() =>
        Gen.Select(Candidates.Array[0, 30], Gen.Int[1, 10], Gen.Int).Sample((calls, top, seed) =>
        {
            calls = [.. calls.DistinctBy(call => call.CallId)];
            var shuffled = calls.ToArray();
            new Random(seed).Shuffle(shuffled);

            var whole = Ranking.Order(calls, int.MaxValue);

            Assert.Equal(whole, Ranking.Order(shuffled, int.MaxValue));
            Assert.Equal(whole.Take(top), Ranking.Order(shuffled, top));
        });

    private static IEnumerable<string> Order(params WallCandidate[] calls) => Ranking.Order(calls, 10).Select(rank => rank.Call.CallId);

    private static WallCandidate Of(string id, double risk, int waiting = 0, double value = 1, bool attended = false) =>
        new(id, risk, TimeSpan.FromSeconds(waiting), value, attended);
}
