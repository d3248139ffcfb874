using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.Tests.Support;
using EdgeAssist.Contracts;
using EdgeAssist.Internal.V1;
using Grpc.Core;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Identity;

/// <summary>Every method for every kind of caller: what is allowed and how the rest is refused.</summary>
public sealed class ScopeTests : IAsyncLifetime
{
    private const StatusCode Ok = StatusCode.OK, No = StatusCode.PermissionDenied, Hidden = StatusCode.NotFound, Who = StatusCode.Unauthenticated;

    private static readonly Dictionary<string, Principal?> Callers = new(StringComparer.Ordinal)
    {
        ["nobody"] = null,
        ["own agent"] = new() { Subject = "anna", Role = PrincipalRole.Agent },
        ["other agent"] = new() { Subject = "bert", Role = PrincipalRole.Agent },
        ["supervisor"] = new() { Subject = "sue", Role = PrincipalRole.Supervisor, Teams = ["billing"] },
        ["other supervisor"] = new() { Subject = "tom", Role = PrincipalRole.Supervisor, Teams = ["sales"] },
        ["admin"] = RelayServer.Admin,
        ["internal"] = new() { Subject = "worker", Role = PrincipalRole.Internal },
    };

    private readonly TempDirectory _directory = new();
    private readonly CallId _call = Say.NewCall();
    private RelayServer _server = null!;
    private CallInvoker _invoker = null!;
    private string _alertId = "";

    public async ValueTask InitializeAsync()
    {
        _server = await RelayServer.StartAsync(_directory.Path);
        _invoker = _server.Invoker();
        await _server.Sink.PublishAsync(Say.Started(_call), Patience.Normal);
        await _server.Sink.PublishAsync(Say.Score(_call, EscalationLevel.Escalated), Patience.Normal);
        _alertId = _server.Writer.State.Alerts.Keys.Single();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("nobody", Who, Who, Who, Who, Who)]
    [InlineData("own agent", Ok, Ok, Ok, No, No)]
    [InlineData("other agent", Ok, Hidden, Hidden, No, No)]
    [InlineData("supervisor", Ok, Ok, Ok, Ok, No)]
    [InlineData("other supervisor", Ok, Hidden, Hidden, Hidden, No)]
    [InlineData("admin", Ok, Ok, Ok, Ok, No)]
    [InlineData("internal", No, No, No, No, Ok)]
    public async Task Every_method_answers_every_role_as_it_should(
        string who, StatusCode watch, StatusCode getCall, StatusCode getAlert, StatusCode act, StatusCode publish)
    {
        var headers = Callers[who] is { } principal ? _server.Headers(principal) : [];
        var alerts = new V1.Alerts.AlertsClient(_invoker);
        var calls = new V1.Calls.CallsClient(_invoker);

        Assert.Equal(watch, await FirstAsync(RawWatch.Alerts(_invoker, headers)));
        Assert.Equal(watch, await FirstAsync(RawWatch.Calls(_invoker, headers)));
        Assert.Equal(watch, await AnswerAsync(() => alerts.ListAsync(new V1.ListAlertsRequest(), headers)));
        Assert.Equal(watch, await AnswerAsync(() => calls.ListAsync(new V1.ListCallsRequest(), headers)));
        Assert.Equal(getCall, await AnswerAsync(() => calls.GetAsync(new V1.GetCallRequest { CallId = _call.Value }, headers)));
        Assert.Equal(getAlert, await AnswerAsync(() => alerts.GetAsync(new V1.GetAlertRequest { AlertId = _alertId }, headers)));
        Assert.Equal(act, await AnswerAsync(() => alerts.ClaimAsync(Request("1"), headers)));
        Assert.Equal(act, await AnswerAsync(() => alerts.ReleaseAsync(Request("2"), headers)));
        Assert.Equal(act, await AnswerAsync(() => alerts.AcknowledgeAsync(Request("3"), headers)));
        Assert.Equal(act, await AnswerAsync(() => alerts.DismissAsync(Request("4"), headers)));
        Assert.Equal(publish, await PublishAsync(headers, publish));
    }

