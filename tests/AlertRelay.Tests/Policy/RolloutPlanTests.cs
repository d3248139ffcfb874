using CsCheck;
using EdgeAssist.AlertRelay.Policy;
using EdgeAssist.AlertRelay.Policy.Rollout;
using EdgeAssist.AlertRelay.Tests.Support;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Policy;

/// <summary>Plans: frozen, from a seed, carried out at local midnight.</summary>
public sealed class RolloutPlanTests
{
    private static readonly RolloutRequest Request = new()
    {
        Plan = "spring",
        Seed = "seed 1",
        Zone = "Europe/Berlin",
        Teams = ["billing", "sales", "front desk", "returns"],
        BaselineFrom = new DateOnly(2026, 3, 2),
        FirstStart = new DateOnly(2026, 3, 30),
        EveryDays = 7,
        Until = new DateOnly(2026, 5, 31),
    };

    private static readonly Gen<RolloutRequest> Requests = Gen.Select(
        Gen.String[Gen.Char.AlphaNumeric, 1, 10], Gen.Int[1, 20], Gen.Int[1, 60], Gen.Int[1, 30], Gen.Int[1, 5],
        (seed, teams, silent, every, perStep) => Request with
        {
            Seed = seed,
            Teams = [.. Enumerable.Range(1, teams).Select(i => $"team {i}")],
            FirstStart = Request.BaselineFrom.AddDays(silent),
            EveryDays = every,
            TeamsPerStep = perStep,
            Until = Request.BaselineFrom.AddDays(silent + every * teams),
        });

    [Fact]
    public void The_same_request_gives_the_same_plan_and_it_reads_back_as_written() => Requests.Sample(request =>
    {
        var plan = RolloutPlan.Make(request);

        Assert.Equal(plan.Seal, RolloutPlan.Make(request).Seal);
        Assert.Equal(plan.ToJson(), RolloutPlan.Parse(plan.ToJson()).ToJson());
    });

    [Fact]
    public void Every_team_starts_once_on_a_day_of_the_steps_and_no_step_has_more_than_it_may() => Requests.Sample(request =>
    {
        var plan = RolloutPlan.Make(request);

        Assert.Equal(request.Teams.Order(StringComparer.Ordinal), plan.Starts.Select(start => start.Team).Order(StringComparer.Ordinal));
        Assert.All(plan.Starts, start => Assert.Equal(0, (start.Day.DayNumber - request.FirstStart.DayNumber) % request.EveryDays));
        Assert.All(plan.Starts.GroupBy(start => start.Day), step => Assert.InRange(step.Count(), 1, request.TeamsPerStep));
        foreach (var start in plan.Starts)
        {
            Assert.Equal(V1.PolicyMode.Observe, plan.On(start.Team, start.Day.AddDays(-1)));
            Assert.Equal(V1.PolicyMode.Assist, plan.On(start.Team, start.Day));
        }
    });

    [Fact]
    public void The_seed_decides_and_every_team_comes_first_about_as_often()
    {
        var first = Enumerable.Range(0, 800).Select(i => RolloutPlan.Make(Request with { Seed = $"{i}" }).Starts[0].Team).GroupBy(team => team).ToDictionary(team => team.Key, team => team.Count());

        Assert.Equal(4, first.Count);
        Assert.All(first.Values, count => Assert.InRange(count, 140, 260));   // 200 expected, five standard deviations
    }

