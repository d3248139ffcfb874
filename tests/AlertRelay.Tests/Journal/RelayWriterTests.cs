using System.Diagnostics.Metrics;
using EdgeAssist.AlertRelay.Diagnostics;
using EdgeAssist.AlertRelay.Fanout;
using EdgeAssist.AlertRelay.Ingest;
using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.Rules;
using EdgeAssist.AlertRelay.State;
using EdgeAssist.AlertRelay.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Journal;

public sealed class RelayWriterTests : IAsyncDisposable
{
    private readonly CountingJournal _journal = new();
    private readonly RelayMetrics _metrics;
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly RelayWriter _writer;
    private readonly Task _loop;

    public RelayWriterTests()
    {
        _metrics = new RelayMetrics(_services.GetRequiredService<IMeterFactory>());
        var state = new RelayState { Epoch = _journal.Epoch, Offset = 0 };
        _writer = new RelayWriter(_journal, state, new FanoutHub(state),
            new WriterOptions(new AlertPolicy(), new JournalRetention(TimeSpan.FromDays(1), 1000)), _metrics, NullLogger.Instance, TimeProvider.System);
        _loop = Task.Run(_writer.RunAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        await _loop;
        _metrics.Dispose();
        await _services.DisposeAsync();
    }

    [Fact]
    public async Task What_comes_in_while_the_disk_works_shares_the_next_append()
    {
        var gate = new TaskCompletionSource();
        _journal.Gate = gate.Task;
        var first = _writer.SayAsync(Started("first"), Patience.Normal).AsTask();
        var others = new List<Task<StepAnswer>>();
        for (var i = 0; i < 100; i++) others.Add(await _writer.QueueAsync(Started($"call-{i}"), Patience.Normal));
        Assert.DoesNotContain(others, other => other.IsCompleted);

        gate.SetResult();
        await Task.WhenAll(others.Append(first));

        Assert.Equal(101, _journal.Head);
        Assert.InRange(_journal.Appends, 1, 3);
    }

    [Fact]
    public async Task Nothing_is_answered_or_seen_before_it_is_durable()
    {
        var gate = new TaskCompletionSource();
        _journal.Gate = gate.Task;

        var answer = _writer.SayAsync(Started("a"), Patience.Normal).AsTask();
        var seen = _writer.State.Offset;
        var answered = answer.IsCompleted;
        gate.SetResult();
        await answer;

        Assert.False(answered);
        Assert.Equal(0, seen);
        Assert.Equal(1, _writer.State.Offset);
    }

    [Fact]
    public async Task A_refused_append_leaves_no_trace_and_the_next_one_works()
    {
        _journal.Refusal = new JournalException(JournalFault.Full, "No room.");
        await Assert.ThrowsAsync<JournalException>(async () => await _writer.SayAsync(Started("a"), Patience.Normal));
        var callsThen = _writer.State.Calls.Count;
        var faultThen = _writer.Fault;

        _journal.Refusal = null;
        await _writer.SayAsync(Started("a"), Patience.Normal);

        Assert.Equal(0, callsThen);
        Assert.NotNull(faultThen);
        Assert.Null(_writer.Fault);
        Assert.Equal(1, _writer.State.Offset);
    }

    [Fact]
    public async Task One_bad_event_does_not_spoil_the_batch_it_is_in()
    {
        var gate = new TaskCompletionSource();
        _journal.Gate = gate.Task;
        var first = await _writer.QueueAsync(Started("first"), Patience.Normal);
        var bad = Started("bad");
        bad.EventTime = new Google.Protobuf.WellKnownTypes.Timestamp { Nanos = -5 };
        var spoilt = await _writer.QueueAsync(bad, Patience.Normal);
        var good = await _writer.QueueAsync(Started("good"), Patience.Normal);

        gate.SetResult();
        await first;
        await good;
        await Assert.ThrowsAnyAsync<Exception>(() => spoilt);

        Assert.Equal(["first", "good"], _writer.State.Calls.Keys.Order());
    }

    private static V1.CallEvent Started(string call) => new() { CallId = call, Started = new V1.Call { CallId = call, Team = "billing" } };
}
