using System.Globalization;
using EdgeAssist.AlertRelay.Journal.Sqlite;
using Microsoft.Data.Sqlite;

namespace EdgeAssist.AlertRelay.History.Store;

/// <summary>The tables and how they came to be: one script a version, run once each, in order.</summary>
internal static class HistorySchema
{
    // Times are Unix milliseconds. digest: tells content that has not changed apart from content that has.
    private static readonly string[] Migrations =
    [
        """
        CREATE TABLE sources (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            as_of INTEGER NOT NULL,
            asked INTEGER NOT NULL DEFAULT 0,
            failed INTEGER NOT NULL DEFAULT 0,
            last_failure TEXT NOT NULL DEFAULT '',
            last_failed_at INTEGER NOT NULL DEFAULT 0);
        CREATE TABLE customers (
            id INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            value REAL,
            locale TEXT NOT NULL,
            as_of INTEGER NOT NULL,
            digest BLOB NOT NULL);
        CREATE TABLE identifiers (
            kind INTEGER NOT NULL,
            value TEXT NOT NULL,
            customer INTEGER NOT NULL,
            source INTEGER NOT NULL,
            PRIMARY KEY (kind, value, customer, source)) WITHOUT ROWID;
        CREATE INDEX identifiers_customer ON identifiers (customer);
        CREATE TABLE interactions (
            id INTEGER PRIMARY KEY,
            source INTEGER NOT NULL,
            source_id TEXT NOT NULL,
            customer INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            state INTEGER NOT NULL,
            at INTEGER NOT NULL,
            due INTEGER,
            closed INTEGER,
            matter TEXT NOT NULL,
            channel TEXT NOT NULL,
            summary TEXT NOT NULL,
            amount TEXT,
            currency TEXT NOT NULL,
            rating REAL,
            as_of INTEGER NOT NULL,
            digest BLOB NOT NULL,
            UNIQUE (source, source_id));
        CREATE INDEX interactions_customer ON interactions (customer, at);
        CREATE INDEX interactions_open ON interactions (customer) WHERE state = 1;
        CREATE TABLE calls (
            call_id TEXT PRIMARY KEY,
            customer INTEGER NOT NULL,
            identifier TEXT NOT NULL,
            team TEXT NOT NULL,
            agent TEXT NOT NULL,
            at INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX calls_customer ON calls (customer);
        CREATE INDEX calls_at ON calls (at);
        CREATE TABLE requests (
            actor TEXT NOT NULL,
            request_id TEXT NOT NULL,
            at INTEGER NOT NULL,
            digest BLOB NOT NULL,
            answer BLOB NOT NULL,
            PRIMARY KEY (actor, request_id)) WITHOUT ROWID;
        CREATE INDEX requests_at ON requests (at);
        CREATE TABLE audit (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at INTEGER NOT NULL,
            actor TEXT NOT NULL,
            what TEXT NOT NULL,
            reason TEXT NOT NULL,
            interactions INTEGER NOT NULL,
            identifiers INTEGER NOT NULL,
            calls INTEGER NOT NULL);
        """,
    ];

    /// <summary>Brings a database of this or an earlier version up to date.</summary>
    /// <exception cref="HistoryException">It is of a later version.</exception>
    public static void Migrate(SqliteConnection connection)
    {
        // Two processes may open a new file at once: the second waits, then finds it done.
        using var transaction = connection.BeginTransaction(deferred: false);
        var version = (int)(long)SqliteSchema.Scalar(connection, "PRAGMA user_version")!;
        if (version > Migrations.Length)
        {
            throw new HistoryException(
                $"The history {connection.DataSource} is of version {version}; this build knows versions up to {Migrations.Length}. Use the newer build, or another data directory.");
        }

        for (; version < Migrations.Length; version++)
        {
            SqliteSchema.Execute(connection, Migrations[version]);
            SqliteSchema.Execute(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {version + 1}"));
        }

        transaction.Commit();
    }
}
