using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.Journal.Sqlite;
using EdgeAssist.Contracts;
using EdgeAssist.Proto.Mapping;
using Google.Protobuf;

namespace EdgeAssist.AlertRelay.Hosting;

/// <summary>A call out of the journal: finals, scores, gaps, in the order they were written.</summary>
/// <param name="Start">The clock the events' instants are on: 0 at the call's start.</param>
/// <param name="Events">The first is the start.</param>
public sealed record StoredCall(ClockAnchor Start, IReadOnlyList<CallEvent> Events)
{
    public CallInfo Info => ((CallStarted)Events[0]).Info;
}

/// <summary>Reads the calls of a journal on this machine, or of a copy of one, also while the relay runs.</summary>
public static class StoredCalls
{
    private const string Calls = "WHERE j.kind <= $p ORDER BY j.call_id, j.offset";

    /// <summary>Whether there is a journal: a data directory with one, or a file of one.</summary>
    public static bool IsJournal(string path)
    {
        ReadOnlySpan<byte> expected = "SQLite format 3\0"u8;
        var file = FileOf(path);
        if (!File.Exists(file)) return false;

        Span<byte> head = stackalloc byte[expected.Length];
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length && head.SequenceEqual(expected);
    }

    /// <summary>Every call whose start and end are held, one after the other. A call that goes on, or whose start was forgotten, is left out.</summary>
    /// <param name="path">As for <see cref="IsJournal"/>.</param>
    /// <exception cref="IOException">It cannot be read, or a record is damaged; the sentence says why.</exception>
    public static IEnumerable<StoredCall> Read(string path)
    {
        using var reader = new SqliteCursor(FileOf(path));
        List<V1.CallEvent> call = [];
        while (Next(reader) is { } happened)
        {
            if (call.Count > 0 && call[0].CallId != happened.CallId)
            {
                if (Whole(call) is { } whole) yield return whole;
                call = [];
            }

            call.Add(happened);
        }

        if (Whole(call) is { } last) yield return last;
    }

    private static string FileOf(string path) => Directory.Exists(path) ? new SqliteJournalOptions(path).DatabasePath : path;

    private static V1.CallEvent? Next(SqliteCursor reader)
    {
        try
        {
            return reader.TryRead(Calls, (int)JournalKind.CallEnded, out var stored) ? V1.CallEvent.Parser.ParseFrom(stored.Record.Payload.Span) : null;
        }
        catch (Exception fault) when (fault is JournalException or InvalidProtocolBufferException)
        {
            throw new IOException(fault.Message, fault);
        }
    }

    private static StoredCall? Whole(List<V1.CallEvent> call)
    {
        if (call.Count == 0 || call[0].Started is null || call[^1].Ended is null) return null;

        var start = new ClockAnchor(new Instant(0), call[0].Started.StartedAt.ToDateTimeOffset());
        return new StoredCall(start, [.. call.Select(e => e.ToContract(start)).OfType<CallEvent>()]);
    }
}
