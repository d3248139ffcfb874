using System.Globalization;
using EdgeAssist.ConsoleTests.Support;
using EdgeAssist.Contracts;
using Xunit;

namespace EdgeAssist.ConsoleTests;

/// <summary>
/// What the README says of speed and memory: run by hand,
/// <c>tests/Console.Tests/bin/Release/net10.0/EdgeAssist.Console.Tests -explicit only -method '*Figures*' -showliveoutput</c>.
/// </summary>
public sealed class Figures(ITestOutputHelper output)
{
    private const int Calls = 200, CallsAnHour = 12, ScoresACall = 60, FinalsACall = 100;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact(Explicit = true)]
    public async Task Time_to_pixels_and_an_hour_of_200_calls()
    {
        await using var desk = await ConsoleDesk.StartAsync(Cancel);

        var said = await desk.RunAsync("figures.mjs",
            ("two-hundred", async _ =>
            {
                for (var i = 0; i < Calls; i++) await CalmAsync(desk, Spoken.NewCall(), $"agent{i:000}");
                return "said";
            }),
            ("calm-call", async number =>
            {
                var call = Spoken.NewCall();
                await CalmAsync(desk, call, "measured" + number);
                return call.Value;
            }),
            ("goes-bad", async id =>
            {
                var call = new CallId(id);
                await desk.SayAsync(Spoken.Score(call, 0.9, 8));
                var alert = await desk.AlertOfAsync(call);
                return alert.OpenedAt.ToDateTimeOffset().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
            }),
            ("an-hour", async _ =>
            {
                var hour = await Task.WhenAll(Enumerable.Range(0, Calls).Select(line => LineAsync(desk, line)));
                return hour.Sum().ToString(CultureInfo.InvariantCulture);
            }));
        output.WriteLine(said);
    }

    /// <summary>One line's hour: call after call.</summary>
    private static async Task<int> LineAsync(ConsoleDesk desk, int line)
    {
        var events = 0;
        for (var i = 0; i < CallsAnHour; i++)
        {
            var call = Spoken.NewCall();
            await CalmAsync(desk, call, $"agent{line:000}");
            for (var turn = 1; turn <= FinalsACall; turn++)
            {
                await desk.SayAsync(Spoken.Words(call, turn, "Thank you, that is very kind of you, let me see what I can do.", turn * 3, turn % 2 == 0 ? PartyRole.Agent : PartyRole.Customer));
                if (turn % 5 < 3) await desk.SayAsync(Spoken.Score(call, 0.05 + (line + turn) % 20 / 100.0, turn * 3));
            }

            await desk.SayAsync(Spoken.Ended(call));
            events += 3 + FinalsACall + ScoresACall;
        }

        return events;
    }

    private static async Task CalmAsync(ConsoleDesk desk, CallId call, string agent)
    {
        await desk.SayAsync(Spoken.Started(call, agent));
        await desk.SayAsync(Spoken.Score(call, 0.1, 1));
    }
}
