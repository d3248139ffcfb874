using EdgeAssist.EndToEnd.Tests.Support;
using EdgeAssist.Host.Commands;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Hosting;
using EdgeAssist.Testing;
using EdgeAssist.Testing.Audio;
using EdgeAssist.V1;
using Grpc.Core;
using Grpc.Net.Client;
using Xunit;
using SupervisionMode = EdgeAssist.V1.SupervisionMode;

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

    [Fact]
    public async Task A_phone_that_dies_ends_the_intervention_and_the_call_goes_on()
    {
        await using var calls = await SupervisedCalls.StartAsync(_folder.FullName, isApart: false, _folder.FullName, Cancel);
        using var said = new StringWriter();
        var session = new SupervisorSession(calls.Client, [], TextWriter.Synchronized(said));
        var running = session.RunAsync(new JoinRequest { RequestId = "1", CallId = calls.CallId, Mode = SupervisionMode.Barge }, TextReader.Null, Cancel);
        await SupervisedCalls.HearsChordAsync(calls.Customer, Cancel);

        await calls.KillSupervisorAsync();   // killed: no BYE, no more media

        Assert.Equal(0, await running.WaitAsync(TimeSpan.FromSeconds(60), Cancel));
        Assert.Contains("phone_lost", said.ToString(), StringComparison.Ordinal);
        var before = calls.Customer.HeardSoFar().Length;
        await SupervisedCalls.UntilAsync(() => calls.Customer.HeardSoFar().Length > before + 16_000, () => "The customer hears nobody. " + calls.Customer.Output, Cancel);
        Assert.DoesNotContain("session closed", calls.Agent.Output, StringComparison.Ordinal);
        var heard = calls.Customer.HeardSoFar();
        Assert.InRange(SupervisedCalls.ChordIn(heard.AsSpan(heard.Length - 4096)), -200, -60);
    }

    [Fact]
    public async Task Of_a_recorded_call_both_parties_are_heard_and_nothing_else_is_possible()
    {
        var port = LoopbackPorts.Free();
        await using var appliance = await TestAppliance.StartAsync(_folder.FullName, Cancel,
        [
            new("Relay:Address", "127.0.0.1"), new("Relay:PortMin", "0"), new("Relay:PortMax", "0"),
            new("Supervision:Phones:0:Subject", "*"), new("Supervision:Phones:0:Address", $"sip:{{subject}}@127.0.0.1:{port}"),
        ]);
        await using var watcher = appliance.Watch();
        await watcher.OpenAsync(Cancel).WaitAsync(TimeSpan.FromSeconds(60), Cancel);
        await using var phone = BaresipPhone.Start(_folder.FullName, "wall", port, BaresipPhone.Tone(1000), 0, "", 120);
        await phone.WaitForAsync("baresip is ready", Cancel);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var playing = RecordingClients.Create(TimeProvider.System).PlaceAsync(new RecordingCallPlan { Target = appliance.Sip, Streams = [Stream("1", 440), Stream("2", 660)] }, stop.Token);
        await watcher.WaitForAsync((heard, _) => heard.Any(one => one.Value.Started is not null), Cancel).WaitAsync(TimeSpan.FromSeconds(60), Cancel);
        var call = watcher.Calls.First(heard => heard.Value.Started is not null).Value.CallId;
        using var channel = GrpcChannel.ForAddress(appliance.Api);
        var client = new Supervision.SupervisionClient(channel);
        var sue = new Metadata { { "authorization", "Bearer " + appliance.Token() } };

        var possible = await client.CapabilitiesAsync(new CapabilitiesRequest { CallId = call }, sue, cancellationToken: Cancel);
        var refused = await Assert.ThrowsAsync<RpcException>(() => client.JoinAsync(new JoinRequest { RequestId = "1", CallId = call, Mode = SupervisionMode.Whisper }, sue, cancellationToken: Cancel).ResponseAsync);
        await client.JoinAsync(new JoinRequest { RequestId = "2", CallId = call, Mode = SupervisionMode.Listen }, sue, cancellationToken: Cancel);
        await SupervisedCalls.UntilAsync(() => phone.HeardSoFar() is { Length: > 8192 } heard && Level(heard, 440) > -25 && Level(heard, 660) > -25, () => "Not both are heard. " + phone.Output, Cancel);
        await stop.CancelAsync();
        var result = await playing;

        Assert.Equal(["", "siprec_only", "siprec_only", "siprec_only"], possible.Modes.Select(mode => mode.WhyNot));
        Assert.Equal("SIPREC_ONLY", refused.Trailers.GetValue("edgeassist-reason"));
        Assert.Equal(200, result.Status);
        Assert.Equal(0, appliance.Count("edgeassist.rtp.packets.lost"));
        await phone.WaitForAsync("session closed", Cancel);   // the end of the call is the end of listening

        static double Level(short[] heard, double hz) => ToneProbe.Level(heard.AsSpan(heard.Length - 4096), 8_000, hz);
    }

    private static RecordingCallStream Stream(string label, double hz) =>
        Recordings.Stream(label, $"sip:{label}@pbx.example", label, new Clip(8_000, ToneProbe.Make(hz, -12, TimeSpan.FromSeconds(90), 8_000)));
}
