using EdgeAssist.EndToEnd.Tests.Support;
using EdgeAssist.V1;
using Xunit;

namespace EdgeAssist.EndToEnd.Tests;

/// <summary>A call that goes wrong and one that goes well, side by side in one appliance.</summary>
[Collection(PlayedCallsDefinition.Name)]
public sealed class EscalationTests(PlayedCalls calls)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_alert_opens_before_the_customer_demands_the_manager()
    {
        var call = await calls.EscalationAsync();

        var opened = Assert.Single(call.Alerts, heard => heard.Value.Change == AlertChange.Opened);
        var after = opened.Value.Alert.OpenedAt.ToDateTimeOffset() - call.Started.StartedAt.ToDateTimeOffset();
        Assert.InRange(after.TotalSeconds, calls.Sample.UpsetFrom!.Value, calls.Sample.EscalatesAt!.Value);
        Assert.True(opened.Value.Alert.Level >= Level.Escalated, $"The alert's level is {opened.Value.Alert.Level}.");
    }

    [Fact]
    public async Task The_alert_quotes_the_customer_with_the_moment()
    {
        var call = await calls.EscalationAsync();

        var opened = call.Alerts.First(heard => heard.Value.Change == AlertChange.Opened).Value.Alert;
        Assert.Equal("susan", opened.Agent);
        var quoted = opened.Score.Reasons.Where(reason => reason.Quote.Length > 0).ToList();
        Assert.NotEmpty(quoted);
        Assert.All(opened.Score.Reasons, reason => Assert.InRange(reason.At.ToTimeSpan().TotalSeconds, 0, calls.Sample.Duration));
        Assert.All(quoted, reason => Assert.Contains(call.FinalsOf(reason.Role), final => final.Text.Contains(reason.Quote, StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public async Task The_hops_of_the_alert_add_up_to_the_time_it_took()
    {
        var call = await calls.EscalationAsync();

        var opened = call.Alerts.First(heard => heard.Value.Change == AlertChange.Opened);
        var latency = opened.Value.Latency;
        var hops = latency.Hops.Select(hop => hop.Hop).ToList();
        Assert.Equal(hops.Order(), hops);
        Assert.Superset(new HashSet<Hop> { Hop.Media, Hop.Recognition, Hop.Scoring, Hop.Commit, Hop.FanOut, Hop.Client }, hops.ToHashSet());
        Assert.All(latency.Hops, hop => Assert.True(hop.Duration.ToTimeSpan() >= TimeSpan.Zero, $"{hop.Hop} took {hop.Duration}."));

        // What the relay stamped when it wrote the event, and what this client's own clock said when it came.
        var began = latency.WordsEndedAt.ToDateTimeOffset();
        var toStream = Sum(latency.Hops.Where(hop => hop.Hop != Hop.Client));
        var toClient = Sum(latency.Hops);
        Assert.InRange((toStream - (opened.Value.EmitTime.ToDateTimeOffset() - began)).TotalMilliseconds, -1, 1);
        Assert.InRange((opened.At - began - toClient).TotalMilliseconds, -1, 1_000);
    }

    [Fact]
    public async Task The_calm_call_raises_no_alert()
    {
        var call = await calls.CalmAsync();

        Assert.Empty(call.Alerts);
        Assert.Equal("hangup", call.Events[^1].Value.Ended.EndReason);
        Assert.InRange(call.Finals.Count, 10, 80);
    }

    [Fact]
    public async Task A_client_that_was_cut_off_three_times_misses_nothing()
    {
        await calls.EscalationAsync();
        await calls.CalmAsync();

        var last = calls.Undisturbed.Calls.Max(heard => heard.Value.Offset);
        await calls.Disturbed.WaitForOffsetAsync(last, Cancel).WaitAsync(TimeSpan.FromSeconds(10), Cancel);

        Assert.Equal(3, calls.Cuts.Count);
        Assert.All(calls.Cuts, cut => Assert.Equal(2, cut));
        Assert.InRange(calls.Disturbed.Reconnects, 3, 12);
        Assert.Equal(0, calls.Undisturbed.Reconnects);
        Assert.Empty(calls.Disturbed.Resets);
        Assert.Equal(Offsets(calls.Undisturbed), Offsets(calls.Disturbed));
        Assert.Equal(calls.Undisturbed.Alerts.Select(heard => heard.Value.Offset), calls.Disturbed.Alerts.Select(heard => heard.Value.Offset));
    }

    // Partial transcripts have no place in the journal and are not told again.
    private static IEnumerable<long> Offsets(Watcher watcher) => watcher.Calls.Select(heard => heard.Value.Offset).Where(offset => offset > 0);

    private static TimeSpan Sum(IEnumerable<HopTime> hops) => hops.Aggregate(TimeSpan.Zero, (sum, hop) => sum + hop.Duration.ToTimeSpan());
}
