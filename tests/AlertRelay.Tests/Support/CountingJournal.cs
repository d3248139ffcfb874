using EdgeAssist.AlertRelay.Journal;

namespace EdgeAssist.AlertRelay.Tests.Support;

/// <summary>A journal in memory that counts its appends, can be held up, and can refuse.</summary>
internal sealed class CountingJournal : IJournal
{
    private readonly List<StoredRecord> _records = [];

    public string Epoch => "0123456789abcdef";

    public long Head => _records.Count;

    public long Oldest => 1;

    public string? Damage => null;

    public int Appends { get; private set; }

    public JournalException? Refusal { get; set; }

    /// <summary>An append waits for it.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public async ValueTask<DateTimeOffset> AppendAsync(long after, IReadOnlyList<JournalRecord> records, CancellationToken cancellationToken)
    {
        Appends++;
        await Gate;
        if (Refusal is { } refusal) throw refusal;
        var at = DateTimeOffset.UnixEpoch;
        lock (_records) _records.AddRange(records.Select((record, index) => new StoredRecord(after + 1 + index, record, at)));
        return at;
    }

    public ValueTask<IReadOnlyList<StoredRecord>> ReadAsync(long after, int limit, CancellationToken cancellationToken) =>
        Find(records => records.Where(stored => stored.Offset > after).Take(limit));

    public ValueTask<IReadOnlyList<StoredRecord>> ReadCallAsync(string callId, CancellationToken cancellationToken) =>
        Find(records => records.Where(stored => stored.Record.CallId == callId));

    public ValueTask<StoredRecord?> ReadAlertAsync(string alertId, CancellationToken cancellationToken)
    {
        lock (_records) return ValueTask.FromResult(_records.FindLast(stored => stored.Record.AlertId == alertId));
    }

    public ValueTask<IReadOnlyList<StoredRecord>> ReadBeginningsAsync(JournalKind kind, long before, int limit, CancellationToken cancellationToken) =>
        Find(records => records.Where(stored => stored.Record.Kind == kind && stored.Offset < before).Reverse().Take(limit));

    public ValueTask<long> TrimAsync(JournalRetention retention, long keepFrom, CancellationToken cancellationToken) => ValueTask.FromResult(0L);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private ValueTask<IReadOnlyList<StoredRecord>> Find(Func<IEnumerable<StoredRecord>, IEnumerable<StoredRecord>> query)
    {
        lock (_records) return ValueTask.FromResult<IReadOnlyList<StoredRecord>>([.. query(_records)]);
    }
}
