using CsCheck;
using EdgeAssist.AlertRelay.Baseline;
using Google.Protobuf.WellKnownTypes;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Baseline;

public sealed class ProcessMapTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    private static readonly string[] Teams = ["billing", "sales", ""], Cues = ["long_wait", "anger", "complaint"];

    private static readonly Gen<ObservedCall> Calls = Gen.Select(
        Gen.Int[0, 2].Select(i => Teams[i]), Gen.Int[1, 900], Gen.Int[0, 2].Select(i => Cues[i]), Gen.Int[0, 4], Gen.Bool, Gen.Bool,
        (team, at, cue, then, calm, upset) => Call(team, upset ? at : null, cue, calm ? at + 60 : null, then switch
        {
            1 => [(at + 20, CallTurn.Transfer)],
            2 => [(at + 20, CallTurn.Hold)],
            3 => [(at - 1, CallTurn.Transfer)],
            _ => [],
        }));

    [Fact]
    public void Every_upset_call_goes_through_one_box_of_every_column_and_what_comes_in_goes_out() => Calls.Array[0, 60].Sample(calls =>
    {
        var map = Map(calls);

        Assert.Equal((calls.Length, calls.Count(call => call.Alerts.Count > 0)), (map.Calls, map.Upset));
        foreach (var column in Enumerable.Range(0, map.Upset == 0 ? 0 : ProcessMap.Columns.Length))
            Assert.Equal(map.Upset, map.Steps.Where(step => step.Column == column).Sum(step => step.Calls));
        foreach (var step in map.Steps)
        {
            if (step.Column > 0) Assert.Equal(step.Calls, map.Edges.Where(edge => edge.To == step.Id).Sum(edge => edge.Calls));
            if (step.Column < ProcessMap.Columns.Length - 1) Assert.Equal(step.Calls, map.Edges.Where(edge => edge.From == step.Id).Sum(edge => edge.Calls));
        }
    });

    [Fact]
    public void The_same_calls_in_another_order_give_the_same_page() => Calls.Array[1, 40].Sample(calls =>
        Assert.Equal(ProcessMapPage.ToHtml(Map(calls), "p"), ProcessMapPage.ToHtml(Map([.. calls.Reverse()]), "p")), iter: 50);

    [Theory]
    [InlineData(30, 0, "start.first_minute")]
    [InlineData(100, 0, "start.minute_1_3")]
    [InlineData(200, 0, "start.minute_3_6")]
    [InlineData(400, 0, "start.later")]
    [InlineData(400, 350, "start.after_transfer")]   // 50 s before
    [InlineData(400, 330, "start.later")]            // 70 s before
    public void Where_it_starts_is_the_minute_or_what_came_shortly_before(int opened, int transfer, string expected)
    {
        var map = Map([Call("billing", opened, "anger", null, transfer == 0 ? [] : [(transfer, CallTurn.Transfer)])]);

        Assert.Equal(expected, map.Steps.Single(step => step.Column == 1).Id);
    }

    [Fact]
    public void Times_run_from_the_alert_to_help_and_from_help_to_calm()
    {
        var map = Map([Call("billing", 100, "anger", 190, [(130, CallTurn.Transfer)]), Call("billing", 100, "anger", 230, [(150, CallTurn.Transfer)])]);

        Assert.Equal(TimeSpan.FromSeconds(100), map.Edges.Single(edge => edge.From == "queue.billing").Median);
        Assert.Equal(TimeSpan.FromSeconds(40), map.Edges.Single(edge => edge.To == "then.transfer").Median);
        Assert.Equal(TimeSpan.FromSeconds(70), map.Edges.Single(edge => edge.To == "end.calm").Median);
        Assert.Equal((TimeSpan.FromSeconds(100), TimeSpan.FromSeconds(40), 2), (map.Teams[0].Start, map.Teams[0].Help, map.Teams[0].Helped));
    }

    [Fact]
    public void A_call_that_was_switched_or_lost_is_left_out_and_counted()
    {
        var switched = Call("billing", 100, "anger", null, []);
        switched.Info.ModeChanged = true;
        var lost = Call("billing", 100, "anger", null, []);
        lost.Info.EndReason = "lost";

        var map = Map([switched, lost, Call("billing", 100, "anger", null, [])]);

        Assert.Equal((3, 1, 2), (map.Calls, map.Upset, map.LeftOut));
    }

    private static ProcessMap Map(IEnumerable<ObservedCall> calls)
    {
        var builder = new ProcessMapBuilder();
        foreach (var call in calls) builder.Add(call);
        return builder.Build();
    }

    private static ObservedCall Call(string team, int? opened, string cue, int? calm, (int At, CallTurn Turn)[] turns) => new()
    {
        Info = new V1.Call { CallId = "c", Team = team, EndReason = "hangup", StartedAt = Timestamp.FromDateTimeOffset(Start), EndedAt = Timestamp.FromDateTimeOffset(Start.AddSeconds(1000)) },
        EndOffset = 1,
        Turns = [.. turns.Select(turn => (TimeSpan.FromSeconds(Math.Max(0, turn.At)), turn.Turn))],
        Alerts = opened is not { } at ? [] :
        [
            new V1.Alert
            {
                AlertId = "a",
                OpenedAt = Timestamp.FromDateTimeOffset(Start.AddSeconds(at)),
                Score = new V1.Score { Reasons = { new V1.Reason { Cue = cue } } },
                CalmSince = calm is { } since ? Timestamp.FromDateTimeOffset(Start.AddSeconds(since)) : null,
            },
        ],
    };
}
