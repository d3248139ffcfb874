using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.Contracts;
using EdgeAssist.EndToEnd.Tests.Support;
using EdgeAssist.V1;
using Grpc.Core;
using Grpc.Net.Client;
using Xunit;

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
    public static async Task<ConsoleDesk> StartAsync(CancellationToken cancellationToken, params KeyValuePair<string, string?>[] settings) => new(
        await TestAppliance.StartAsync(Path.Combine(Path.GetTempPath(), "edgeassist-no-models"), cancellationToken, [new("AlertRelay:Heartbeat", "00:00:01"), .. settings]));

    public string Token(Principal principal, TimeSpan? lifetime = null) => Appliance.Authority.Issue(principal, lifetime ?? TimeSpan.FromHours(1));

    public ValueTask SayAsync(Contracts.CallEvent said) => Appliance.Scores.PublishAsync(said, TestContext.Current.CancellationToken);

    /// <summary>Runs one of <c>src/Console/e2e</c> against this appliance, with Sue's, Tom's and Susan's tokens.</summary>
    public Task RunAsync(string script, params (string Word, Func<string, Task<string>> Answer)[] answers) => ConsoleScript.RunAsync(
        script,
        new Dictionary<string, string>
        {
            ["BASE"] = Appliance.Web.GetLeftPart(UriPartial.Authority), ["SUE"] = Token(Sue), ["TOM"] = Token(Tom), ["SUSAN"] = Token(Susan),
        },
        answers);

    /// <summary>The alert of a call as the appliance has it.</summary>
    public async Task<Alert> AlertOfAsync(CallId call)
    {
        var list = await new Alerts.AlertsClient(_channel).ListAsync(
            new ListAlertsRequest { Filter = new AlertFilter { CallIds = { call.Value } } }, new Metadata { { "authorization", "Bearer " + Token(Sue) } });
        return Assert.Single(list.Alerts);
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await Appliance.DisposeAsync();
    }
}
