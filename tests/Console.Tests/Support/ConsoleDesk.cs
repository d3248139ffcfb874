using System.Diagnostics;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.Contracts;
using EdgeAssist.EndToEnd.Tests.Support;
using EdgeAssist.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Xunit;
using InteractionKind = EdgeAssist.V1.InteractionKind;
using InteractionState = EdgeAssist.V1.InteractionState;

namespace EdgeAssist.ConsoleTests.Support;

/// <summary>A real appliance, whose calls a test says by itself through the same way in as analysis; and the desks of those who watch.</summary>
internal sealed class ConsoleDesk : IAsyncDisposable
{
    private readonly GrpcChannel _channel;

    private ConsoleDesk(TestAppliance appliance)
    {
        Appliance = appliance;
        _channel = GrpcChannel.ForAddress(appliance.Api);
    }

    public TestAppliance Appliance { get; }

    public static Principal Sue { get; } = new() { Subject = "sue", Role = PrincipalRole.Supervisor, Teams = ["billing"], SeesPersonal = true };

    public static Principal Tom { get; } = new() { Subject = "tom", Role = PrincipalRole.Supervisor, Teams = ["billing"] };

    public static Principal Susan { get; } = new() { Subject = "susan", Role = PrincipalRole.Agent };

    /// <summary>An appliance without speech models: what is said comes from the test. Heartbeats come quickly, so that silence shows soon.</summary>
    public static Task<ConsoleDesk> StartAsync(CancellationToken cancellationToken, params KeyValuePair<string, string?>[] settings) =>
        StartAsync(Path.Combine(Path.GetTempPath(), "edgeassist-no-models"), cancellationToken, [new("AlertRelay:Heartbeat", "00:00:01"), .. settings]);

    /// <summary>An appliance that hears calls.</summary>
    public static async Task<ConsoleDesk> StartAsync(string models, CancellationToken cancellationToken, params KeyValuePair<string, string?>[] settings) =>
        new(await TestAppliance.StartAsync(models, cancellationToken, settings));

    public string Token(Principal principal, TimeSpan? lifetime = null) => Appliance.Authority.Issue(principal, lifetime ?? TimeSpan.FromHours(1));

    public ValueTask SayAsync(Contracts.CallEvent said) => Appliance.Scores.PublishAsync(said, TestContext.Current.CancellationToken);

    /// <summary>Runs one of <c>src/Console/e2e</c> against this appliance, with Sue's, Tom's and Susan's tokens.</summary>
    public Task<string> RunAsync(string script, params (string Word, Func<string, Task<string>> Answer)[] answers) => ConsoleScript.RunAsync(
        script,
        new Dictionary<string, string>
        {
            ["BASE"] = Appliance.Web.GetLeftPart(UriPartial.Authority), ["SUE"] = Token(Sue), ["TOM"] = Token(Tom), ["SUSAN"] = Token(Susan),
        },
        answers);

    /// <summary>Every alert there was, as the appliance has it.</summary>
    public async Task<IReadOnlyList<Alert>> AlertsAsync() => (await new Alerts.AlertsClient(_channel).ListAsync(
        new ListAlertsRequest(), new Metadata { { "authorization", "Bearer " + Token(Sue) } })).Alerts;

    /// <summary>The one alert of a call.</summary>
    public async Task<Alert> AlertOfAsync(CallId call) => Assert.Single(await AlertsAsync(), alert => alert.CallId == call.Value);

    public async Task AnnotateAsync(Alert alert, string note, string disposition) => await new Alerts.AlertsClient(_channel).AnnotateAsync(
        new AnnotateAlertRequest { AlertId = alert.AlertId, RequestId = Guid.NewGuid().ToString("N"), Note = note, Disposition = disposition },
        new Metadata { { "authorization", "Bearer " + Token(Sue) } });

    /// <summary>Prompts of a call as its agent sees them.</summary>
    public async Task<IReadOnlyList<Prompt>> PromptsOfAsync(CallId call) => (await new Assist.AssistClient(_channel).ListAsync(
        new ListPromptsRequest { CallId = call.Value }, new Metadata { { "authorization", "Bearer " + Token(Susan) } })).Prompts;

    /// <summary>Waits until something is so.</summary>
    /// <exception cref="TimeoutException">It was not within a minute.</exception>
    public static async Task UntilAsync(Func<Task<bool>> isSo, string what, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromSeconds(60);)
        {
            if (await isSo()) return;
            await timer.WaitForNextTickAsync(cancellationToken);
        }

        throw new TimeoutException(what);
    }

    /// <summary>A customer with an unkept promise, an open ticket and calls, as another system tells it.</summary>
    public async Task TellHistoryAsync(string kind, string identifier)
    {
        var now = TimeProvider.System.GetUtcNow();
        Timestamp Ago(int days) => Timestamp.FromDateTimeOffset(now.AddDays(-days));
        Interaction What(string id, InteractionKind what, InteractionState state, int days, string summary, string channel = "") => new()
        {
            SourceId = id, CustomerKey = "c-147", Kind = what, State = state, At = Ago(days), Summary = summary, Channel = channel, Matter = "double charge",
        };
        var promise = What("p1", InteractionKind.Promise, InteractionState.Broken, 4, "call back about the double charge");
        promise.DueAt = Ago(2);
        var answer = await new History.HistoryClient(_channel).UpsertAsync(
            new UpsertHistoryRequest
            {
                RequestId = Guid.NewGuid().ToString("N"), Source = "crm",
                Customers = { new CustomerUpsert { Key = "c-147", Name = "Daniel Reed", Identifiers = { new CustomerIdentifier { Kind = kind, Value = identifier } } } },
                Interactions =
                {
                    promise,
                    What("t1", InteractionKind.Ticket, InteractionState.Open, 6, "4711, charged twice for October"),
                    What("c1", InteractionKind.Contact, InteractionState.Unspecified, 6, "reported the charge", "phone"),
                    What("c2", InteractionKind.Contact, InteractionState.Unspecified, 4, "asked when it is mended", "phone"),
                    What("c3", InteractionKind.Contact, InteractionState.Unspecified, 1, "asked again", "chat"),
                },
            },
            new Metadata { { "authorization", "Bearer " + Token(new Principal { Subject = "crm", Role = PrincipalRole.Internal }) } });
        Assert.All(answer.Customers.Concat(answer.Interactions), result => Assert.Equal("", result.Problem));
    }

    /// <summary>Looks the customer of a live call up, as the gateway does when a real one begins.</summary>
    public async Task LookUpAsync(CallId call)
    {
        var found = await new History.HistoryClient(_channel).ForCallAsync(new ForCallRequest { CallId = call.Value }, new Metadata { { "authorization", "Bearer " + Token(Susan) } });
        Assert.Equal(V1.MatchOutcome.Matched, found.Outcome);
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await Appliance.DisposeAsync();
    }
}
