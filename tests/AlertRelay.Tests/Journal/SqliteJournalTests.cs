using System.Text;
using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.Journal.Sqlite;
using EdgeAssist.AlertRelay.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Journal;

public sealed class SqliteJournalTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 5, 9, 0, 0, TimeSpan.Zero));

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Offsets_have_no_gaps_and_go_on_after_reopening()
    {
        await using (var first = Open())
        {
            await first.AppendAsync(0, [Record("a"), Record("b")], default);
            await first.AppendAsync(2, [Record("c")], default);
        }

        await using var second = Open();
        await second.AppendAsync(3, [Record("d")], default);
        var read = await second.ReadAsync(0, 100, default);

        Assert.Null(second.Damage);
        Assert.Equal([1L, 2, 3, 4], read.Select(stored => stored.Offset));
        Assert.Equal(["a", "b", "c", "d"], read.Select(Text));
    }

    [Fact]
    public async Task The_epoch_stays_as_long_as_the_journal_does()
    {
        string epoch;
        await using (var first = Open()) epoch = first.Epoch;

        await using var second = Open();

        Assert.Equal(epoch, second.Epoch);
    }

    [Fact]
    public async Task The_time_of_the_commit_is_known_for_every_record_of_the_batch()
    {
        await using var journal = Open();
        var at = await journal.AppendAsync(0, [Record("a"), Record("b")], default);
        _time.Advance(TimeSpan.FromSeconds(1));
        await journal.AppendAsync(2, [Record("c")], default);

        var read = await journal.ReadAsync(0, 2, default);

        Assert.All(read, stored => Assert.Equal(at, stored.CommittedAt));
    }

    [Fact]
    public async Task An_append_behind_another_head_is_refused()
    {
        await using var journal = Open();
        await journal.AppendAsync(0, [Record("a")], default);

        var refused = await Assert.ThrowsAsync<JournalException>(async () => await journal.AppendAsync(0, [Record("b")], default));

        Assert.Equal(JournalFault.Conflict, refused.Fault);
        Assert.Equal(1, journal.Head);
    }

    [Fact]
    public async Task A_second_process_is_kept_out_with_a_sentence()
    {
        await using var journal = Open();

        var refused = Assert.Throws<JournalException>(() => Open());

        Assert.Equal(JournalFault.Conflict, refused.Fault);
        Assert.Contains(_directory.Path, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_disk_refuses_the_whole_batch_and_writing_resumes_when_there_is_room()
    {
        await using var journal = Open(maxPages: 60);
        var big = new string('x', 2000);
        JournalException? refused = null;
        while (refused is null)
        {
            try
            {
                await journal.AppendAsync(journal.Head, [Record(big), Record(big)], default);
            }
            catch (JournalException fault)
            {
                refused = fault;
            }
        }

        var head = journal.Head;
        var kept = (await journal.ReadAsync(0, 1000, default)).Count;
        await journal.TrimAsync(new JournalRetention(TimeSpan.FromDays(1), 2), long.MaxValue, default);
        await journal.AppendAsync(head, [Record("after")], default);

        Assert.Equal(JournalFault.Full, refused.Fault);
        Assert.Equal(0, head % 2);
        Assert.Equal(head, kept);
        Assert.Equal("after", Text((await journal.ReadAsync(head, 1, default)).Single()));
    }

    [Fact]
    public async Task A_flipped_bit_in_a_payload_is_found_and_the_other_records_are_saved_into_a_new_epoch()
    {
        string epoch;
        await using (var journal = Open())
        {
            epoch = journal.Epoch;
            await journal.AppendAsync(0, [Record("first"), Record("UNMISTAKABLE"), Record("third")], default);
        }

        Flip("UNMISTAKABLE");
        await using var reopened = Open();

        Assert.NotNull(reopened.Damage);
        Assert.Contains("record 2 is not what was written", reopened.Damage, StringComparison.Ordinal);
        Assert.NotEqual(epoch, reopened.Epoch);
        Assert.Equal(["first", "third"], (await reopened.ReadAsync(0, 10, default)).Select(Text));
        Assert.Single(Directory.GetFiles(_directory.Path, "journal.db.damaged-*"));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_moved_aside_and_told()
    {
        await using (var journal = Open()) await journal.AppendAsync(0, [Record("a")], default);
        File.WriteAllBytes(Path.Combine(_directory.Path, "journal.db"), Encoding.ASCII.GetBytes(new string('?', 8192)));

        await using var reopened = Open();

        Assert.Contains("was damaged", reopened.Damage, StringComparison.Ordinal);
        Assert.Equal(0, reopened.Head);
        await reopened.AppendAsync(0, [Record("works")], default);
    }

    [Fact]
    public async Task A_missing_file_is_told_from_a_first_start()
    {
        await using (var journal = Open()) Assert.Null(journal.Damage);
        File.Delete(Path.Combine(_directory.Path, "journal.db"));

        await using var reopened = Open();

        Assert.Contains("was there before and is gone", reopened.Damage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Retention_by_count_keeps_the_newest_and_what_live_calls_need()
    {
        await using var journal = Open();
        await journal.AppendAsync(0, [.. Enumerable.Range(1, 10).Select(i => Record($"{i}"))], default);

        var protectedTrim = await journal.TrimAsync(new JournalRetention(TimeSpan.FromDays(1), 3), keepFrom: 5, default);
        var freeTrim = await journal.TrimAsync(new JournalRetention(TimeSpan.FromDays(1), 3), keepFrom: long.MaxValue, default);

        Assert.Equal(4, protectedTrim);
        Assert.Equal(3, freeTrim);
        Assert.Equal(8, journal.Oldest);
        Assert.Equal(["8", "9", "10"], (await journal.ReadAsync(0, 10, default)).Select(Text));
    }

    [Fact]
    public async Task Retention_by_age_never_takes_the_newest_record()
    {
        await using var journal = Open();
        await journal.AppendAsync(0, [Record("old")], default);
        _time.Advance(TimeSpan.FromHours(3));
        await journal.AppendAsync(1, [Record("also old")], default);
        _time.Advance(TimeSpan.FromHours(3));
        await journal.AppendAsync(2, [Record("newest")], default);
        _time.Advance(TimeSpan.FromHours(3));

        await journal.TrimAsync(new JournalRetention(TimeSpan.FromHours(1), 1000), long.MaxValue, default);

        Assert.Equal(["newest"], (await journal.ReadAsync(0, 10, default)).Select(Text));
        Assert.Equal(3, journal.Head);
    }

    private SqliteJournal Open(long? maxPages = null) => SqliteJournal.Open(new SqliteJournalOptions(_directory.Path, maxPages), _time);

    private JournalRecord Record(string text) => new()
    {
        Kind = JournalKind.Gap,
        CallId = "call",
        Time = _time.GetUtcNow(),
        Payload = Encoding.UTF8.GetBytes(text),
    };

    private static string Text(StoredRecord stored) => Encoding.UTF8.GetString(stored.Record.Payload.Span);

    private void Flip(string text)
    {
        var path = Path.Combine(_directory.Path, "journal.db");
        var bytes = File.ReadAllBytes(path);
        var at = bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text));
        Assert.True(at > 0, "The payload is not in the file: the log was not checkpointed.");
        bytes[at] ^= 0x20;
        File.WriteAllBytes(path, bytes);
    }
}
