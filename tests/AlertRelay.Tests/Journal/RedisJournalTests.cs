using System.Text;
using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.Journal.Redis;
using EdgeAssist.AlertRelay.Tests.Support;
using StackExchange.Redis;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Journal;

/// <summary>What only a shared log has to stand: other writers, and a server that dies, forgets or lies.</summary>
public sealed class RedisJournalTests : IAsyncLifetime
{
    private readonly TempDirectory _directory = new();
    private RedisServer? _redis;

    private RedisServer Redis => _redis!;

    public async ValueTask InitializeAsync() => _redis = await RedisServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_redis is not null) await _redis.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Of_several_writers_at_once_every_batch_is_written_once_and_the_offsets_have_no_gap()
    {
        const int writers = 4, batches = 50;
        var tries = 0;
        await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
        {
            await using var journal = await OpenAsync();
            for (var batch = 0; batch < batches; batch++)
            {
                while (true)
                {
                    Interlocked.Increment(ref tries);
                    try
                    {
                        await journal.AppendAsync(journal.Head, [Record($"{writer}-{batch}-0"), Record($"{writer}-{batch}-1")], default);
                        break;
                    }
                    catch (JournalException behind) when (behind.Fault == JournalFault.Conflict)
                    {
                        // The head has been moved to where the log is: again from there.
                    }
                }
            }
        })));

        await using var reader = await OpenAsync();
        var read = await reader.ReadAsync(0, 1000, default);

        Assert.Equal(Enumerable.Range(1, writers * batches * 2).Select(offset => (long)offset), read.Select(stored => stored.Offset));
        Assert.Equal(writers * batches * 2, read.Select(Text).Distinct().Count());
        Assert.All(read.Chunk(2), pair => Assert.Equal(Text(pair[0])[..^1], Text(pair[1])[..^1]));
        Assert.True(tries > writers * batches, "The writers never met.");
    }

    [Fact]
    public async Task Another_relays_append_is_said_and_read()
    {
        await using var one = await OpenAsync();
        await using var other = await OpenAsync();
        var said = new TaskCompletionSource();
        other.Advanced += () => said.TrySetResult();

        await one.AppendAsync(0, [Record("news")], default);
        await said.Task.WaitAsync(Patience.Normal);
        await other.RefreshAsync(default);

        Assert.Equal("news", Text((await other.ReadAsync(0, 10, default)).Single()));
    }

    [Fact]
    public async Task A_server_that_dies_loses_nothing_acknowledged_and_writing_goes_on_when_it_is_back()
    {
        await using var journal = await OpenAsync(TimeSpan.FromMilliseconds(200));
        for (var i = 0; i < 100; i++) await journal.AppendAsync(i, [Record($"{i}")], default);
        await Redis.KillAsync();

        var refused = await Assert.ThrowsAsync<JournalException>(async () => await journal.AppendAsync(100, [Record("meanwhile")], default));
        await Redis.StartAgainAsync();
        var deadline = Patience.Normal;
        while (true)
        {
            deadline.ThrowIfCancellationRequested();
            try
            {
                await journal.AppendAsync(100, [Record("after")], default);
                break;
            }
            catch (JournalException away) when (away.Fault == JournalFault.Unavailable)
            {
                // Not connected again yet.
            }
        }

        Assert.Equal(JournalFault.Unavailable, refused.Fault);
        Assert.Equal([.. Enumerable.Range(0, 100).Select(i => $"{i}"), "after"], (await journal.ReadAsync(0, 1000, default)).Select(Text));
    }

    [Fact]
    public async Task An_append_whose_answer_got_lost_is_recognised_when_it_is_repeated()
    {
        await using var journal = await OpenAsync();
        RedisValue[] batch = ["{test}", journal.Epoch, 0, "the-batch", 1, .. Values(1, Record("once"))];

        var first = await Redis.CommandAsync(database => database.ScriptEvaluateAsync(RedisScripts.Append, ["{test}:log", "{test}:meta", "{test}:alerts"], batch));
        var again = await Redis.CommandAsync(database => database.ScriptEvaluateAsync(RedisScripts.Append, ["{test}:log", "{test}:meta", "{test}:alerts"], batch));
        await journal.RefreshAsync(default);

        Assert.Equal([1, 1], [(long)first[0], (long)first[1]]);
        Assert.Equal([1, 1], [(long)again[0], (long)again[1]]);
        Assert.Equal(1, journal.Head);
    }

    [Fact]
    public async Task A_server_that_answers_before_its_fsync_is_refused_with_the_setting_to_change()
    {
        await using var forgetful = await RedisServer.StartAsync("everysec");

        var refused = await Assert.ThrowsAsync<JournalException>(() => RedisJournal.OpenAsync(
            new RedisJournalOptions(forgetful.Configuration, "test", Path.Combine(_directory.Path, "e")), TimeProvider.System, default));

        Assert.Contains("appendfsync always", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_that_was_changed_or_taken_out_is_found_at_the_start()
    {
        await using (var journal = await OpenAsync()) await journal.AppendAsync(0, [Record("a"), Record("b"), Record("c")], default);
        await Redis.CommandAsync(database => database.StreamDeleteAsync("{test}:log", ["2-0"]));

        var refused = await Assert.ThrowsAsync<JournalException>(() => OpenAsync());

        Assert.Equal(JournalFault.Damaged, refused.Fault);
        Assert.Contains("record 2 is missing", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_that_was_deleted_is_told_from_a_first_start_and_never_silently_written_to()
    {
        await using var old = await OpenAsync();
        await old.AppendAsync(0, [Record("a")], default);
        await Redis.CommandAsync(database => database.KeyDeleteAsync(["{test}:log", "{test}:meta"]));

        await using var reopened = await OpenAsync();
        var refused = await Assert.ThrowsAsync<JournalException>(async () => await old.AppendAsync(1, [Record("b")], default));

        Assert.Contains("is not the one this relay knew", reopened.Damage, StringComparison.Ordinal);
        Assert.NotEqual(old.Epoch, reopened.Epoch);
        Assert.Equal(JournalFault.Damaged, refused.Fault);
    }

    [Fact]
    public async Task A_server_without_room_says_so_and_takes_records_again_when_there_is_some()
    {
        await using var journal = await OpenAsync();
        await Redis.CommandAsync(database => database.ExecuteAsync("CONFIG", "SET", "maxmemory", "1mb"));

        var refused = await Assert.ThrowsAsync<JournalException>(async () => await journal.AppendAsync(0, [Record("a")], default));
        await Redis.CommandAsync(database => database.ExecuteAsync("CONFIG", "SET", "maxmemory", "0"));
        await journal.AppendAsync(0, [Record("a")], default);

        Assert.Equal(JournalFault.Full, refused.Fault);
        Assert.Equal(1, journal.Head);
    }

    private Task<RedisJournal> OpenAsync(TimeSpan? patience = null)
    {
        var options = new RedisJournalOptions(Redis.Configuration, "test", Path.Combine(_directory.Path, "shared-log.epoch"));
        return RedisJournal.OpenAsync(patience is { } time ? options with { Patience = time } : options, TimeProvider.System, Patience.Normal);
    }

    private static RedisValue[] Values(long offset, JournalRecord record)
    {
        var values = new List<RedisValue>();
        RedisRows.AddTo(values, offset, record);
        return [.. values];
    }

    private static JournalRecord Record(string text) => new()
    {
        Kind = JournalKind.Gap,
        CallId = "call",
        Time = DateTimeOffset.UnixEpoch,
        Payload = Encoding.UTF8.GetBytes(text),
    };

    private static string Text(StoredRecord stored) => Encoding.UTF8.GetString(stored.Record.Payload.Span);
}
