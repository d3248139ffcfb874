using System.Globalization;
using EdgeAssist.Contracts;
using StackExchange.Redis;

namespace EdgeAssist.AlertRelay.Journal.Redis;

/// <summary>
/// The journal in a Redis stream that several relays share. An append is one script that compares the head and writes all or
/// nothing; with <c>appendfsync always</c> its answer comes after the fsync. Any relay may write at any time: who comes
/// second is told so. See <see cref="RedisJournalStart"/> for opening.
/// </summary>
internal sealed class RedisJournal : ISharedJournal
{
    private const int MaxTrim = 500;
    private const int CallChunk = 500;

    private readonly ConnectionMultiplexer _connection;
    private readonly IDatabase _database;
    private readonly RedisKeys _keys;
    private readonly RedisJournalOptions _options;
    private readonly TimeProvider _time;
    private readonly string _where;
    private long _head;
    private long _oldest;

    internal RedisJournal(ConnectionMultiplexer connection, RedisKeys keys, RedisJournalOptions options, LogFound found, TimeProvider time)
    {
        (_connection, _keys, _options, _time) = (connection, keys, options, time);
        (Epoch, Damage, _head, _oldest) = (found.Epoch, found.Damage, found.Head, found.Oldest);
        _database = connection.GetDatabase();
        _where = Where(connection);
    }

    public event Action? Advanced;

    public string Epoch { get; }

    public string? Damage { get; }

    public long Head => Interlocked.Read(ref _head);

    public long Oldest => Interlocked.Read(ref _oldest);

    /// <inheritdoc cref="RedisJournalStart.OpenAsync"/>
    public static Task<RedisJournal> OpenAsync(RedisJournalOptions options, TimeProvider time, CancellationToken cancellationToken) =>
        RedisJournalStart.OpenAsync(options, time, cancellationToken);

    public async ValueTask<DateTimeOffset> AppendAsync(long after, IReadOnlyList<JournalRecord> records, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(records.Count, nameof(records));
        cancellationToken.ThrowIfCancellationRequested();

        var arguments = new List<RedisValue>(5 + records.Count * RedisScripts.FieldsPerRecord)
        {
            _keys.Base, Epoch, after, Guid.NewGuid().ToByteArray(), _time.GetUtcNow().UtcTicks,
        };
        for (var i = 0; i < records.Count; i++) RedisRows.AddTo(arguments, after + 1 + i, records[i]);

        var answer = await RepeatAsync(() => _database.ScriptEvaluateAsync(RedisScripts.Append, [_keys.Log, _keys.Meta, _keys.Alerts], [.. arguments]));
        var (verdict, head) = ((int)answer[0], (long)answer[1]);
        if (verdict < 0) throw RedisFaults.OtherLog(_where);
        Raise(ref _head, head);
        if (verdict == 0)
            throw new JournalException(JournalFault.Conflict, string.Create(CultureInfo.InvariantCulture, $"The log is at {head}; an append behind {after} does not fit."));
        return _time.GetUtcNow();
    }

    public async ValueTask<IReadOnlyList<StoredRecord>> ReadAsync(long after, int limit, CancellationToken cancellationToken)
    {
        var head = Head;
        if (after >= head) return [];
        var read = await RangeAsync(RedisRows.Id(after + 1), RedisRows.Id(head), limit, cancellationToken);

        // What lies behind a hole must not look like what follows.
        return read.Count > 0 && read[0].Offset != after + 1 && Oldest <= after + 1 ? throw Broken(after + 1) : read;
    }

    public async ValueTask<IReadOnlyList<StoredRecord>> ReadCallAsync(string callId, CancellationToken cancellationToken)
    {
        var offsets = await AskAsync(() => _database.SortedSetRangeByScoreAsync(_keys.Call(callId)), cancellationToken);
        return await ReadAllAsync(offsets, cancellationToken);
    }

    public async ValueTask<StoredRecord?> ReadAlertAsync(string alertId, CancellationToken cancellationToken)
    {
        if (alertId.Length == 0) return null;
        var offset = await AskAsync(() => _database.HashGetAsync(_keys.Alerts, alertId), cancellationToken);
        if (offset.IsNull) return null;
        var found = await ReadAllAsync([offset], cancellationToken);
        return found.Count == 0 ? null : found[0];
    }

    public async ValueTask<IReadOnlyList<StoredRecord>> ReadBeginningsAsync(JournalKind kind, long before, int limit, CancellationToken cancellationToken)
    {
        if (kind is not (JournalKind.CallStarted or JournalKind.AlertOpened)) throw new ArgumentException($"{kind} does not begin anything.", nameof(kind));
        var most = before == long.MaxValue ? double.PositiveInfinity : before;
        var offsets = await AskAsync(() => _database.SortedSetRangeByScoreAsync(
            _keys.Beginnings(kind), double.NegativeInfinity, most, Exclude.Stop, Order.Descending, 0, limit), cancellationToken);
        return await ReadAllAsync(offsets, cancellationToken);
    }

