using EdgeAssist.EndToEnd.Tests.Support;
using EdgeAssist.Testing;
using EdgeAssist.Host.Demo;
using EdgeAssist.Testing.Audio;
using EdgeAssist.V1;
using Xunit;

namespace EdgeAssist.EndToEnd.Tests;

/// <summary>A call carried through, heard by analysis: two phones play the sample call that goes wrong, in real time.</summary>
[Collection(PlayedCallsDefinition.Name)]   // behind the calls played at once, which need the machine for themselves
public sealed class InlineAnalysisTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edgeassist-inline-heard-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Both_sides_of_a_call_between_phones_are_transcribed_and_the_alert_opens()
    {
        var (models, missing) = await TestModels.FindAsync(Cancel);
        if (models is null) Assert.Skip(missing);
        var sample = SampleCall.Bundled("escalation");
        var (customer, agent) = (Speech(sample, "customer"), Speech(sample, "agent"));
        var port = LoopbackPorts.Free();
        var inline = new InlineCalls(_folder.FullName);
        await using var appliance = await TestAppliance.StartAsync(models!, Cancel, inline.Settings(port));
        await using var watcher = appliance.Watch();
        await watcher.OpenAsync(Cancel).WaitAsync(TimeSpan.FromSeconds(10), Cancel);
        await using var callee = BaresipPhone.Start(_folder.FullName, "susan", port, agent, 0, "", 150);
        await callee.WaitForAsync("baresip is ready", Cancel);

        await using var caller = BaresipPhone.Start(_folder.FullName, "daniel", LoopbackPorts.Free(), customer, 0, $"sip:susan@{appliance.Sip}", 110);
        await watcher.WaitForAsync(
            (calls, alerts) => Words(calls, PartyRole.Customer) >= 20 && Words(calls, PartyRole.Agent) >= 20 && alerts.Any(heard => heard.Value.Change == AlertChange.Opened),
            Cancel).WaitAsync(TimeSpan.FromSeconds(120), Cancel);

        var call = watcher.Calls.Select(heard => heard.Value.Started).First(started => started is not null);
        Assert.Equal("inline", call.Source);
        Assert.Equal([PartyRole.Customer, PartyRole.Agent], call.Legs.Select(leg => leg.Role));
        Assert.Equal("susan", call.Agent);
        var alert = watcher.Alerts.First(heard => heard.Value.Change == AlertChange.Opened).Value.Alert;
        Assert.Equal(call.CallId, alert.CallId);
        var at = alert.OpenedAt.ToDateTimeOffset() - call.StartedAt.ToDateTimeOffset();
        Assert.True(at.TotalSeconds > sample.UpsetFrom, $"The alert opened after {at.TotalSeconds:0.0} s, before anybody was upset.");
    }

    private static int Words(IReadOnlyList<Heard<CallEvent>> calls, PartyRole role) =>
        calls.Select(heard => heard.Value.Transcript).Where(text => text is { Final: true } && text.Role == role).Sum(text => text.Text.Split(' ').Length);

    private static short[] Speech(SampleCall sample, string role) =>
        Clip.ReadWav(Path.Combine(sample.Folder, sample.Parties.First(party => party.Role == role).File)).Samples;
}
