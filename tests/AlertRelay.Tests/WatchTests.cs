using EdgeAssist.AlertRelay.Tests.Support;
using EdgeAssist.Client;
using EdgeAssist.Contracts;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests;

using AlertItem = WatchItem<V1.Alert, V1.AlertEvent>;

public sealed class WatchTests
{
    private static CancellationToken Deadline => new CancellationTokenSource(TimeSpan.FromSeconds(10)).Token;

    [Fact]
    public async Task An_escalated_score_reaches_a_watching_client_with_hops_that_add_up()
    {
        using var directory = new TempDirectory();
        await using var server = await RelayServer.StartAsync(directory.Path);
        await using var client = server.Client();
        var call = Say.NewCall();
        await server.Sink.PublishAsync(Say.Started(call), Deadline);

        V1.AlertEvent? opened = null;
        await foreach (var item in client.WatchAlertsAsync(cancellationToken: Deadline))
        {
            if (item is AlertItem.SnapshotEnd) await server.Sink.PublishAsync(Say.Score(call, EscalationLevel.Escalated), Deadline);
            if (item is not AlertItem.Event { Value: var seen }) continue;
            opened = seen;
            break;
        }

        Assert.Equal(V1.AlertChange.Opened, opened!.Change);
        Assert.Equal(call.Value, opened.Alert.CallId);
        Assert.Equal("asks_for_manager", opened.Reason);
        Assert.Equal(
            [V1.Hop.Media, V1.Hop.Scoring, V1.Hop.Commit, V1.Hop.FanOut, V1.Hop.Client],
            opened.Latency.Hops.Select(hop => hop.Hop));
        var total = opened.Latency.Hops.Sum(hop => hop.Duration.ToTimeSpan().TotalMilliseconds);
        Assert.InRange(total, 500, 5000);
    }
}
