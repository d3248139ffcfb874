using EdgeAssist.ConsoleTests.Support;
using EdgeAssist.EndToEnd.Tests.Support;
using EdgeAssist.Host.Demo;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Hosting;
using Xunit;

namespace EdgeAssist.ConsoleTests;

/// <summary>
/// The README's pictures, of the three sample calls played as an SBC would: run by hand,
/// <c>EDGEASSIST_SCREENS=src/Console/docs tests/Console.Tests/bin/Debug/net10.0/EdgeAssist.Console.Tests -explicit only -method '*Screens*'</c>.
/// </summary>
public sealed class Screens
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact(Explicit = true)]
    public async Task Pictures_of_wall_open_call_panel_and_past_call_in_light_and_dark()
    {
        var folder = Directory.CreateDirectory(Path.GetFullPath(Environment.GetEnvironmentVariable("EDGEASSIST_SCREENS") ?? Path.Combine(ConsoleScript.Folder, "docs"))).FullName;
        var (models, missing) = await TestModels.FindAsync(Cancel);
        Assert.SkipWhen(models is null, missing);
        await using var desk = await ConsoleDesk.StartAsync(models!, Cancel,
            new("Sip:Trunks:0:Team", "billing"), new("Sip:Trunks:0:Roles:0:Test", "Pattern"), new("Sip:Trunks:0:Roles:0:Value", @"@[a-z]+\.riverside\.example"), new("Sip:Trunks:0:Roles:0:Role", "Agent"),
            new("Sip:Trunks:0:Roles:1:Test", "Any"), new("Sip:Trunks:0:Roles:1:Value", ""), new("Sip:Trunks:0:Roles:1:Role", "Customer"),
            new("Supervision:Phones:0:Subject", "sue"), new("Supervision:Phones:0:Address", "sip:sue@127.0.0.1"));
        await desk.TellHistoryAsync("number", "+12025550147");
        List<Task> playing = [];

        Environment.SetEnvironmentVariable("SCREENS", folder);
        await desk.RunAsync("screens.mjs", ("calls", _ =>
        {
            foreach (var name in new[] { "escalation", "recovered", "calm" })
            {
                var plan = new RecordingCallPlan { Target = desk.Appliance.Sip, Streams = [.. PlannedCall.Streams(SampleCall.Bundled(name), G711Law.Mu)] };
                playing.Add(RecordingClients.Create(TimeProvider.System).PlaceAsync(plan, Cancel));
            }

            return Task.FromResult("placed");
        }));
        await Task.WhenAll(playing);
    }
}
