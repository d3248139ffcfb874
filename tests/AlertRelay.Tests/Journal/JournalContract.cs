using System.Text;
using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.Journal.Redis;
using EdgeAssist.AlertRelay.Journal.Sqlite;
using EdgeAssist.AlertRelay.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Journal;

/// <summary>What every journal promises, whatever it is made of.</summary>
public abstract class JournalContract : IAsyncLifetime
{
    private protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 5, 9, 0, 0, TimeSpan.Zero));

    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public abstract ValueTask DisposeAsync();

    private protected abstract Task<IJournal> OpenAsync();

    [Fact]
    public async Task Offsets_have_no_gaps_and_go_on_after_reopening()
    {
        await using (var first = await OpenAsync())
        {
            await first.AppendAsync(0, [Record("a"), Record("b")], default);
            await first.AppendAsync(2, [Record("c")], default);
        }

        await using var second = await OpenAsync();
        await second.AppendAsync(3, [Record("d")], default);
        var read = await second.ReadAsync(0, 100, default);

        Assert.Null(second.Damage);
        Assert.Equal([1L, 2, 3, 4], read.Select(stored => stored.Offset));
        Assert.Equal(["a", "b", "c", "d"], read.Select(Text));
    }

    [Fact]
    public async Task A_record_comes_back_as_it_was_written()
    {
        await using var journal = await OpenAsync();
        var written = new JournalRecord
        {
            Kind = JournalKind.AlertChanged,
            CallId = "a call with spaces\nand lines",
            AlertId = "alert-1",
            Team = "Überweisung",
            Agent = "",
            Time = Time.GetUtcNow().AddTicks(7),
            RequestKey = "sue\nonce",
            Payload = new byte[] { 0, 1, 2, 255, 0 },
        };
        await journal.AppendAsync(0, [written], default);

        var read = (await journal.ReadAsync(0, 1, default)).Single().Record;

        Assert.Equal(written with { Payload = default }, read with { Payload = default });
        Assert.Equal(written.Payload.ToArray(), read.Payload.ToArray());
    }

    [Fact]
    public async Task The_epoch_stays_as_long_as_the_journal_does()
    {
        string epoch;
        await using (var first = await OpenAsync()) epoch = first.Epoch;

        await using var second = await OpenAsync();

        Assert.Equal(epoch, second.Epoch);
    }

    [Fact]
    public async Task The_time_of_the_commit_is_known_for_every_record_of_the_batch()
    {
        await using var journal = await OpenAsync();
        var at = await journal.AppendAsync(0, [Record("a"), Record("b")], default);
        Time.Advance(TimeSpan.FromSeconds(1));
        await journal.AppendAsync(2, [Record("c")], default);

        var read = await journal.ReadAsync(0, 2, default);

        Assert.All(read, stored => Assert.Equal(at, stored.CommittedAt));
    }

    [Fact]
    public async Task An_append_behind_another_head_is_refused()
    {
        await using var journal = await OpenAsync();
        await journal.AppendAsync(0, [Record("a")], default);

        var refused = await Assert.ThrowsAsync<JournalException>(async () => await journal.AppendAsync(0, [Record("b")], default));

        Assert.Equal(JournalFault.Conflict, refused.Fault);
        Assert.Equal(1, journal.Head);
    }

    [Fact]
    public async Task Calls_alerts_and_beginnings_are_found_by_what_they_are_about()
    {
        await using var journal = await OpenAsync();
        await journal.AppendAsync(0,
        [
            Record("1", JournalKind.CallStarted, "x"), Record("2", JournalKind.CallStarted, "y"), Record("3", JournalKind.AlertOpened, "x", "x-1"),
            Record("4", JournalKind.AlertChanged, "x", "x-1"), Record("5", JournalKind.CallEnded, "x"), Record("6", JournalKind.CallStarted, "z"),
        ], default);

        var call = await journal.ReadCallAsync("x", default);
        var alert = await journal.ReadAlertAsync("x-1", default);
        var newest = await journal.ReadBeginningsAsync(JournalKind.CallStarted, long.MaxValue, 2, default);
        var before = await journal.ReadBeginningsAsync(JournalKind.CallStarted, 2, 2, default);

        Assert.Equal(["1", "3", "4", "5"], call.Select(Text));
        Assert.Equal("4", Text(alert!));
        Assert.Null(await journal.ReadAlertAsync("x-2", default));
        Assert.Equal(["6", "2"], newest.Select(Text));
        Assert.Equal(["1"], before.Select(Text));
    }

    [Fact]
    public async Task Retention_by_count_keeps_the_newest_and_what_live_calls_need()
    {
        await using var journal = await OpenAsync();
        await journal.AppendAsync(0, [.. Enumerable.Range(1, 10).Select(i => Record($"{i}"))], default);

        var protectedTrim = await journal.TrimAsync(new JournalRetention(TimeSpan.FromDays(1), 3), keepFrom: 5, default);
        var freeTrim = await journal.TrimAsync(new JournalRetention(TimeSpan.FromDays(1), 3), keepFrom: long.MaxValue, default);

        Assert.Equal(4, protectedTrim);
        Assert.Equal(3, freeTrim);
        Assert.Equal(8, journal.Oldest);
        Assert.Equal(["8", "9", "10"], (await journal.ReadAsync(7, 10, default)).Select(Text));
        Assert.Equal(["8", "9", "10"], (await journal.ReadCallAsync("call", default)).Select(Text));
    }

    [Fact]
    public async Task Retention_by_age_never_takes_the_newest_record()
    {
        await using var journal = await OpenAsync();
        await journal.AppendAsync(0, [Record("old")], default);
        Time.Advance(TimeSpan.FromHours(3));
        await journal.AppendAsync(1, [Record("also old")], default);
        Time.Advance(TimeSpan.FromHours(3));
        await journal.AppendAsync(2, [Record("newest")], default);
        Time.Advance(TimeSpan.FromHours(3));

        await journal.TrimAsync(new JournalRetention(TimeSpan.FromHours(1), 1000), long.MaxValue, default);

        Assert.Equal(["newest"], (await journal.ReadAsync(2, 10, default)).Select(Text));
        Assert.Equal(3, journal.Head);
        Assert.Equal(3, journal.Oldest);
    }

    private protected JournalRecord Record(string text, JournalKind kind = JournalKind.Gap, string call = "call", string alert = "") => new()
    {
        Kind = kind,
        CallId = call,
        AlertId = alert,
        Time = Time.GetUtcNow(),
        Payload = Encoding.UTF8.GetBytes(text),
    };

    private protected static string Text(StoredRecord stored) => Encoding.UTF8.GetString(stored.Record.Payload.Span);
}

public sealed class SqliteJournalContractTests : JournalContract
{
    private readonly TempDirectory _directory = new();

    public override ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }

    private protected override Task<IJournal> OpenAsync() => Task.FromResult<IJournal>(SqliteJournal.Open(new SqliteJournalOptions(_directory.Path), Time));
}

public sealed class RedisJournalContractTests : JournalContract
{
    private readonly TempDirectory _directory = new();
    private RedisServer? _redis;

    public override async ValueTask InitializeAsync() => _redis = await RedisServer.StartAsync();

    public override async ValueTask DisposeAsync()
    {
        if (_redis is not null) await _redis.DisposeAsync();
        _directory.Dispose();
    }

    private protected override async Task<IJournal> OpenAsync() => await RedisJournal.OpenAsync(
        new RedisJournalOptions(_redis!.Configuration, "test", Path.Combine(_directory.Path, "shared-log.epoch")), Time, Patience.Normal);
}
