using System.Text.Json;
using EdgeAssist.Contracts;
using EdgeAssist.ConsoleTests.Support;
using EdgeAssist.V1;
using Xunit;
using CallEvent = EdgeAssist.Contracts.CallEvent;

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

    [Fact]
    public async Task Two_supervisors_share_an_alert_that_one_of_them_holds()
    {
        ConsoleScript.SkipWithoutBrowser();
        await using var desk = await ConsoleDesk.StartAsync(Cancel);
        var call = Spoken.NewCall();
        await SayAllAsync(desk, Spoken.BadCall(call));

        await desk.RunAsync("actions.mjs",
            ("alert", async _ =>
            {
                var alert = await desk.AlertOfAsync(call);
                return JsonSerializer.Serialize(new
                {
                    holder = alert.Holder, state = alert.State.ToString(), closedBy = alert.ClosedBy, closedReason = alert.ClosedReason, disposition = alert.Outcome?.Disposition ?? "",
                    shownTo = alert.Receipts.Where(receipt => receipt.Kind == ReceiptKind.Shown).Select(receipt => receipt.Subject),
                });
            }),
            ("move", async _ =>
            {
                await desk.SayAsync(new CallUpdated(Spoken.Info(call, "susan", "returns") with { Version = 2 }, Instant.Now(TimeProvider.System)));
                return "moved";
            }));
    }

    [Fact]
    public async Task A_cut_wire_loses_no_place_and_what_was_missed_is_told()
    {
        ConsoleScript.SkipWithoutBrowser();
        await using var desk = await ConsoleDesk.StartAsync(Cancel);
        var call = Spoken.NewCall();
        await SayAllAsync(desk, Spoken.BadCall(call));

        await desk.RunAsync("connection.mjs",
            ("bad-call", async agent => await BadCallAsync(desk, agent)),
            ("words", async text =>
            {
                await desk.SayAsync(Spoken.Words(call, 5, text, 34));
                return "said";
            }),
            ("short-token", _ => Task.FromResult(desk.Token(ConsoleDesk.Sue, TimeSpan.FromSeconds(8)))));
    }

    [Fact]
    public async Task Notifications_come_with_sound_not_in_quiet_hours_and_without_personal_data()
    {
        ConsoleScript.SkipWithoutBrowser();
        await using var desk = await ConsoleDesk.StartAsync(Cancel);

        await desk.RunAsync("desktop.mjs", ("bad-call", async agent => await BadCallAsync(desk, agent)));
    }

    [Fact]
    public async Task The_agent_gets_one_prompt_that_cites_the_history_and_a_supervisors_words()
    {
        ConsoleScript.SkipWithoutBrowser();
        await using var desk = await ConsoleDesk.StartAsync(Cancel);
        var call = Spoken.NewCall();

        await desk.RunAsync("panel.mjs",
            ("call-with-history", async _ =>
            {
                await desk.TellHistoryAsync("number", "+12025550147");
                var said = Spoken.BadCall(call);
                await desk.SayAsync(said[0]);
                await desk.LookUpAsync(call);   // who said the call has to do it: no gateway is there that looks customers up
                await SayAllAsync(desk, said.Skip(1));
                await ConsoleDesk.UntilAsync(async () => (await desk.PromptsOfAsync(call)).Count > 0, "No prompt was offered.", Cancel);
                var option = Assert.Single(await desk.PromptsOfAsync(call)).Option;
                Assert.NotNull(option);
                return JsonSerializer.Serialize(new { cites = option.Citations[0].Line });
            }),
            ("prompt-state", async wanted =>
            {
                await ConsoleDesk.UntilAsync(async () => (await desk.PromptsOfAsync(call))[0].State.ToString() == wanted, $"The prompt did not become {wanted}.", Cancel);
                return wanted;
            }));
    }

    [Fact]
    public async Task Past_calls_are_found_and_played_back_with_what_came_of_them()
    {
        ConsoleScript.SkipWithoutBrowser();
        await using var desk = await ConsoleDesk.StartAsync(Cancel);
        var bad = Spoken.NewCall();
        await SayAllAsync(desk, Spoken.BadCall(bad));
        await desk.AnnotateAsync(await desk.AlertOfAsync(bad), "Double charge given back.", "Credit given");
        await desk.SayAsync(Spoken.Ended(bad));
        foreach (var agent in new[] { "anna", "bert" })
        {
            var call = Spoken.NewCall();
            await SayAllAsync(desk, [Spoken.Started(call, agent), Spoken.Score(call, 0.05, 3), Spoken.Ended(call)]);
        }

        await desk.RunAsync("past.mjs");
    }

    private static async Task<string> BadCallAsync(ConsoleDesk desk, string agent)
    {
        await SayAllAsync(desk, Spoken.BadCall(Spoken.NewCall(), agent));
        return "said";
    }

    private static async Task SayAllAsync(ConsoleDesk desk, IEnumerable<CallEvent> events)
    {
        foreach (var said in events) await desk.SayAsync(said);
    }
}