    [Fact]
    public async Task Lists_hold_what_is_in_scope_and_nothing_else()
    {
        await _server.Sink.PublishAsync(Say.Started(Say.NewCall(), team: "sales", agent: "bert"), Patience.Normal);
        var calls = new V1.Calls.CallsClient(_invoker);

        var ofSue = await calls.ListAsync(new V1.ListCallsRequest { LiveOnly = true }, _server.Headers(Callers["supervisor"]));
        var ofAdmin = await calls.ListAsync(new V1.ListCallsRequest { LiveOnly = true }, _server.Headers());
        var alertsOfTom = await new V1.Alerts.AlertsClient(_invoker).ListAsync(new V1.ListAlertsRequest(), _server.Headers(Callers["other supervisor"]));

        Assert.Equal([_call.Value], ofSue.Calls.Select(call => call.CallId));
        Assert.Equal(2, ofAdmin.Calls.Count);
        Assert.Empty(alertsOfTom.Alerts);
    }

    [Fact]
    public async Task A_refusal_is_a_sentence_and_not_a_status_of_http()
    {
        var refused = await RawWatch.Alerts(_invoker, []).FailureAsync(Patience.Normal);

        Assert.Contains("No access token came with the call", refused.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_client_library_throws_its_own_exception_for_what_trying_again_would_not_mend()
    {
        await using var client = new Client.EdgeAssistClient(_server.Address, "ea1.nonsense.token");

        var refused = await Assert.ThrowsAsync<Client.EdgeAssistException>(async () =>
        {
            await foreach (var _ in client.WatchAlertsAsync(cancellationToken: Patience.Normal))
            {
                // Nothing comes.
            }
        });

        Assert.Equal(Client.EdgeAssistError.Unauthenticated, refused.Error);
    }

    [Fact]
    public async Task A_supervisor_without_the_grant_does_not_see_whom_the_alert_is_about()
    {
        var alerts = new V1.Alerts.AlertsClient(_invoker);

        var hidden = await alerts.GetAsync(new V1.GetAlertRequest { AlertId = _alertId }, _server.Headers(Callers["supervisor"]));
        var shown = await alerts.GetAsync(new V1.GetAlertRequest { AlertId = _alertId }, _server.Headers(Callers["supervisor"]! with { SeesPersonal = true }));

        Assert.Equal("", hidden.Customer);
        Assert.Equal("+49305550100", shown.Customer);
    }

    private V1.AlertActionRequest Request(string id) => new() { AlertId = _alertId, RequestId = id, Reason = "a test" };

    private static async Task<StatusCode> AnswerAsync<T>(Func<AsyncUnaryCall<T>> call)
    {
        try
        {
            using var made = call();
            await made;
            return StatusCode.OK;
        }
        catch (RpcException error)
        {
            return error.StatusCode;
        }
    }

    private static async Task<StatusCode> FirstAsync<T>(AsyncServerStreamingCall<T> call)
    {
        using (call)
        {
            try
            {
                await call.NextAsync(Patience.Normal);
                return StatusCode.OK;
            }
            catch (RpcException error)
            {
                return error.StatusCode;
            }
        }
    }

    private async Task<StatusCode> PublishAsync(Metadata headers, StatusCode expected)
    {
        try
        {
            // Nothing is sent before the answer: a stream that is refused at once is reset under the writer's hands.
            using var publish = new CallScores.CallScoresClient(_invoker).Publish(headers);
            if (expected == StatusCode.OK) await publish.RequestStream.CompleteAsync();
            await publish.ResponseStream.MoveNext(Patience.Normal);

            return StatusCode.OK;
        }
        catch (RpcException error)
        {
            return error.StatusCode;
        }
    }
}
