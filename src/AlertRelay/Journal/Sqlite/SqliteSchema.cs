using System.Globalization;
using Microsoft.Data.Sqlite;

namespace EdgeAssist.AlertRelay.Journal.Sqlite;

/// <summary>The tables and how they came to be: one script a version, run once each, in order.</summary>
internal static class SqliteSchema
{
    // seal: the first 8 bytes of SHA-256 over the row. SQLite has no checksum of its own outside the WAL, and a flipped
    // bit in a payload would otherwise come back as somebody's words.
    // commits: when a batch became durable, written with the batch behind it (it is not known before).
    private static readonly string[] Migrations =
    [
        """
        CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE journal (
            offset INTEGER PRIMARY KEY,
            kind INTEGER NOT NULL,
            call_id TEXT NOT NULL,
            alert_id TEXT NOT NULL,
            team TEXT NOT NULL,
            agent TEXT NOT NULL,
            time INTEGER NOT NULL,
            request_key TEXT NOT NULL,
            payload BLOB NOT NULL,
            seal BLOB NOT NULL);
        CREATE INDEX journal_call ON journal (call_id, offset);
        CREATE INDEX journal_alert ON journal (alert_id, offset) WHERE alert_id <> '';
        CREATE INDEX journal_beginnings ON journal (kind, offset) WHERE kind IN (1, 16);
        CREATE TABLE commits (last_offset INTEGER PRIMARY KEY, committed INTEGER NOT NULL);
        """,
    ];

    /// <summary>Brings a database of this or an earlier version up to date.</summary>
    /// <exception cref="JournalException">The database is of a later version.</exception>
    public static void Migrate(SqliteConnection connection)
    {
        var version = (int)(long)Scalar(connection, "PRAGMA user_version")!;
        if (version > Migrations.Length)
        {
            throw new JournalException(JournalFault.Damaged,
                $"The journal {connection.DataSource} is of version {version}; this build knows versions up to {Migrations.Length}. Use the newer build, or another data directory.");
        }

        for (; version < Migrations.Length; version++)
        {
            using var transaction = connection.BeginTransaction();
            Execute(connection, Migrations[version]);
            Execute(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {version + 1}"));
            transaction.Commit();
        }
    }

    public static string? Meta(SqliteConnection connection, string name)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT value FROM meta WHERE name = $name";
        command.Parameters.AddWithValue("$name", name);
        return command.ExecuteScalar() as string;
    }

    public static void SetMeta(SqliteConnection connection, string name, string value)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "INSERT INTO meta (name, value) VALUES ($name, $value) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        command.Parameters.AddWithValue("$name", name);
        command.Parameters.AddWithValue("$value", value);
        command.ExecuteNonQuery();
    }

    public static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Every text is a constant of this folder.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }

    public static void Execute(SqliteConnection connection, string sql) => Scalar(connection, sql);

    /// <summary>A file of its own beside the journal: write-ahead log, an fdatasync a commit.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tables">Makes what is not there yet.</param>
    /// <exception cref="JournalException">It cannot be used.</exception>
    public static SqliteConnection Open(string path, string tables)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        try
        {
            var connection = SqliteJournalStart.Connect(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 5 }.ToString());
            Execute(connection, "PRAGMA journal_mode = WAL");
            Execute(connection, "PRAGMA synchronous = FULL");
            Execute(connection, tables);
            return connection;
        }
        catch (SqliteException error)
        {
            throw SqliteFaults.Explain(error, path);
        }
    }

    /// <param name="connection">Where.</param>
    /// <param name="sql">A constant; what comes from outside are parameters.</param>
    /// <param name="transaction">Null: none.</param>
    /// <param name="parameters">With their names as they stand in the text.</param>
    public static SqliteCommand Command(SqliteConnection connection, string sql, SqliteTransaction? transaction, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // See above.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.Transaction = transaction;
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
        return command;
    }
}
