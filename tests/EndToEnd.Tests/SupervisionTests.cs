using EdgeAssist.EndToEnd.Tests.Support;
using EdgeAssist.V1;
using Xunit;

namespace EdgeAssist.EndToEnd.Tests;

/// <summary>Supervisors on a live inline call between real phones, through the API, with real speech.</summary>
public sealed class SupervisionTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edgeassist-supervised-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_supervisor_listens_whispers_barges_in_and_takes_over_and_the_customer_never_hears_the_whisper(bool isApart)
    {
        await using var calls = await SupervisedCalls.StartAsync(_folder.FullName, isApart, _folder.FullName, Cancel);

        var possible = await calls.Client.CapabilitiesAsync(new CapabilitiesRequest { CallId = calls.CallId }, cancellationToken: Cancel);
        Assert.Equal([SupervisionMode.Listen, SupervisionMode.Whisper, SupervisionMode.Barge, SupervisionMode.TakeOver], possible.Modes.Select(mode => mode.Mode));
        Assert.All(possible.Modes, mode => Assert.True(mode.Possible, mode.Sentence));

        var joined = await calls.Client.JoinAsync(new JoinRequest { RequestId = "1", CallId = calls.CallId, Mode = SupervisionMode.Listen, Reason = "a bad call" }, cancellationToken: Cancel);
        var id = joined.InterventionId;
        await calls.WaitForAsync(id, known => known.State == InterventionState.Listening, Cancel);
        await SupervisedCalls.UntilAsync(() => calls.Supervisor.HeardSoFar().Length > 16_000, () => "The supervisor hears nothing. " + calls.Supervisor.Output, Cancel);

        await calls.Client.ChangeModeAsync(new ChangeModeRequest { RequestId = "2", InterventionId = id, Mode = SupervisionMode.Whisper }, cancellationToken: Cancel);
        await SupervisedCalls.HearsChordAsync(calls.Agent, Cancel);
        var whispered = calls.Customer.HeardSoFar();

        await calls.Client.ChangeModeAsync(new ChangeModeRequest { RequestId = "3", InterventionId = id, Mode = SupervisionMode.Barge }, cancellationToken: Cancel);
        await SupervisedCalls.HearsChordAsync(calls.Customer, Cancel);

        var over = await calls.Client.TakeOverAsync(new TakeOverRequest { RequestId = "4", InterventionId = id, Reason = "mine now" }, cancellationToken: Cancel);
        Assert.Equal(InterventionState.TakenOver, over.State);
        await calls.Agent.WaitForAsync("session closed", Cancel);
        var before = calls.Customer.HeardSoFar().Length;
        await SupervisedCalls.UntilAsync(() => calls.Customer.HeardSoFar().Length > before + 16_000, () => "The customer hears nobody. " + calls.Customer.Output, Cancel);
        var customer = calls.Customer.HeardSoFar();
        Assert.True(SupervisedCalls.ChordIn(customer.AsSpan(customer.Length - 4096)) > -35);

        await calls.Client.LeaveAsync(new LeaveRequest { RequestId = "5", InterventionId = id }, cancellationToken: Cancel);
        var ended = await calls.WaitForAsync(id, known => known.State == InterventionState.Ended, Cancel);
        Assert.Equal("left", ended.EndCause);
        await calls.Watcher.WaitForEndingsAsync(1, Cancel).WaitAsync(TimeSpan.FromSeconds(60), Cancel);
        Assert.Equal(3, (await calls.Inline.RecordsAsync(3, Cancel)).Count);

        Assert.True(SupervisedCalls.Loudness(whispered) > -45, "The customer must have heard the agent.");
        Assert.InRange(SupervisedCalls.LoudestChord(whispered), -200, -60);
    }
}
