using Microsoft.Data.Sqlite;

namespace EdgeAssist.AlertRelay.Journal.Sqlite;

/// <summary>
/// A journal read from beside the relay, whether it runs or not: commands that look back take nothing from it and lock nothing.
/// </summary>
internal sealed class JournalFile : IDisposable
{
    private readonly SqliteReader _reader;

    private JournalFile(SqliteReader reader, string epoch, long oldest) => (_reader, Epoch, Oldest) = (reader, epoch, oldest);

    public string Epoch { get; }

    /// <summary>The oldest offset; 1 when there is none.</summary>
    public long Oldest { get; }

    /// <exception cref="JournalException">There is none, or it cannot be read.</exception>
    public static JournalFile Open(string directory)
    {
        var options = new SqliteJournalOptions(directory);
        if (!File.Exists(options.DatabasePath)) throw new JournalException(JournalFault.Unavailable, $"There is no journal in {directory}: no call was ever taken there. Name another with Data:Directory.");
        var connectionString = new SqliteConnectionStringBuilder { DataSource = options.DatabasePath, Mode = SqliteOpenMode.ReadOnly, Pooling = false, DefaultTimeout = 5 }.ToString();
        try
        {
            using var connection = SqliteJournalStart.Connect(connectionString);
            var epoch = SqliteSchema.Meta(connection, "epoch") ?? throw new JournalException(JournalFault.Damaged, $"The journal {options.DatabasePath} has no epoch.");
            var oldest = SqliteSchema.Scalar(connection, "SELECT MIN(offset) FROM journal") as long? ?? 1;
            return new JournalFile(new SqliteReader(connectionString), epoch, oldest);
        }
        catch (SqliteException error)
        {
            throw SqliteFaults.Explain(error, options.DatabasePath);
        }
    }

    public ValueTask<IReadOnlyList<StoredRecord>> ReadAsync(long after, int limit, CancellationToken cancellationToken) =>
        _reader.RunAsync("WHERE j.offset > $p ORDER BY j.offset LIMIT $limit", after, limit, cancellationToken);

    public ValueTask<IReadOnlyList<StoredRecord>> ReadCallAsync(string callId, CancellationToken cancellationToken) =>
        _reader.RunAsync("WHERE j.call_id = $p ORDER BY j.offset LIMIT $limit", callId, int.MaxValue, cancellationToken);

    public void Dispose() => _reader.Dispose();
}
