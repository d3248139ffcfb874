using System.Diagnostics.Metrics;
using System.Net;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.Client;
using EdgeAssist.Contracts;
using EdgeAssist.Host.Commands;
using EdgeAssist.Host.Composition;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Hosting;
using EdgeAssist.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.EndToEnd.Tests.Support;

/// <summary>
/// An appliance on loopback with ports of the system's choice and a data directory of its own: one process image, or its
/// three parts joined by gRPC. Settings come from the test alone, never from the machine.
/// </summary>
internal sealed class TestAppliance : IAsyncDisposable
{
    private readonly List<WebApplication> _parts = [];
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("edgeassist-e2e-");
    private readonly List<MeterReader> _meters = [];
    private readonly List<WorkerProcess> _workers = [];

    private TestAppliance()
    {
    }

    public LogKeeper Log { get; } = new();

    /// <summary>Where the gateway takes calls.</summary>
    public IPEndPoint Sip { get; private set; } = new(IPAddress.None, 0);

    /// <summary>Where it takes them over TCP, when a test asked for such a port.</summary>
    public IPEndPoint SipTcp { get; private set; } = new(IPAddress.None, 0);

    /// <summary>Where it takes them over TLS, when a test asked for such a port.</summary>
    public IPEndPoint SipTls { get; private set; } = new(IPAddress.None, 0);

    /// <summary>The relay.</summary>
    public Uri Api { get; private set; } = new("http://127.0.0.1:1");

    /// <summary>HTTP/1.1 of the last part started, which is the gateway.</summary>
    public Uri Web { get; private set; } = new("http://127.0.0.1:1");

    /// <summary>All parts in one process, joined by method calls.</summary>
    public static async Task<TestAppliance> StartAsync(
        string models, CancellationToken cancellationToken, IEnumerable<KeyValuePair<string, string?>>? settings = null)
    {
        var appliance = new TestAppliance();
        await appliance.StartAllAsync([(ApplianceRole.All, _ => settings ?? [])], models, cancellationToken);
        return appliance;
    }

    /// <summary>Relay, inference and gateway apart, each with its own listener, joined by gRPC and a token of the shared data directory.</summary>
    public static async Task<TestAppliance> StartApartAsync(string models, CancellationToken cancellationToken)
    {
        var appliance = new TestAppliance();
        await appliance.StartAllAsync(
            [
                (ApplianceRole.Relay, _ => []),
                (ApplianceRole.Inference, at => [new("Links:Relay", at)]),
                (ApplianceRole.Gateway, at => [new("Links:Inference", at)]),
            ],
            models, cancellationToken);
        return appliance;
    }

    /// <summary>The three parts with settings of the test for each of them; the relay knows where the gateway is, for supervisors.</summary>
    public static async Task<TestAppliance> StartApartAsync(string models, IEnumerable<KeyValuePair<string, string?>> settings, CancellationToken cancellationToken)
    {
        for (var left = 5; ; left--)
        {
            // The relay starts first and must know the gateway's port; somebody may take it before the gateway does.
            var port = LoopbackPorts.Free().ToString(System.Globalization.CultureInfo.InvariantCulture);
            var appliance = new TestAppliance();
            try
            {
                await appliance.StartAllAsync(
                    [
                        (ApplianceRole.Relay, _ => [.. settings, new("Links:Gateways", "http://127.0.0.1:" + port)]),
                        (ApplianceRole.Inference, at => [new("Links:Relay", at)]),
                        (ApplianceRole.Gateway, at => [.. settings, new("Links:Inference", at), new("Api:Listen", "127.0.0.1:" + port)]),
                    ],
                    models, cancellationToken);
                return appliance;
            }
            catch (Exception taken) when (left > 0 && taken.ToString().Contains("in use", StringComparison.OrdinalIgnoreCase))
            {
                // Another port, and anew.
            }
        }
    }

    /// <summary>Relay and gateway here, and so many inference workers as processes of their own, in the order in which the gateway knows them.</summary>
    public static async Task<TestAppliance> StartWithWorkersAsync(string models, int workers, CancellationToken cancellationToken)
    {
        var appliance = new TestAppliance();
        try
        {
            var relay = await appliance.StartPartAsync(ApplianceRole.Relay, appliance.CommonSettings(models), cancellationToken);
            for (var i = 0; i < workers; i++) appliance._workers.Add(await WorkerProcess.StartAsync(appliance._data.FullName, models, relay, cancellationToken));
            var addresses = string.Join(',', appliance._workers.Select(worker => worker.Api));
            await appliance.StartPartAsync(ApplianceRole.Gateway, [.. appliance.CommonSettings(models), new("Links:Inference", addresses)], cancellationToken);
            return appliance;
        }
        catch
        {
            await appliance.DisposeAsync();
            throw;
        }
    }

    public IReadOnlyList<WorkerProcess> Workers => _workers;

    /// <summary>The relay's way in for what analysis says.</summary>
    public ICallScoreSink Scores => _parts[0].Services.GetRequiredService<ICallScoreSink>();

    /// <summary>Makes access tokens.</summary>
    public TokenAuthority Authority => _parts[0].Services.GetRequiredService<TokenAuthority>();

