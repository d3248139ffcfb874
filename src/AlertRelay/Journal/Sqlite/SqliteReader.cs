using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace EdgeAssist.AlertRelay.Journal.Sqlite;

/// <summary>Queries on connections of their own, kept for reuse: subscribers that catch up never meet the writer.</summary>
internal sealed class SqliteReader(string connectionString) : IDisposable
{
    // Any thread may read; each takes a connection for itself. The bag holds the idle ones.
    private readonly ConcurrentBag<SqliteConnection> _idle = [];
    private volatile bool _disposed;

    /// <summary>Reads the rows that a condition of this folder selects.</summary>
    /// <exception cref="JournalException">The disk fails, or a row's seal is broken.</exception>
    public ValueTask<IReadOnlyList<StoredRecord>> RunAsync(string condition, object parameter, int limit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_idle.TryTake(out var connection)) connection = SqliteJournalStart.Connect(connectionString);
        try
        {
            return ValueTask.FromResult<IReadOnlyList<StoredRecord>>(Read(connection, condition, parameter, limit));
        }
        catch (SqliteException error)
        {
            throw SqliteFaults.Explain(error, connection.DataSource);
        }
        finally
        {
            if (_disposed) connection.Dispose();
            else _idle.Add(connection);
        }
    }

    public void Dispose()
    {
        _disposed = true;
        while (_idle.TryTake(out var connection)) connection.Dispose();
    }

    private static List<StoredRecord> Read(SqliteConnection connection, string condition, object parameter, int limit)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Every condition is a constant of this folder; what comes from outside are parameters.
        command.CommandText = $"SELECT {SqliteRows.Columns} FROM journal j {condition}";
#pragma warning restore CA2100
        command.Parameters.AddWithValue("$p", parameter);
        command.Parameters.AddWithValue("$limit", limit);

        var found = new List<StoredRecord>();
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            if (!SqliteRows.TryRead(row, out var stored))
            {
                throw new JournalException(JournalFault.Damaged,
                    $"Record {row.GetInt64(0)} of the journal {connection.DataSource} is damaged. Restart the relay: it saves what can be read and starts a new epoch.");
            }

            found.Add(stored);
        }

        return found;
    }
}