    [Theory]
    [InlineData("\"seed 1\"", "\"seed 2\"")]
    [InlineData("2026-03-02", "2026-03-03")]
    [InlineData("\"sales\"", "\"salez\"")]
    [InlineData("Europe/Berlin", "Europe/Paris")]
    [InlineData("\"everyDays\": 7", "\"everyDays\": 6")]
    public void A_plan_that_was_touched_is_refused(string text, string touched)
    {
        var json = RolloutPlan.Make(Request).ToJson();
        Assert.Contains(text, json, StringComparison.Ordinal);

        var refused = Assert.Throws<InvalidDataException>(() => RolloutPlan.Parse(json.Replace(text, touched, StringComparison.Ordinal)));

        Assert.Contains("changed after it was made", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_chosen_order_with_a_right_seal_is_refused_all_the_same()
    {
        // Somebody who knows the form takes the plan of a seed they like and writes another seed's name on it.
        var (made, liked) = (RolloutPlan.Make(Request), RolloutPlan.Make(Request with { Seed = "seed 7" }));
        Assert.NotEqual(made.Starts, liked.Starts);
        var forged = liked with { Request = Request };

        Assert.Throws<InvalidDataException>(() => RolloutPlan.Parse(forged.ToJson()));
    }

    [Fact]
    public void The_export_has_a_row_for_every_team_and_day()
    {
        var rows = RolloutPlan.Make(Request).ToCsv().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal("plan,day,team,mode", rows[0]);
        Assert.Equal(1 + 4 * 91, rows.Length);
        Assert.Equal("spring,2026-03-02,billing,observe", rows[1]);
        Assert.All(rows[^4..], row => Assert.EndsWith("assist", row, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z")]   // the day the clocks go forward, at two
    [InlineData("Europe/Berlin", "2026-03-30", "2026-03-29T22:00:00Z")]
    [InlineData("Africa/Cairo", "2024-04-26", "2024-04-25T22:00:00Z")]    // midnight does not exist: the day begins at one
    [InlineData("America/Havana", "2025-11-02", "2025-11-02T04:00:00Z")]  // clocks go back at one: midnight comes twice, the first counts
    [InlineData("Pacific/Kiritimati", "2026-01-01", "2025-12-31T10:00:00Z")]
    public void A_day_begins_at_midnight_of_its_zone(string zone, string day, string expected)
    {
        var plan = RolloutPlan.Make(Request with { Zone = zone });

        Assert.Equal(DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), plan.Begins(DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void Each_phase_is_switched_once_and_what_is_late_or_otherwise_is_recorded()
    {
        var plan = RolloutPlan.Make(Request with { Teams = ["billing"] });
        var (modes, made) = (TeamModes.None, new List<V1.PolicySwitch>());
        var known = plan.Begins(new DateOnly(2026, 2, 1));

        Assert.Empty(At(plan.Begins(Request.BaselineFrom).AddSeconds(-1)).Switches);
        var silent = At(plan.Begins(Request.BaselineFrom).AddSeconds(3));
        Assert.Equal((V1.PolicyMode.Observe, "plan:spring"), Assert.Single(silent.Switches.Select(each => (each.Mode, each.Actor))));
        Assert.Empty(silent.Deviations);
        AssertQuiet(At(plan.Begins(Request.BaselineFrom).AddSeconds(8)));

        // An admin lets the team be shown a week early; the plan does not fight, it records.
        Make(new V1.PolicySwitch { Team = "billing", Mode = V1.PolicyMode.Assist, Actor = "root" }, plan.Begins(new DateOnly(2026, 3, 20)));
        var otherwise = At(plan.Begins(new DateOnly(2026, 3, 21)));
        Assert.Empty(otherwise.Switches);
        Assert.Contains("by root, planned is observe", Assert.Single(otherwise.Deviations).Sentence, StringComparison.Ordinal);

        // The appliance was off at the start's midnight.
        var late = At(plan.Begins(Request.FirstStart).AddHours(7));
        Assert.Equal(V1.PolicyMode.Assist, Assert.Single(late.Switches).Mode);
        Assert.Contains("was due at 2026-03-29 22:00:00Z and came at 2026-03-30 05:00:00Z", Assert.Single(late.Deviations).Sentence, StringComparison.Ordinal);
        AssertQuiet(At(plan.Begins(new DateOnly(2026, 4, 20))));
        Assert.Empty(At(plan.Begins(Request.Until.AddDays(1))).Switches);

        RolloutStep At(DateTimeOffset now)
        {
            var step = RolloutStep.Decide(plan, modes, made, now, known);
            foreach (var each in step.Switches) Make(each, now);
            return step;
        }

        void Make(V1.PolicySwitch each, DateTimeOffset at)
        {
            each.At = Timestamp.FromDateTimeOffset(at);
            made.Add(each);
            modes = modes.With(each, made.Count, at);
            made.RemoveAll(one => one.Actor == "root");
        }

        static void AssertQuiet(RolloutStep step)
        {
            Assert.Empty(step.Switches);
            Assert.Empty(step.Deviations);
        }
    }

    [Fact]
    public async Task The_appliance_switches_at_local_midnight_and_a_plan_that_was_exchanged_is_not_carried_out()
    {
        using var directory = new TempDirectory();
        var plan = RolloutPlan.Make(Request with { Teams = ["billing"] });
        RolloutFiles.Write(directory.Path, plan);
        var time = new FakeTimeProvider(plan.Begins(Request.BaselineFrom).AddSeconds(-30));
        await using var server = await RelayServer.StartAsync(directory.Path, time: time);
        await UntilAsync(server, time, () => RolloutFactsOf(directory.Path, plan) >= 1, step: TimeSpan.Zero);
        Assert.Equal(V1.PolicyMode.Assist, server.Writer.State.Modes.Of("billing"));

        await UntilAsync(server, time, () => server.Writer.State.Modes.Of("billing") == V1.PolicyMode.Observe, TimeSpan.FromSeconds(5));
        Assert.InRange(time.GetUtcNow(), plan.Begins(Request.BaselineFrom), plan.Begins(Request.BaselineFrom).AddMinutes(10));

        File.WriteAllText(RolloutFiles.PathOf(directory.Path, plan.Id), RolloutPlan.Make(Request with { Teams = ["billing"], FirstStart = new DateOnly(2026, 3, 3) }).ToJson());
        time.SetUtcNow(plan.Begins(new DateOnly(2026, 3, 3)).AddHours(1));
        for (var i = 0; i < 20; i++)
        {
            time.Advance(TimeSpan.FromSeconds(5));
            await Task.Yield();
        }

        Assert.Equal(V1.PolicyMode.Observe, server.Writer.State.Modes.Of("billing"));
    }

    private static int RolloutFactsOf(string directory, RolloutPlan plan) => RolloutFiles.Facts(directory, plan.Id).Count;

    // Virtual time goes on by steps while the relay's own loops take what it brings.
    private static async Task UntilAsync(RelayServer server, FakeTimeProvider time, Func<bool> holds, TimeSpan step)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var deadline = Patience.Of(60);
        while (!holds())
        {
            Assert.False(deadline.IsCancellationRequested, $"It did not happen; {server.Writer.State.Offset} records.");
            time.Advance(step);
            await tick.WaitForNextTickAsync(CancellationToken.None);
        }
    }
}