    public async ValueTask<long> TrimAsync(JournalRetention retention, long keepFrom, CancellationToken cancellationToken)
    {
        await RefreshAsync(cancellationToken);
        var head = Head;
        var byAge = await FirstYoungAsync((_time.GetUtcNow() - retention.Age).UtcTicks, head, cancellationToken);
        var target = Math.Min(Math.Max(head - retention.Count + 1, byAge), Math.Min(keepFrom, head));
        if (target <= Oldest) return 0;

        var answer = await AskAsync(() => _database.ScriptEvaluateAsync(
            RedisScripts.Trim, [_keys.Log, _keys.Meta, _keys.Alerts], [_keys.Base, target, MaxTrim]), cancellationToken);
        Raise(ref _oldest, (long)answer[1]);
        return (long)answer[0];
    }

    public async ValueTask RefreshAsync(CancellationToken cancellationToken)
    {
        var meta = await AskAsync(() => _database.HashGetAsync(_keys.Meta, ["epoch", "head", "oldest"]), cancellationToken);
        if (meta[0] != Epoch || !meta[1].TryParse(out long head) || !meta[2].TryParse(out long oldest)) throw RedisFaults.OtherLog(_where);
        Raise(ref _head, head);
        Raise(ref _oldest, oldest);
    }

    public async ValueTask<byte[]> SharedKeyAsync(string name, byte[] candidate, CancellationToken cancellationToken)
    {
        await AskAsync(() => _database.HashSetAsync(_keys.Meta, "key:" + name, candidate, When.NotExists), cancellationToken);
        return (byte[])(await AskAsync(() => _database.HashGetAsync(_keys.Meta, "key:" + name), cancellationToken))!;
    }

    public async ValueTask DisposeAsync() => await _connection.DisposeAsync();

    /// <summary>Begins to listen for other relays' appends.</summary>
    internal async Task ListenAsync() =>
        await _connection.GetSubscriber().SubscribeAsync(RedisChannel.Literal(_keys.More), (_, head) =>
        {
            if (head.TryParse(out long said) && said > Head) Advanced?.Invoke();
        });

    internal static string Where(ConnectionMultiplexer connection) => string.Join(", ", connection.GetEndPoints().Select(RedisFaults.Name));

    // The same batch again while nobody answers: the script knows it by its id, so it is written once at most.
    private async Task<RedisResult> RepeatAsync(Func<Task<RedisResult>> append)
    {
        for (var until = Instant.Now(_time) + _options.Patience; ;)
        {
            try
            {
                return await append();
            }
            catch (Exception error) when (RedisFaults.IsSilence(error))
            {
                if (Instant.Now(_time) >= until) throw RedisFaults.Silent(error, _where);
                await Task.Delay(TimeSpan.FromMilliseconds(50), _time, CancellationToken.None);
            }
            catch (RedisException error)
            {
                throw RedisFaults.Explain(error, _where);
            }
        }
    }

    private async ValueTask<T> AskAsync<T>(Func<Task<T>> question, CancellationToken cancellationToken)
    {
        try
        {
            return await question().WaitAsync(cancellationToken);
        }
        catch (Exception error) when (RedisFaults.IsSilence(error))
        {
            throw RedisFaults.Silent(error, _where);
        }
        catch (RedisException error)
        {
            throw RedisFaults.Explain(error, _where);
        }
    }

    private async ValueTask<IReadOnlyList<StoredRecord>> RangeAsync(string from, string to, int? limit, CancellationToken cancellationToken)
    {
        var entries = await AskAsync(() => _database.StreamRangeAsync(_keys.Log, from, to, limit), cancellationToken);
        var read = new List<StoredRecord>(entries.Length);
        foreach (var entry in entries) read.Add(RedisRows.TryRead(entry, out var stored) ? stored : throw Broken(RedisRows.Offset(entry)));
        return read;
    }

    private async ValueTask<IReadOnlyList<StoredRecord>> ReadAllAsync(RedisValue[] offsets, CancellationToken cancellationToken)
    {
        var head = Head;
        var read = new List<StoredRecord>(offsets.Length);
        foreach (var chunk in offsets.Select(offset => (long)offset).Where(offset => offset <= head).Chunk(CallChunk))
        {
            var ranges = await Task.WhenAll(chunk.Select(offset => RangeAsync(RedisRows.Id(offset), RedisRows.Id(offset), 1, cancellationToken).AsTask()));
            read.AddRange(ranges.SelectMany(found => found));
        }

        return read;
    }

    // Ages rise with the offsets as far as the relays' clocks agree; the search is for the first record that is young enough.
    private async ValueTask<long> FirstYoungAsync(long ticks, long head, CancellationToken cancellationToken)
    {
        var (low, high) = (Oldest, head);
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            var found = await RangeAsync(RedisRows.Id(middle), RedisRows.Id(middle), 1, cancellationToken);
            if (found.Count > 0 && found[0].CommittedAt!.Value.UtcTicks >= ticks) high = middle;
            else low = middle + 1;
        }

        return low;
    }

    private JournalException Broken(long offset) => new(JournalFault.Damaged, string.Create(CultureInfo.InvariantCulture,
        $"Record {offset} of the log on {_where} is missing or not what was written. Restore the log from a backup, or delete its keys ({_keys.Base}:*) to begin anew."));

    private static void Raise(ref long place, long to)
    {
        for (var seen = Interlocked.Read(ref place); to > seen;)
        {
            var found = Interlocked.CompareExchange(ref place, to, seen);
            if (found == seen) return;
            seen = found;
        }
    }
}
