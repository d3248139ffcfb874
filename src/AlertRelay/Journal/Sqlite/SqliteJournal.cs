using Microsoft.Data.Sqlite;

namespace EdgeAssist.AlertRelay.Journal.Sqlite;

/// <summary>
/// The journal in one SQLite file: write-ahead log, <c>synchronous=FULL</c>, so that every append ends with an fdatasync.
/// The writer has a connection of its own; readers take pooled ones and never wait for it.
/// </summary>
internal sealed class SqliteJournal : IJournal
{
    private readonly SqliteConnection _writer;
    private readonly SqliteCommand _insert;
    private readonly SqliteReader _reader;
    private readonly FileStream _lock;
    private readonly SqliteHeadMark _mark;
    private readonly TimeProvider _time;
    private volatile CommitNote? _unnoted;
    private long _head;
    private long _oldest;

    internal SqliteJournal(SqliteConnection writer, SqliteReader reader, FileStream ownership, string headPath, string epoch, string? damage, TimeProvider time)
    {
        _writer = writer;
        _reader = reader;
        _lock = ownership;
        _time = time;
        _insert = SqliteRows.InsertCommand(writer);
        Epoch = epoch;
        Damage = damage;
        _head = SqliteSchema.Scalar(writer, "SELECT MAX(offset) FROM journal") as long? ?? 0;
        _oldest = SqliteSchema.Scalar(writer, "SELECT MIN(offset) FROM journal") as long? ?? _head + 1;
        _mark = new SqliteHeadMark(headPath, epoch, _head);
    }

    public string Epoch { get; }

    public string? Damage { get; }

    public long Head => Interlocked.Read(ref _head);

    public long Oldest => Interlocked.Read(ref _oldest);

    /// <summary>Opens the journal of a directory, or starts one. See <see cref="SqliteJournalStart"/>.</summary>
    public static SqliteJournal Open(SqliteJournalOptions options, TimeProvider time) => SqliteJournalStart.Open(options, time);

    public ValueTask<DateTimeOffset> AppendAsync(long after, IReadOnlyList<JournalRecord> records, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(records.Count, nameof(records));
        cancellationToken.ThrowIfCancellationRequested();
        if (after != _head)
            throw new JournalException(JournalFault.Conflict, $"The journal is at {_head}; an append behind {after} does not fit.");

        try
        {
            return ValueTask.FromResult(Append(records));
        }
        catch (SqliteException error)
        {
            throw SqliteFaults.Explain(error, _writer.DataSource);
        }
    }

    public ValueTask<IReadOnlyList<StoredRecord>> ReadAsync(long after, int limit, CancellationToken cancellationToken) =>
        ReadAsync("WHERE j.offset > $p ORDER BY j.offset LIMIT $limit", after, limit, cancellationToken);

    public ValueTask<IReadOnlyList<StoredRecord>> ReadCallAsync(string callId, CancellationToken cancellationToken) =>
        ReadAsync("WHERE j.call_id = $p ORDER BY j.offset LIMIT $limit", callId, int.MaxValue, cancellationToken);

    public async ValueTask<StoredRecord?> ReadAlertAsync(string alertId, CancellationToken cancellationToken)
    {
        if (alertId.Length == 0) return null;
        var found = await ReadAsync(
            "WHERE j.alert_id = $p AND j.alert_id <> '' ORDER BY j.offset DESC LIMIT $limit", alertId, 1, cancellationToken);
        return found.Count == 0 ? null : found[0];
    }

    public ValueTask<IReadOnlyList<StoredRecord>> ReadBeginningsAsync(JournalKind kind, long before, int limit, CancellationToken cancellationToken) => kind switch
    {
        JournalKind.CallStarted => ReadAsync(
            "WHERE j.kind = 1 AND j.kind IN (1, 16) AND j.offset < $p ORDER BY j.offset DESC LIMIT $limit", before, limit, cancellationToken),
        JournalKind.AlertOpened => ReadAsync(
            "WHERE j.kind = 16 AND j.kind IN (1, 16) AND j.offset < $p ORDER BY j.offset DESC LIMIT $limit", before, limit, cancellationToken),
        _ => throw new ArgumentException($"{kind} does not begin anything.", nameof(kind)),
    };

    public ValueTask<long> TrimAsync(JournalRetention retention, long keepFrom, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            var (trimmed, oldest) = SqliteTrim.Run(_writer, retention, Math.Min(keepFrom, _head), _oldest, _head, _time.GetUtcNow());
            Interlocked.Exchange(ref _oldest, oldest);
            return ValueTask.FromResult(trimmed);
        }
        catch (SqliteException error)
        {
            throw SqliteFaults.Explain(error, _writer.DataSource);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_unnoted is { } commit) NoteCommit(commit);
        }
        catch (SqliteException)
        {
            // A full disk must not keep the process from ending; the note is a latency figure, the records are safe.
        }

        await _insert.DisposeAsync();
        await _writer.DisposeAsync();
        _reader.Dispose();
        _mark.Dispose();
        await _lock.DisposeAsync();
    }

    // What is committed but not yet acknowledged is nobody's business: readers see up to the head.
    private async ValueTask<IReadOnlyList<StoredRecord>> ReadAsync(string condition, object parameter, int limit, CancellationToken cancellationToken)
    {
        var head = Head;
        var unnoted = _unnoted;
        var read = await _reader.RunAsync(condition, parameter, limit, cancellationToken);
        return [.. read.Where(stored => stored.Offset <= head).Select(stored => stored.CommittedAt is null && stored.Offset <= unnoted?.Offset
            ? stored with { CommittedAt = unnoted.At }
            : stored)];
    }

    private DateTimeOffset Append(IReadOnlyList<JournalRecord> records)
    {
        var offset = _head;
        using (var transaction = _writer.BeginTransaction(deferred: false))
        {
            if (_unnoted is { } commit) NoteCommit(commit);
            _insert.Transaction = transaction;
            foreach (var record in records)
            {
                SqliteRows.Bind(_insert, ++offset, record);
                _insert.ExecuteNonQuery();
            }

            transaction.Commit();
        }

        var at = _time.GetUtcNow();
        _unnoted = new CommitNote(offset, at);
        Interlocked.Exchange(ref _head, offset);
        MarkHead(offset);
        return at;
    }

    private void MarkHead(long offset)
    {
        try
        {
            _mark.Write(offset);
        }
        catch (IOException)
        {
            // The records are safe; the mark is behind until the next append, which is what it may be.
        }
    }

    private void NoteCommit(CommitNote commit)
    {
        using var command = _writer.CreateCommand();
        command.CommandText = "INSERT OR REPLACE INTO commits (last_offset, committed) VALUES ($offset, $at)";
        command.Parameters.AddWithValue("$offset", commit.Offset);
        command.Parameters.AddWithValue("$at", commit.At.UtcTicks);
        command.ExecuteNonQuery();
    }

    // Written with the next batch; until then readers take it from here.
    private sealed record CommitNote(long Offset, DateTimeOffset At);
}
