using EdgeAssist.AlertRelay.Hosting;
using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.Journal.Sqlite;
using EdgeAssist.AlertRelay.Tests.Support;
using EdgeAssist.Contracts;
using EdgeAssist.Proto.Mapping;
using Google.Protobuf;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Journal;

public sealed class StoredCallsTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly CallId _first = new("b-first");
    private readonly CallId _second = new("a-second");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Calls_that_ran_at_once_are_read_apart_in_order_also_while_the_journal_is_open_and_from_a_copy()
    {
        await using var journal = Open();
        await WriteAsync(journal, Say.Started(_first), Say.Started(_second), Say.Final(_first, 1, "one"), Say.Score(_second, EscalationLevel.Watch),
            Say.Final(_second, 1, "two"), Say.Ended(_first), Say.Ended(_second));
        var copy = Path.Combine(_directory.Path, "copy.db");
        JournalBackup.Take(_directory.Path, copy);

        foreach (var path in new[] { _directory.Path, copy })
        {
            Assert.True(StoredCalls.IsJournal(path));
            var calls = StoredCalls.Read(path).ToList();

            Assert.Equal([_second, _first], calls.Select(call => call.Info.Id));
            Assert.Equal([typeof(CallStarted), typeof(ScoreUpdated), typeof(TranscriptUpdated), typeof(CallEnded)], calls[0].Events.Select(e => e.GetType()));
            Assert.Equal("one", Assert.Single(calls[1].Events.OfType<TranscriptUpdated>()).Segment.Text);
        }
    }

    [Fact]
    public async Task A_call_that_goes_on_or_whose_start_is_gone_is_left_out()
    {
        await using var journal = Open();
        await WriteAsync(journal, Say.Ended(_first), Say.Started(_second), Say.Final(_second, 1));

        Assert.Empty(StoredCalls.Read(_directory.Path));
    }

    [Fact]
    public async Task A_damaged_record_ends_the_reading_with_a_sentence()
    {
        await using (var journal = Open()) await WriteAsync(journal, Say.Started(_first), Say.Final(_first, 1, "the words in question"), Say.Ended(_first));
        var file = Path.Combine(_directory.Path, "journal.db");
        var bytes = File.ReadAllBytes(file);
        bytes[bytes.AsSpan().IndexOf("the words in question"u8)] ^= 0x20;
        File.WriteAllBytes(file, bytes);

        var fault = Assert.Throws<IOException>(() => StoredCalls.Read(_directory.Path).Count());

        Assert.Contains("Record 2 of the journal", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_journal_is_told_apart()
    {
        var text = Path.Combine(_directory.Path, "call.pcap");
        File.WriteAllText(text, "no journal");

        Assert.False(StoredCalls.IsJournal(text));
        Assert.False(StoredCalls.IsJournal(_directory.Path));
        Assert.False(StoredCalls.IsJournal(Path.Combine(_directory.Path, "nothing")));
    }

    private SqliteJournal Open() => SqliteJournal.Open(new SqliteJournalOptions(_directory.Path), TimeProvider.System);

    private static async Task WriteAsync(SqliteJournal journal, params CallEvent[] events) =>
        await journal.AppendAsync(journal.Head, [.. events.Select(Record)], TestContext.Current.CancellationToken);

    private static JournalRecord Record(CallEvent happened) => new()
    {
        Kind = happened switch
        {
            CallStarted => JournalKind.CallStarted,
            TranscriptUpdated => JournalKind.Transcript,
            ScoreUpdated => JournalKind.Score,
            _ => JournalKind.CallEnded,
        },
        CallId = happened.Call.Value,
        Time = TimeProvider.System.GetUtcNow(),
        Payload = happened.ToWire(ClockAnchor.Read(TimeProvider.System)).ToByteArray(),
    };
}