    /// <summary>A supervisor's token for every team.</summary>
    public string Token() => Token(new Principal { Subject = "wall", Role = PrincipalRole.Supervisor, Teams = [Principal.AllTeams] });

    /// <summary>A token for somebody.</summary>
    public string Token(Principal principal) => Authority.Issue(principal, TimeSpan.FromHours(1));

    public Watcher Watch(EdgeAssistClientOptions? options = null) => new(new EdgeAssistClient(Api, Token(), options));

    /// <summary>What a counter of all parts stands at.</summary>
    public long Count(string counter) => _meters.Sum(meter => meter.Read(counter));

    /// <summary>Places a call, plays it in real time, and waits until its end came over <paramref name="watcher"/>.</summary>
    /// <exception cref="TimeoutException">The end was not seen 15 s after the BYE.</exception>
    public async Task<PlayedCall> PlayAsync(Watcher watcher, IReadOnlyList<RecordingCallStream> streams, CancellationToken cancellationToken)
    {
        var steps = new Dictionary<RecordingCallStep, DateTimeOffset>();
        var plan = new RecordingCallPlan { Target = Sip, Streams = [.. streams], Progress = (step, at) => steps[step] = at };
        var result = await RecordingClients.Create(TimeProvider.System).PlaceAsync(plan, cancellationToken);
        if (result.Succeeded) await watcher.WaitForEndAsync(result.CallId, cancellationToken).WaitAsync(TimeSpan.FromSeconds(15), cancellationToken);
        return new PlayedCall(result, steps, watcher.EventsOf(result.CallId), watcher);
    }

    /// <summary>Stops every part, the gateway first, so that last words still find their way.</summary>
    public async Task StopAsync()
    {
        foreach (var part in Enumerable.Reverse(_parts)) await part.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        // The gateway first, so that last words still find their way.
        foreach (var part in Enumerable.Reverse(_parts))
        {
            await part.StopAsync();
            await part.DisposeAsync();
        }

        foreach (var worker in _workers) await worker.DisposeAsync();
        _meters.ForEach(meter => meter.Dispose());
        _data.Delete(recursive: true);
    }

    private async Task StartAllAsync(
        IEnumerable<(ApplianceRole Role, Func<string, IEnumerable<KeyValuePair<string, string?>>> Links)> parts, string models, CancellationToken cancellationToken)
    {
        try
        {
            var previous = "";
            foreach (var (role, links) in parts) previous = await StartPartAsync(role, [.. CommonSettings(models), .. links(previous)], cancellationToken);
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    private async Task<string> StartPartAsync(ApplianceRole role, IEnumerable<KeyValuePair<string, string?>> settings, CancellationToken cancellationToken)
    {
        var merged = new Dictionary<string, string?>();
        foreach (var (name, value) in settings) merged[name] = value;
        var app = Appliance.Build(new ApplianceSetup
        {
            Role = role,
            Configuration = new ConfigurationBuilder().AddInMemoryCollection(merged).Build(),
            Logging = logging => logging.AddProvider(Log).SetMinimumLevel(LogLevel.Debug),
        });
        _parts.Add(app);
        _meters.Add(new MeterReader(app.Services.GetRequiredService<IMeterFactory>()));
        await RunCommand.StartAsync(app, cancellationToken);

        var places = ListeningPlaces.Of(app);
        if (role.HasFlag(ApplianceRole.Relay)) Api = new Uri(places.Api[0]);
        if (places.SipUdp is [var sip, ..]) Sip = IPEndPoint.Parse(sip);
        if (places.SipTcp is [var tcp, ..]) SipTcp = IPEndPoint.Parse(tcp);
        if (places.SipTls is [var tls, ..]) SipTls = IPEndPoint.Parse(tls);
        Web = new Uri(places.Api[^1]);
        return places.Api[0];
    }

    private IEnumerable<KeyValuePair<string, string?>> CommonSettings(string models) => [new("Data:Directory", _data.FullName), .. LoopbackSettings(models)];

    /// <summary>An appliance on loopback whose one trunk knows agents and customers of the tests' recordings; its team is «front desk».</summary>
    internal static IEnumerable<KeyValuePair<string, string?>> LoopbackSettings(string models) =>
    [
        new("Sip:Listen:0", "udp:127.0.0.1:0"),
        new("Rtp:Address", "127.0.0.1"),
        new("Rtp:PortMin", "0"),
        new("Rtp:PortMax", "0"),
        new("Api:Listen", "127.0.0.1:0"),
        new("Api:WebListen", "127.0.0.1:0"),
        new("Inference:ModelDirectory", models),
        new("Sip:Trunks:0:Name", "loopback"),
        new("Sip:Trunks:0:Team", "front desk"),
        new("Sip:Trunks:0:Roles:0:Test", "Prefix"),
        new("Sip:Trunks:0:Roles:0:Value", "+1202555"),
        new("Sip:Trunks:0:Roles:0:Role", "Customer"),
        new("Sip:Trunks:0:Roles:1:Test", "Pattern"),
        new("Sip:Trunks:0:Roles:1:Value", @"@[a-z.-]+\.example$"),
        new("Sip:Trunks:0:Roles:1:Role", "Agent"),
    ];
}
