using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.EndToEnd.Tests.Support;
using EdgeAssist.Host.Demo;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Hosting;
using EdgeAssist.Testing;
using EdgeAssist.V1;
using Grpc.Core;
using Grpc.Net.Client;
using Xunit;

namespace EdgeAssist.EndToEnd.Tests;

/// <summary>The silent baseline with a real process, a real call that escalates, and the octets that clients get.</summary>
public sealed class ObservedCallTests
{
    private const int Rate = 8000;

    // Of the sample: called again, and nobody kept their promise.
    private const int FromSecond = 8, Seconds = 36;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_a_call_that_escalates_in_an_observed_team_nothing_is_on_the_wire_and_the_would_be_alert_is_kept()
    {
        var (models, missing) = await TestModels.FindAsync(Cancel);
        Assert.SkipWhen(models is null, missing);
        var data = Directory.CreateTempSubdirectory("edgeassist-observed-");
        try
        {
            await using var appliance = await WorkerProcess.StartAsync(
                data.FullName, "all", [.. TestAppliance.LoopbackSettings(models!), new("AlertRelay:ObserveTeams:0", "front desk")], Cancel);
            var authority = TokenAuthority.Open(data.FullName);
            Principal[] everybody =
            [
                new() { Subject = "wall", Role = PrincipalRole.Supervisor, Teams = [Principal.AllTeams] },
                new() { Subject = "susan", Role = PrincipalRole.Agent },
                new() { Subject = "root", Role = PrincipalRole.Admin, SeesPersonal = true },
            ];
            using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            var followers = everybody.Select(principal => new Follower(appliance.Api, authority.Issue(principal, TimeSpan.FromHours(1)), end.Token)).ToList();
            await Task.WhenAll(followers.Select(follower => follower.Open));

            var call = await RecordingClients.Create(TimeProvider.System).PlaceAsync(new RecordingCallPlan { Target = appliance.Sip, Streams = [.. Escalation()] }, Cancel);
            Assert.True(call.Succeeded);
            var callId = (await Task.WhenAll(followers.Select(follower => follower.Ended.WaitAsync(TimeSpan.FromSeconds(60), Cancel)))).Distinct().Single();
            await end.CancelAsync();

            // What the store holds, asked for over a wire of its own: the control for the search below.
            var control = new CapturedWire();
            using var channel = GrpcChannel.ForAddress(appliance.Api, new GrpcChannelOptions { HttpHandler = control.Handler() });
            var admin = new Metadata { { "authorization", "Bearer " + authority.Issue(everybody[^1], TimeSpan.FromHours(1)) } };
            var kept = (await new Policies.PoliciesClient(channel).ListWouldBeAsync(new ListWouldBeRequest(), admin)).Alerts;
            var detail = await new Calls.CallsClient(channel).GetAsync(new GetCallRequest { CallId = callId }, admin);
            Assert.NotEmpty(kept);
            Assert.All(kept, alert => Assert.Equal((callId, PolicyMode.Observe), (alert.CallId, alert.Mode)));
            Assert.NotEmpty(detail.Transcript);

            string[] told = [callId, call.CallId];
            string[] texts = [.. kept.Select(alert => alert.AlertId), .. detail.Transcript.Select(final => final.Text), .. Reasons(detail, kept).Select(reason => reason.Cue)];
            double[] risks = [.. detail.Scores.Select(score => score.Risk).Where(risk => risk > 0.05).Distinct()];
            Assert.All(texts, text => Assert.True(control.Holds(text), $"The control does not find «{text}»."));
            Assert.All(risks, risk => Assert.True(control.Holds(risk), $"The control does not find {risk}."));
            Assert.NotEmpty(risks);
            foreach (var wire in followers.Select(follower => follower.Wire))
            {
                Assert.All(told, text => Assert.True(wire.Holds(text), "The stream did not tell of the call at all."));
                Assert.All(texts, text => Assert.False(wire.Holds(text), $"«{text}» came over the wire."));
                Assert.All(risks, risk => Assert.False(wire.Holds(risk), $"The risk {risk} came over the wire."));
            }
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    private static IEnumerable<Reason> Reasons(CallDetail detail, IEnumerable<Alert> alerts) =>
        detail.Scores.Concat(alerts.Select(alert => alert.Score)).SelectMany(score => score.Reasons).DistinctBy(reason => reason.Cue);

    private static IEnumerable<RecordingCallStream> Escalation() =>
        PlannedCall.Streams(SampleCall.Bundled("escalation"), G711Law.Mu)
            .Select(stream => stream with { Encoded = stream.Encoded.Slice(FromSecond * Rate, Seconds * Rate) });

    /// <summary>Somebody with every stream open, over one captured wire.</summary>
    private sealed class Follower
    {
        private readonly TaskCompletionSource<string> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Follower(string api, string token, CancellationToken cancellationToken)
        {
            var channel = GrpcChannel.ForAddress(api, new GrpcChannelOptions { HttpHandler = Wire.Handler(), DisposeHttpClient = true });
            var options = new CallOptions(new Metadata { { "authorization", "Bearer " + token } }, cancellationToken: cancellationToken);
            var alerts = new Alerts.AlertsClient(channel).Watch(new WatchAlertsRequest { Snapshot = true, Filter = new AlertFilter { IncludeSuppressed = true } }, options);
            var calls = new Calls.CallsClient(channel).Watch(new WatchCallsRequest { Snapshot = true }, options);
            var wall = new Calls.CallsClient(channel).WatchWall(new WatchWallRequest { Top = 100 }, options);
            Open = Task.WhenAll(alerts.ResponseStream.MoveNext(cancellationToken), calls.ResponseStream.MoveNext(cancellationToken), wall.ResponseStream.MoveNext(cancellationToken));
            _ = ReadAsync(alerts, _ => { });
            _ = ReadAsync(wall, _ => { });
            _ = ReadAsync(calls, message =>
            {
                if (message.Event?.Ended is not null) _ended.TrySetResult(message.Event.CallId);
            });
        }

        public CapturedWire Wire { get; } = new();

        public Task Open { get; }

        public Task<string> Ended => _ended.Task;

        private async Task ReadAsync<T>(AsyncServerStreamingCall<T> stream, Action<T> take)
        {
            try
            {
                await Open;
                while (await stream.ResponseStream.MoveNext(CancellationToken.None)) take(stream.ResponseStream.Current);
            }
            catch (RpcException ended)
            {
                _ended.TrySetException(ended);   // nobody looks once the call has ended
            }
        }
    }
}
