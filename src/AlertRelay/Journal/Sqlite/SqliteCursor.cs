using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace EdgeAssist.AlertRelay.Journal.Sqlite;

/// <summary>Records of a database one by one, on a read-only connection: a long journal is never in memory. One owner.</summary>
internal sealed class SqliteCursor(string path) : IDisposable
{
    private SqliteConnection? _connection;
    private SqliteCommand? _command;
    private SqliteDataReader? _rows;

    /// <summary>The next record that a condition of this folder selects; the first call decides which.</summary>
    /// <exception cref="JournalException">The file cannot be read, or a record's seal is broken.</exception>
    public bool TryRead(string condition, object parameter, [NotNullWhen(true)] out StoredRecord? stored)
    {
        stored = null;
        try
        {
            _rows ??= Begin(condition, parameter);
            if (!_rows.Read()) return false;
            if (SqliteRows.TryRead(_rows, out stored)) return true;
            throw new JournalException(JournalFault.Damaged, $"Record {_rows.GetInt64(0)} of the journal {path} is damaged.");
        }
        catch (SqliteException error)
        {
            throw SqliteFaults.Explain(error, path);
        }
    }

    public void Dispose()
    {
        _rows?.Dispose();
        _command?.Dispose();
        _connection?.Dispose();
    }

    private SqliteDataReader Begin(string condition, object parameter)
    {
        _connection = SqliteJournalStart.Connect(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, Mode = SqliteOpenMode.ReadOnly }.ToString());
        _command = _connection.CreateCommand();
#pragma warning disable CA2100 // Every condition is a constant of this project; what comes from outside are parameters.
        _command.CommandText = $"SELECT {SqliteRows.Columns} FROM journal j {condition}";
#pragma warning restore CA2100
        _command.Parameters.AddWithValue("$p", parameter);
        return _command.ExecuteReader();
    }
}
