using EdgeAssist.AlertRelay.Fanout;
using EdgeAssist.AlertRelay.Grpc;
using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.State;
using EdgeAssist.AlertRelay.Tests.State;
using EdgeAssist.AlertRelay.Tests.Support;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Streams;

public sealed class SubscriptionTests
{
    private static readonly CallView Calls = new(new V1.CallFilter(), RelayServer.Admin);
    private static readonly AlertView Alerts = new(new V1.AlertFilter(), RelayServer.Admin);

    [Fact]
    public void A_newer_score_of_the_call_replaces_the_one_that_waits()
    {
        var (hub, reader) = Join(Calls, maxPending: 4);

        hub.Publish(At(3), [Score("a", 1), Score("b", 2), Score("a", 3)]);

        Assert.Equal([2L, 3], Drain(reader));
        Assert.Equal(1, reader.Conflated);
        Assert.Equal(3, reader.Seen);
    }

    [Fact]
    public void A_final_voids_the_partial_that_waits_and_is_never_left_out_itself()
    {
        var (hub, reader) = Join(Calls, maxPending: 4);

        hub.Publish(At(2), [Words("a", 0), Words("a", 0), Words("a", 1), Words("a", 2)]);

        Assert.Equal([1L, 2], Drain(reader));
    }

    [Fact]
    public void However_many_scores_come_a_slow_reader_is_not_cut_for_them()
    {
        var (hub, reader) = Join(Calls, maxPending: 2);

        for (var offset = 1; offset <= 1000; offset++) hub.Publish(At(offset), [Score("a", offset)]);

        Assert.False(reader.Cut.IsCancellationRequested);
        Assert.Equal([1000L], Drain(reader));
    }

    [Fact]
    public void Changes_of_alerts_are_never_left_out_the_reader_is_cut_instead()
    {
        var (hub, reader) = Join(Alerts, maxPending: 2);
        var relay = new StepHarness();
        relay.Start();
        relay.Score(V1.Level.Escalated, 1);
        relay.Score(V1.Level.Critical, 2);
        relay.End();

        hub.Publish(relay.State, relay.Journal);

        Assert.True(reader.Cut.IsCancellationRequested);
        Assert.Null(reader.Take());
        Assert.Equal(0, reader.Seen);
    }

    [Fact]
    public void What_waits_for_one_reader_is_at_most_64_KiB_and_one_event_larger_than_that_may_wait_alone()
    {
        var (hub, reader) = Join(Calls, maxPending: 1000);
        hub.Publish(At(1), [Words("a", 1, 100_000)]);
        Assert.False(reader.Cut.IsCancellationRequested);
        Assert.Equal([1L], Drain(reader));

        hub.Publish(At(60), [.. Enumerable.Range(2, 59).Select(offset => Words("a", offset, 1_000))]);
        Assert.False(reader.Cut.IsCancellationRequested);
        Assert.Equal(59, Drain(reader).Count);

        hub.Publish(At(130), [.. Enumerable.Range(61, 70).Select(offset => Words("a", offset, 1_000))]);
        Assert.True(reader.Cut.IsCancellationRequested);
        Assert.Null(reader.Take());
        Assert.Equal(60, reader.Seen);
    }

    [Fact]
    public void What_is_left_out_for_a_newer_score_does_not_count_against_the_reader()
    {
        var (hub, reader) = Join(Calls, maxPending: 4);

        for (var offset = 1; offset <= 20_000; offset++) hub.Publish(At(offset), [Score("a", offset)]);

        Assert.False(reader.Cut.IsCancellationRequested);
        Assert.Equal([20_000L], Drain(reader));
    }

    [Fact]
    public void A_reader_that_joins_behind_the_hub_gets_what_lies_between_once()
    {
        var hub = new FanoutHub(At(0));
        hub.Publish(At(3), [Score("a", 1), Score("a", 2), Score("a", 3)]);

        var joined = hub.TryJoin(Calls, after: 1, maxPending: 8)!.Value;
        hub.Publish(At(4), [Score("a", 4)]);

        Assert.Equal([2L, 3], joined.Missed.Select(missed => missed.Offset));
        Assert.Equal([4L], Drain(joined.Subscription));
    }

    [Fact]
    public void A_reader_of_the_journal_that_is_ahead_of_the_hub_gets_nothing_twice()
    {
        var hub = new FanoutHub(At(0));

        var joined = hub.TryJoin(Calls, after: 2, maxPending: 8)!.Value;
        hub.Publish(At(3), [Score("a", 1), Score("b", 2), Score("c", 3)]);

        Assert.Equal([3L], Drain(joined.Subscription));
    }

    [Fact]
    public void More_than_the_hub_keeps_has_to_come_out_of_the_journal()
    {
        var hub = new FanoutHub(At(FanoutHub.TailLength + 10));

        Assert.Null(hub.TryJoin(Calls, after: 5, maxPending: 8));
    }

    private static (FanoutHub Hub, Subscription Reader) Join(IStreamView view, int maxPending)
    {
        var hub = new FanoutHub(At(0));
        return (hub, hub.Join(view, maxPending).Subscription);
    }

    private static RelayState At(long offset) => new() { Epoch = "e", Offset = offset };

    private static List<long> Drain(Subscription reader)
    {
        var offsets = new List<long>();
        while (reader.Take() is { } frame)
        {
            offsets.Add(frame.Event.Offset);
            reader.Written(frame);
        }

        return offsets;
    }

    private static RelayEvent Score(string call, long offset) => Event(call, offset, JournalKind.Score, new V1.CallEvent
    {
        CallId = call,
        Offset = offset,
        Score = new V1.ScoreUpdate { Score = new V1.Score() },
    });

    private static RelayEvent Words(string call, long offset, int length = 0) => Event(call, offset, JournalKind.Transcript, new V1.CallEvent
    {
        CallId = call,
        Offset = offset,
        Transcript = new V1.Transcript { Final = offset != 0, Utterance = 1, Text = new string('w', length) },
    });

    private static RelayEvent Event(string call, long offset, JournalKind kind, V1.CallEvent said) => new()
    {
        Offset = offset,
        Kind = kind,
        CallId = call,
        Team = "billing",
        Agent = "anna",
        Time = DateTimeOffset.UnixEpoch,
        Call = said,
    };
}
