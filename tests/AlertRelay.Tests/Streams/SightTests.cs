using EdgeAssist.AlertRelay.Hosting;
using EdgeAssist.AlertRelay.Rules;
using EdgeAssist.AlertRelay.Tests.Support;
using EdgeAssist.Client;
using EdgeAssist.Contracts;
using Grpc.Core;
using Grpc.Health.V1;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Streams;

public sealed class SightTests : IDisposable
{
    private static readonly SightReading Well = new(2, new Instant(0), true, true, []);

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void What_is_missing_for_less_than_the_patience_is_not_told()
    {
        var sight = new Sight(TimeSpan.FromSeconds(3));

        Assert.Empty(sight.Look(Heard(0) with { Supervisor = false }, At(0)));
        Assert.Empty(sight.Look(Heard(2) with { Supervisor = false }, At(2.9)));
        Assert.Empty(sight.Look(Heard(3), At(3)));                                       // mended: begins anew
        Assert.Empty(sight.Look(Heard(4) with { Supervisor = false }, At(4)));
        Assert.Equal(["supervisors"], sight.Look(Heard(7) with { Supervisor = false }, At(7)).Select(each => each.Missing));
    }

    [Fact]
    public void Live_calls_of_which_nothing_is_heard_are_blindness_and_no_calls_are_not()
    {
        var sight = new Sight(TimeSpan.FromSeconds(3));

        var told = Enumerable.Range(0, 20).Select(step => sight.Look(Well, At(step * 0.5))).ToList();
        var without = Enumerable.Range(0, 20).Select(step => new Sight(TimeSpan.FromSeconds(3)).Look(Well with { LiveCalls = 0, Supervisor = false }, At(step))).ToList();

        Assert.Equal(12, told.FindIndex(missing => missing.Count > 0));   // six seconds
        Assert.All(without, Assert.Empty);
    }

    [Fact]
    public void A_journal_that_takes_nothing_and_what_others_report_come_without_calls_too()
    {
        var sight = new Sight(TimeSpan.Zero);

        var missing = sight.Look(new SightReading(0, new Instant(0), true, false, [("audio", "No packets.")]), At(0));

        Assert.Equal(["audio", "journal"], missing.Select(each => each.Missing));
    }

    [Fact]
    public async Task Blindness_is_told_on_the_stream_and_by_health_within_ten_seconds_and_taken_back()
    {
        var probe = new Probe { Text = "No packet comes on any of them." };
        await using var server = await RelayServer.StartAsync(_directory.Path, services: services => services.AddSingleton<IBlindSpotProbe>(probe));
        var began = TimeProvider.System.GetTimestamp();
        using var health = new Health.HealthClient(server.Invoker()).Watch(new HealthCheckRequest { Service = AlertRelayExtensions.SightService });
        await using var client = server.Client();
        var states = new List<string>();
        await foreach (var item in client.WatchAlertsAsync(cancellationToken: Patience.Of(60)))
        {
            if (item is not WatchItem<V1.Alert, V1.AlertEvent>.Blind blind) continue;
            states.Add(string.Join(',', blind.Missing));
            if (blind.Missing.Count == 0) break;
            Assert.Equal(HealthCheckResponse.Types.ServingStatus.NotServing, await UntilAsync(health, HealthCheckResponse.Types.ServingStatus.NotServing));
            Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(30));
            probe.Text = null;
        }

        Assert.Equal(["audio", ""], states);
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, await UntilAsync(health, HealthCheckResponse.Types.ServingStatus.Serving));
    }

    [Fact]
    public async Task Who_connects_to_a_blind_relay_is_told_so_after_the_hello()
    {
        await using var server = await RelayServer.StartAsync(_directory.Path, services: services => services.AddSingleton<IBlindSpotProbe>(new Probe { Text = "Nothing." }));
        var deadline = Patience.Normal;
        while (server.Table.Blindness is null) deadline.ThrowIfCancellationRequested();

        using var watch = RawWatch.Alerts(server.Invoker(), server.Headers());

        Assert.NotNull((await watch.NextAsync(Patience.Normal)).Hello);
        Assert.Equal(["audio"], (await watch.NextAsync(Patience.Normal)).Blindness.Missing);
    }

    [Theory]
    [InlineData("")]
    [InlineData("edgeassist.v1.Alerts")]
    [InlineData("edgeassist.v1.Calls")]
    [InlineData("edgeassist.v1.Silences")]
    public async Task Every_service_says_that_it_serves_without_a_token(string service)
    {
        await using var server = await RelayServer.StartAsync(_directory.Path);
        var client = new Health.HealthClient(server.Invoker());

        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, (await client.CheckAsync(new HealthCheckRequest { Service = service })).Status);
    }

    private static async Task<HealthCheckResponse.Types.ServingStatus> UntilAsync(AsyncServerStreamingCall<HealthCheckResponse> health, HealthCheckResponse.Types.ServingStatus wanted)
    {
        HealthCheckResponse said;
        do said = await health.NextAsync(Patience.Of(10));
        while (said.Status != wanted);
        return said.Status;
    }

    private static SightReading Heard(double at) => Well with { AnythingSaid = At(at) };

    private static Instant At(double seconds) => new(TimeSpan.FromSeconds(seconds).Ticks);

    private sealed class Probe : IBlindSpotProbe
    {
        public string Missing => "audio";

        public string? Text { get; set; }

        public string? Problem() => Text;
    }
}
