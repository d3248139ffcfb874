using System.Globalization;
using EdgeAssist.ConsoleTests.Support;
using EdgeAssist.EndToEnd.Tests.Support;
using EdgeAssist.Host.Demo;
using EdgeAssist.Testing;
using EdgeAssist.V1;
using Xunit;

namespace EdgeAssist.ConsoleTests;

/// <summary>The whole story in a browser, on a real call between two phones through the appliance.</summary>
public sealed class StoryTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edgeassist-story-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_call_goes_bad_the_agent_is_helped_the_supervisor_whispers_the_score_falls_and_the_outcome_is_recorded()
    {
        ConsoleScript.SkipWithoutBrowser();
        var (models, missing) = await TestModels.FindAsync(Cancel);
        if (models is null) Assert.Skip(missing);
        var sample = SampleCall.Bundled("recovered");
        var (agentPort, leadPort) = (LoopbackPorts.Free(), LoopbackPorts.Free());
        await using var desk = await ConsoleDesk.StartAsync(models!, Cancel,
        [
            .. new InlineCalls(_folder.FullName).Settings(agentPort),
            new("Sip:Trunks:0:Team", "billing"),
            new("Supervision:Phones:0:Subject", "sue"),
            new("Supervision:Phones:0:Address", string.Create(CultureInfo.InvariantCulture, $"sip:sue@127.0.0.1:{leadPort}")),
        ]);
        await desk.TellHistoryAsync("aor", "sip:daniel@127.0.0.1");
        await using var agent = BaresipPhone.Start(_folder.FullName, "susan", agentPort, SupervisedCalls.Speech(sample, "agent"), 0, "", 240);
        await using var lead = BaresipPhone.Start(_folder.FullName, "sue", leadPort, SupervisedCalls.Chord(), 0, "", 240);
        await agent.WaitForAsync("baresip is ready", Cancel);
        await lead.WaitForAsync("baresip is ready", Cancel);
        BaresipPhone? customer = null;

        try
        {
            await desk.RunAsync("story.mjs",
                ("call", _ =>
                {
                    customer = BaresipPhone.Start(_folder.FullName, "daniel", LoopbackPorts.Free(), SupervisedCalls.Speech(sample, "customer"), 0, $"sip:susan@{desk.Appliance.Sip}", 130);
                    return Task.FromResult("called");
                }),
                ("cites", _ => Task.FromResult("promise|ticket|contact")),
                ("who-hears-the-supervisor", async _ =>
                {
                    await SupervisedCalls.HearsChordAsync(agent, Cancel);
                    return SupervisedCalls.LoudestChord(customer!.HeardSoFar()) < -60 ? "agent" : "both";
                }));
        }
        finally
        {
            if (customer is not null) await customer.DisposeAsync();
        }

        var alert = Assert.Single(await desk.AlertsAsync());
        Assert.Equal(AlertState.Resolved, alert.State);
        Assert.Equal("sue", alert.ClosedBy);
        Assert.Equal("Technician booked", alert.Outcome.Disposition);
        Assert.True(alert.Outcome.RiskAfter < alert.Outcome.RiskBefore, $"The risk went from {alert.Outcome.RiskBefore} to {alert.Outcome.RiskAfter}.");
        var prompt = (await desk.PromptsOfAsync(new Contracts.CallId(alert.CallId)))[0];
        Assert.Equal(PromptState.Accepted, prompt.State);
        Assert.NotEmpty(prompt.Option.Citations);
    }
}
