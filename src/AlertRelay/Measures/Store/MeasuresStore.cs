using System.Globalization;
using EdgeAssist.AlertRelay.Journal.Sqlite;
using Microsoft.Data.Sqlite;

namespace EdgeAssist.AlertRelay.Measures.Store;

/// <summary>Where the projector stands in the journal.</summary>
/// <param name="Epoch">Of the journal; empty before the first record.</param>
/// <param name="Offset">Everything up to here is in the store.</param>
/// <param name="Skipped">Records that the journal had forgotten before they were read.</param>
internal sealed record ProjectorPlace(string Epoch, long Offset, long Skipped);

/// <summary>One chunk of the journal as rows.</summary>
/// <param name="Place">Behind it; stored in the same transaction as the rows.</param>
/// <param name="Calls">Calls that ended.</param>
/// <param name="Alerts">Alerts as they are now.</param>
internal sealed record RowBatch(ProjectorPlace Place, IReadOnlyList<CallRow> Calls, IReadOnlyCollection<AlertRow> Alerts);

/// <summary>
/// The measures' own SQLite file beside the journal: outlives the transcripts, holds no words, no numbers and no agents. One
/// connection writes, under a lock; readers open their own and see a consistent cut.
/// </summary>
internal sealed class MeasuresStore : IDisposable
{
    public const string FileName = "measures.db";

    // The projector, imports and presence meet here.
    private readonly Lock _lock = new();
    private readonly SqliteConnection _writer;
    private readonly Dictionary<string, long> _teams = new(StringComparer.Ordinal);

    private MeasuresStore(SqliteConnection writer) => _writer = writer;

    public string Path => _writer.DataSource;

