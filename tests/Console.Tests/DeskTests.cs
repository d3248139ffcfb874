using EdgeAssist.Contracts;
using EdgeAssist.ConsoleTests.Support;
using Xunit;

namespace EdgeAssist.ConsoleTests;

/// <summary>The console in a real browser against a real appliance, whose calls these tests say.</summary>
public sealed class DeskTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Signing_in_leaves_nothing_behind_but_the_apps_shell()
    {
        ConsoleScript.SkipWithoutBrowser();
        await using var desk = await ConsoleDesk.StartAsync(Cancel);
        await SayAllAsync(desk, Spoken.BadCall(Spoken.NewCall()));

        await desk.RunAsync("sign-in.mjs", ("stop-serving", async _ =>
        {
            await desk.Appliance.StopAsync();
            return "stopped";
        }));
    }

    [Fact]
    public async Task Two_hundred_calls_are_ranked_worked_by_keyboard_and_readable_for_everybody()
    {
        ConsoleScript.SkipWithoutBrowser();
        await using var desk = await ConsoleDesk.StartAsync(Cancel);
        await SayAllAsync(desk, Spoken.BadCall(Spoken.NewCall()));
        for (var i = 1; i < 200; i++)
        {
            var call = Spoken.NewCall();
            await desk.SayAsync(Spoken.Started(call, $"agent{i:000}", secondsAgo: i * 0.3));
            await desk.SayAsync(Spoken.Score(call, i % 50 == 0 ? 0.7 : 0.02 + i % 37 / 100.0, 5));
        }

        await desk.RunAsync("wall.mjs");
    }

    private static async Task SayAllAsync(ConsoleDesk desk, IEnumerable<CallEvent> events)
    {
        foreach (var said in events) await desk.SayAsync(said);
    }
}
