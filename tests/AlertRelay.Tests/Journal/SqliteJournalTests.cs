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
