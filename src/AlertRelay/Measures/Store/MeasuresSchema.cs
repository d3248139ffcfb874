using EdgeAssist.AlertRelay.Journal.Sqlite;
using Microsoft.Data.Sqlite;

namespace EdgeAssist.AlertRelay.Measures.Store;

/// <summary>The tables and how they came to be: one script a version, run once each, in order. Times are milliseconds of Unix time.</summary>
internal static class MeasuresSchema
{
    private static readonly string[] Migrations =
    [
        """
        CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE team (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
        CREATE TABLE call (
            id INTEGER PRIMARY KEY,
            call_id TEXT NOT NULL UNIQUE,
            team INTEGER NOT NULL,
            trunk TEXT NOT NULL,
            started INTEGER NOT NULL,
            ended INTEGER NOT NULL,
            lost INTEGER NOT NULL,
            customer INTEGER,
            mode INTEGER NOT NULL,
            mode_changed INTEGER NOT NULL,
            scored INTEGER NOT NULL,
            transfers INTEGER NOT NULL,
            alerts INTEGER NOT NULL);
        CREATE INDEX call_started ON call (started);
        CREATE TABLE alert (
            alert_id TEXT PRIMARY KEY,
            call_id TEXT NOT NULL,
            team INTEGER NOT NULL,
            mode INTEGER NOT NULL,
            opened INTEGER NOT NULL,
            level INTEGER NOT NULL,
            claimed INTEGER,
            acted INTEGER,
            calmed INTEGER,
            verdict INTEGER NOT NULL,
            shown INTEGER NOT NULL,
            suppressed INTEGER NOT NULL,
            withdrawn INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX alert_opened ON alert (opened);
        CREATE TABLE satisfaction (call_id TEXT PRIMARY KEY, score REAL NOT NULL, answered INTEGER) WITHOUT ROWID;
        CREATE TABLE satisfaction_import (sha256 TEXT PRIMARY KEY, row_count INTEGER NOT NULL, imported INTEGER NOT NULL, unchanged INTEGER NOT NULL, refused TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE presence (team INTEGER NOT NULL, hour INTEGER NOT NULL, minutes REAL NOT NULL, PRIMARY KEY (team, hour)) WITHOUT ROWID;
        """,
    ];

    /// <summary>Brings a database of this or an earlier version up to date.</summary>
    /// <exception cref="InvalidDataException">The database is of a later version.</exception>
    public static void Migrate(SqliteConnection connection)
    {
        SqliteSchema.Execute(connection, "PRAGMA journal_mode = WAL");
        SqliteSchema.Execute(connection, "PRAGMA synchronous = FULL");   // an import that was answered is kept
        var version = (int)(long)SqliteSchema.Scalar(connection, "PRAGMA user_version")!;
        if (version > Migrations.Length)
            throw new InvalidDataException($"The measures {connection.DataSource} are of version {version}; this build knows versions up to {Migrations.Length}. Use the newer build.");

        for (; version < Migrations.Length; version++)
        {
            using var transaction = connection.BeginTransaction();
            SqliteSchema.Execute(connection, Migrations[version]);
            SqliteSchema.Execute(connection, FormattableString.Invariant($"PRAGMA user_version = {version + 1}"));
            transaction.Commit();
        }
    }
}