    /// <summary>Opens the measures of a data directory, or begins them.</summary>
    /// <exception cref="InvalidDataException">The file is of a later build.</exception>
    /// <exception cref="SqliteException">The disk fails.</exception>
    public static MeasuresStore Open(string dataDirectory)
    {
        Directory.CreateDirectory(dataDirectory);
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = System.IO.Path.Combine(dataDirectory, FileName),
            Pooling = false,
            DefaultTimeout = 10,
        }.ToString());
        connection.Open();
        MeasuresSchema.Migrate(connection);
        return new MeasuresStore(connection);
    }

    /// <summary>A connection that only reads; the caller disposes of it.</summary>
    public SqliteConnection Reader()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path, Mode = SqliteOpenMode.ReadOnly, Pooling = false, DefaultTimeout = 10 }.ToString());
        connection.Open();
        return connection;
    }

    public ProjectorPlace Place()
    {
        lock (_lock)
        {
            return new ProjectorPlace(
                SqliteSchema.Meta(_writer, "epoch") ?? "",
                long.Parse(SqliteSchema.Meta(_writer, "offset") ?? "0", CultureInfo.InvariantCulture),
                long.Parse(SqliteSchema.Meta(_writer, "skipped") ?? "0", CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Writes rows and place together, or neither.</summary>
    public void Apply(RowBatch batch)
    {
        lock (_lock)
        {
            using var transaction = _writer.BeginTransaction(deferred: false);
            using (var insert = Command("""
                INSERT INTO call (call_id, team, trunk, started, ended, lost, customer, mode, mode_changed, scored, transfers, alerts)
                VALUES ($call_id, $team, $trunk, $started, $ended, $lost, $customer, $mode, $mode_changed, $scored, $transfers, $alerts)
                ON CONFLICT (call_id) DO UPDATE SET team = excluded.team, trunk = excluded.trunk, started = excluded.started, ended = excluded.ended,
                    lost = excluded.lost, customer = excluded.customer, mode = excluded.mode, mode_changed = excluded.mode_changed,
                    scored = excluded.scored, transfers = excluded.transfers, alerts = excluded.alerts
                """))
            {
                foreach (var call in batch.Calls) Bind(insert, call).ExecuteNonQuery();
            }

            using (var insert = Command("""
                INSERT OR REPLACE INTO alert (alert_id, call_id, team, mode, opened, level, claimed, acted, calmed, verdict, shown, suppressed, withdrawn)
                VALUES ($alert_id, $call_id, $team, $mode, $opened, $level, $claimed, $acted, $calmed, $verdict, $shown, $suppressed, $withdrawn)
                """))
            {
                foreach (var alert in batch.Alerts) Bind(insert, alert).ExecuteNonQuery();
            }

            SetPlace(batch.Place);
            transaction.Commit();
        }
    }

    public AlertRow? FindAlert(string alertId)
    {
        lock (_lock)
        {
            using var command = Command("""
                SELECT a.alert_id, a.call_id, t.name, a.mode, a.opened, a.level, a.claimed, a.acted, a.calmed, a.verdict, a.shown, a.suppressed, a.withdrawn
                FROM alert a JOIN team t ON t.id = a.team WHERE a.alert_id = $id
                """);
            command.Parameters.AddWithValue("$id", alertId);
            using var row = command.ExecuteReader();
            return row.Read() ? ReadAlert(row) : null;
        }
    }

    /// <summary>Every team that ever had a call, in ordinal order.</summary>
    public IReadOnlyList<string> Teams()
    {
        lock (_lock)
        {
            using var command = Command("SELECT name FROM team ORDER BY name");
            using var row = command.ExecuteReader();
            var teams = new List<string>();
            while (row.Read()) teams.Add(row.GetString(0));
            return teams;
        }
    }

    /// <summary>All rows, for tests and exports of single calls.</summary>
    public (List<CallRow> Calls, List<AlertRow> Alerts) ReadAll()
    {
        using var connection = Reader();
        using var calls = connection.CreateCommand();
        calls.CommandText = """
            SELECT c.call_id, t.name, c.trunk, c.started, c.ended, c.lost, c.customer, c.mode, c.mode_changed, c.scored, c.transfers, c.alerts
            FROM call c JOIN team t ON t.id = c.team ORDER BY c.call_id
            """;
        using var alerts = connection.CreateCommand();
        alerts.CommandText = """
            SELECT a.alert_id, a.call_id, t.name, a.mode, a.opened, a.level, a.claimed, a.acted, a.calmed, a.verdict, a.shown, a.suppressed, a.withdrawn
            FROM alert a JOIN team t ON t.id = a.team ORDER BY a.alert_id
            """;
        var found = (Calls: new List<CallRow>(), Alerts: new List<AlertRow>());
        using (var row = calls.ExecuteReader())
        {
            while (row.Read()) found.Calls.Add(ReadCall(row));
        }

        using (var row = alerts.ExecuteReader())
        {
            while (row.Read()) found.Alerts.Add(ReadAlert(row));
        }

        return found;
    }

    /// <summary>Adds to the hours in which supervisors were connected to a team's alerts.</summary>
    /// <param name="at">In which hour.</param>
    /// <param name="minutes">By team: supervisors times minutes.</param>
    public void AddPresence(DateTimeOffset at, IReadOnlyDictionary<string, double> minutes)
    {
        if (minutes.Count == 0) return;
        lock (_lock)
        {
            using var transaction = _writer.BeginTransaction(deferred: false);
            using var add = Command("INSERT INTO presence (team, hour, minutes) VALUES ($team, $hour, $minutes) ON CONFLICT (team, hour) DO UPDATE SET minutes = minutes + excluded.minutes");
            foreach (var (team, time) in minutes.OrderBy(each => each.Key, StringComparer.Ordinal))
            {
                add.Parameters.Clear();
                add.Parameters.AddWithValue("$team", TeamId(team));
                add.Parameters.AddWithValue("$hour", at.ToUnixTimeSeconds() / 3600);
                add.Parameters.AddWithValue("$minutes", time);
                add.ExecuteNonQuery();
            }

            transaction.Commit();
        }
    }

    /// <summary>Forgets calls that started before a moment, with their alerts and answers.</summary>
    /// <returns>How many calls.</returns>
    public int Forget(DateTimeOffset before)
    {
        lock (_lock)
        {
            using var transaction = _writer.BeginTransaction(deferred: false);
            var moment = before.ToUnixTimeMilliseconds();
            Execute("DELETE FROM satisfaction WHERE call_id IN (SELECT call_id FROM call WHERE started < $before)", moment);
            Execute("DELETE FROM alert WHERE opened < $before", moment);
            Execute("DELETE FROM presence WHERE hour < $before / 3600000", moment);
            var calls = Execute("DELETE FROM call WHERE started < $before", moment);
            transaction.Commit();
            return calls;
        }
    }

    /// <summary>Runs something that writes, alone, in one transaction.</summary>
    public T Write<T>(Func<SqliteConnection, T> act)
    {
        lock (_lock)
        {
            using var transaction = _writer.BeginTransaction(deferred: false);
            var result = act(_writer);
            transaction.Commit();
            return result;
        }
    }

    public void Dispose()
    {
        lock (_lock) _writer.Dispose();
    }

    private int Execute(string sql, long before)
    {
        using var command = Command(sql);
        command.Parameters.AddWithValue("$before", before);
        return command.ExecuteNonQuery();
    }

    private void SetPlace(ProjectorPlace place)
    {
        SqliteSchema.SetMeta(_writer, "epoch", place.Epoch);
        SqliteSchema.SetMeta(_writer, "offset", place.Offset.ToString(CultureInfo.InvariantCulture));
        SqliteSchema.SetMeta(_writer, "skipped", place.Skipped.ToString(CultureInfo.InvariantCulture));
    }

    private SqliteCommand Bind(SqliteCommand command, CallRow call) => Bind(command,
    [
        ("$call_id", call.CallId), ("$team", TeamId(call.Team)), ("$trunk", call.Trunk), ("$started", Milliseconds(call.Started)), ("$ended", Milliseconds(call.Ended)),
        ("$lost", call.Lost), ("$customer", call.Customer), ("$mode", (int)call.Mode), ("$mode_changed", call.ModeChanged), ("$scored", call.Scored),
        ("$transfers", call.Transfers), ("$alerts", call.Alerts),
    ]);

    private SqliteCommand Bind(SqliteCommand command, AlertRow alert) => Bind(command,
    [
        ("$alert_id", alert.AlertId), ("$call_id", alert.CallId), ("$team", TeamId(alert.Team)), ("$mode", (int)alert.Mode), ("$opened", Milliseconds(alert.Opened)),
        ("$level", alert.Level), ("$claimed", Milliseconds(alert.Claimed)), ("$acted", Milliseconds(alert.Acted)), ("$calmed", Milliseconds(alert.Calmed)),
        ("$verdict", (int)alert.Verdict), ("$shown", alert.Shown), ("$suppressed", alert.Suppressed), ("$withdrawn", alert.Withdrawn),
    ]);

    private static SqliteCommand Bind(SqliteCommand command, ReadOnlySpan<(string Name, object? Value)> values)
    {
        if (command.Parameters.Count == 0)
        {
            foreach (var (name, value) in values) command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }
        else
        {
            for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i].Value ?? DBNull.Value;
        }

        return command;
    }

    private long TeamId(string team)
    {
        if (_teams.TryGetValue(team, out var known)) return known;

        using var command = Command("SELECT id FROM team WHERE name = $name");
        command.Parameters.AddWithValue("$name", team);
        if (command.ExecuteScalar() is long kept) return _teams[team] = kept;

        // Remembered the next time it is read: this transaction may still be undone.
        command.CommandText = "INSERT INTO team (name) VALUES ($name) RETURNING id";
        return (long)command.ExecuteScalar()!;
    }

    // A command of a connection takes part in the transaction that the connection is in.
    private SqliteCommand Command(string sql)
    {
        var command = _writer.CreateCommand();
#pragma warning disable CA2100 // Every text is a constant of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command;
    }

    private static CallRow ReadCall(SqliteDataReader row) => new()
    {
        CallId = row.GetString(0),
        Team = row.GetString(1),
        Trunk = row.GetString(2),
        Started = Time(row.GetInt64(3)),
        Ended = Time(row.GetInt64(4)),
        Lost = row.GetBoolean(5),
        Customer = row.IsDBNull(6) ? null : row.GetInt64(6),
        Mode = (Mode)row.GetInt32(7),
        ModeChanged = row.GetBoolean(8),
        Scored = row.GetBoolean(9),
        Transfers = row.GetInt32(10),
        Alerts = row.GetInt32(11),
    };

    private static AlertRow ReadAlert(SqliteDataReader row) => new()
    {
        AlertId = row.GetString(0),
        CallId = row.GetString(1),
        Team = row.GetString(2),
        Mode = (Mode)row.GetInt32(3),
        Opened = Time(row.GetInt64(4)),
        Level = row.GetInt32(5),
        Claimed = TimeOrNull(row, 6),
        Acted = TimeOrNull(row, 7),
        Calmed = TimeOrNull(row, 8),
        Verdict = (Verdict)row.GetInt32(9),
        Shown = row.GetBoolean(10),
        Suppressed = row.GetBoolean(11),
        Withdrawn = row.GetBoolean(12),
    };

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private static DateTimeOffset? TimeOrNull(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : Time(row.GetInt64(column));

    private static long Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    private static long? Milliseconds(DateTimeOffset? time) => time?.ToUnixTimeMilliseconds();
}
