using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.Journal.Sqlite;
using Microsoft.Data.Sqlite;

namespace EdgeAssist.AlertRelay.Policy;

/// <summary>Something that somebody did and that others may want to know of later.</summary>
internal sealed record AuditAct(string Actor, string Action)
{
    public string Team { get; init; } = "";

    public string CallId { get; init; } = "";

    public string AlertId { get; init; } = "";

    /// <summary>For people.</summary>
    public string Detail { get; init; } = "";
}

/// <summary>Which entries are asked for; everything that is given must hold.</summary>
internal sealed record AuditFilter
{
    public string Actor { get; init; } = "";

    public string Action { get; init; } = "";

    public string CallId { get; init; } = "";

    public DateTimeOffset Since { get; init; } = DateTimeOffset.MinValue;

    public DateTimeOffset Until { get; init; } = DateTimeOffset.MaxValue;
}

/// <summary>
/// Who did what, kept for good in <c>audit.db</c>: every entry carries the SHA-256 of itself and of the hash before it, so that
/// an entry that was changed, taken out or put in shows. What was cut off at the end does not show by itself: note the newest
/// hash elsewhere. Also keeps every switch of a team's mode, which the journal forgets after its retention.
/// </summary>
internal sealed class AuditLog : IDisposable
{
    private const string Columns = "number, at, actor, action, team, call_id, alert_id, detail, hash";

    // Services and the writer's loop meet here, for one short transaction each.
    private readonly Lock _gate = new();
    private readonly SqliteConnection _connection;
    private readonly TimeProvider _time;

    private AuditLog(SqliteConnection connection, TimeProvider time) => (_connection, _time) = (connection, time);

    /// <exception cref="JournalException">The file cannot be used.</exception>
    public static AuditLog Open(string directory, TimeProvider time) => new(SqliteSchema.Open(Path.Combine(directory, "audit.db"), """
        CREATE TABLE IF NOT EXISTS audit (
            number INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, team TEXT NOT NULL,
            call_id TEXT NOT NULL, alert_id TEXT NOT NULL, detail TEXT NOT NULL, hash BLOB NOT NULL);
        CREATE INDEX IF NOT EXISTS audit_call ON audit (call_id) WHERE call_id <> '';
        CREATE TABLE IF NOT EXISTS switches (
            number INTEGER PRIMARY KEY, epoch TEXT NOT NULL, offset INTEGER NOT NULL, team TEXT NOT NULL, at INTEGER NOT NULL,
            payload BLOB NOT NULL, UNIQUE (epoch, offset));
        """), time);

    /// <summary>Durable when it returns.</summary>
    /// <exception cref="JournalException">It could not be written.</exception>
    public void Add(AuditAct act)
    {
        lock (_gate) Write(transaction => Append(act, transaction));
    }

    /// <summary>Notes a switch, once however often it is told.</summary>
    /// <exception cref="JournalException">It could not be written.</exception>
    public void Add(V1.PolicySwitch made, string epoch, long offset)
    {
        if (made.Carried) return;
        lock (_gate)
        {
            Write(transaction =>
            {
                using var insert = Command(
                    "INSERT OR IGNORE INTO switches (epoch, offset, team, at, payload) VALUES ($epoch, $offset, $team, $at, $payload)", transaction,
                    ("$epoch", epoch), ("$offset", offset), ("$team", made.Team), ("$at", made.At.ToDateTimeOffset().UtcTicks), ("$payload", Google.Protobuf.MessageExtensions.ToByteArray(made)));
                if (insert.ExecuteNonQuery() == 0) return;
                Append(new AuditAct(made.Actor, "policy.switch")
                {
                    Team = made.Team,
                    Detail = string.Create(CultureInfo.InvariantCulture, $"{Word(made.From)} to {Word(made.Mode)}, {made.CallsSilenced} live calls silenced: {made.Reason}"),
                }, transaction);
            });
        }
    }

    /// <summary>Newest first, in front of a number.</summary>
    public IReadOnlyList<V1.AuditEntry> List(AuditFilter filter, long before, int limit)
    {
        lock (_gate)
        {
            using var command = Command(
                $"""
                SELECT {Columns} FROM audit WHERE number < $before AND at >= $since AND at <= $until
                AND ($actor = '' OR actor = $actor) AND ($action = '' OR action = $action) AND ($call = '' OR call_id = $call)
                ORDER BY number DESC LIMIT $limit
                """, null,
                ("$before", before), ("$since", filter.Since.UtcTicks), ("$until", filter.Until.UtcTicks), ("$actor", filter.Actor), ("$action", filter.Action),
                ("$call", filter.CallId), ("$limit", limit));
            return ReadEntries(command);
        }
    }

    /// <summary>Switches of the teams, or of all, newest first, in front of a number.</summary>
    /// <returns>Each with its number.</returns>
    public IReadOnlyList<(long Number, V1.PolicySwitch Made)> Switches(IReadOnlyCollection<string> teams, long before, int limit)
    {
        lock (_gate)
        {
            using var command = Command(
                "SELECT number, payload FROM switches WHERE number < $before AND ($teams = '' OR instr($teams, char(10) || team || char(10)) > 0) ORDER BY number DESC LIMIT $limit", null,
                ("$before", before), ("$teams", teams.Count == 0 ? "" : "\n" + string.Join('\n', teams) + "\n"), ("$limit", limit));
            var found = new List<(long, V1.PolicySwitch)>();
            using var row = command.ExecuteReader();
            while (row.Read()) found.Add((row.GetInt64(0), V1.PolicySwitch.Parser.ParseFrom(row.GetFieldValue<byte[]>(1))));
            return found;
        }
    }

    /// <summary>What is wrong with the chain, as a sentence; null when nothing is.</summary>
    public string? Verify()
    {
        lock (_gate)
        {
            using var command = Command($"SELECT {Columns} FROM audit ORDER BY number", null);
            var (expected, hash) = (1L, new byte[SHA256.HashSizeInBytes]);
            foreach (var entry in ReadEntries(command))
            {
                if (entry.Number != expected) return string.Create(CultureInfo.InvariantCulture, $"Entry {expected} is missing.");
                hash = Hash(hash, entry);
                if (Convert.ToHexStringLower(hash) != entry.Hash) return string.Create(CultureInfo.InvariantCulture, $"Entry {entry.Number} is not what was written, or one before it was taken out.");
                expected++;
            }

            return null;
        }
    }

    public void Dispose() => _connection.Dispose();

    internal static string Word(V1.PolicyMode mode) => mode switch
    {
        V1.PolicyMode.Observe => "observe",
        V1.PolicyMode.Assist => "assist",
        _ => "no mode of its own",
    };

    private void Append(AuditAct act, SqliteTransaction transaction)
    {
        // Read where it is written: commands beside the relay append to the same chain.
        var (newest, newestHash) = Newest(transaction);
        var entry = new V1.AuditEntry
        {
            Number = newest + 1,
            At = Timestamp.FromDateTimeOffset(_time.GetUtcNow()),
            Actor = act.Actor,
            Action = act.Action,
            Team = act.Team,
            CallId = act.CallId,
            AlertId = act.AlertId,
            Detail = act.Detail,
        };
        var hash = Hash(newestHash, entry);
        using var insert = Command(
            $"INSERT INTO audit ({Columns}) VALUES ($number, $at, $actor, $action, $team, $call, $alert, $detail, $hash)", transaction,
            ("$number", entry.Number), ("$at", entry.At.ToDateTimeOffset().UtcTicks), ("$actor", entry.Actor), ("$action", entry.Action), ("$team", entry.Team),
            ("$call", entry.CallId), ("$alert", entry.AlertId), ("$detail", entry.Detail), ("$hash", hash));
        insert.ExecuteNonQuery();
    }

    private (long Number, byte[] Hash) Newest(SqliteTransaction transaction)
    {
        using var command = Command("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1", transaction);
        using var row = command.ExecuteReader();
        return row.Read() ? (row.GetInt64(0), row.GetFieldValue<byte[]>(1)) : (0, new byte[SHA256.HashSizeInBytes]);
    }

    private void Write(Action<SqliteTransaction> act)
    {
        try
        {
            using var transaction = _connection.BeginTransaction(deferred: false);
            act(transaction);
            transaction.Commit();
        }
        catch (SqliteException error)
        {
            throw SqliteFaults.Explain(error, _connection.DataSource);
        }
    }

    private SqliteCommand Command(string sql, SqliteTransaction? transaction, params ReadOnlySpan<(string Name, object Value)> parameters) =>
        SqliteSchema.Command(_connection, sql, transaction, parameters);

    private static List<V1.AuditEntry> ReadEntries(SqliteCommand command)
    {
        var found = new List<V1.AuditEntry>();
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            found.Add(new V1.AuditEntry
            {
                Number = row.GetInt64(0),
                At = Timestamp.FromDateTimeOffset(new DateTimeOffset(row.GetInt64(1), TimeSpan.Zero)),
                Actor = row.GetString(2),
                Action = row.GetString(3),
                Team = row.GetString(4),
                CallId = row.GetString(5),
                AlertId = row.GetString(6),
                Detail = row.GetString(7),
                Hash = Convert.ToHexStringLower(row.GetFieldValue<byte[]>(8)),
            });
        }

        return found;
    }

    // Lengths before texts: two entries that differ never hash the same octets.
    private static byte[] Hash(byte[] before, V1.AuditEntry entry)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(before);
        Span<byte> number = stackalloc byte[8];
        foreach (var value in (ReadOnlySpan<long>)[entry.Number, entry.At.ToDateTimeOffset().UtcTicks])
        {
            BinaryPrimitives.WriteInt64LittleEndian(number, value);
            hash.AppendData(number);
        }

        foreach (var text in (ReadOnlySpan<string>)[entry.Actor, entry.Action, entry.Team, entry.CallId, entry.AlertId, entry.Detail])
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            BinaryPrimitives.WriteInt64LittleEndian(number, bytes.Length);
            hash.AppendData(number);
            hash.AppendData(bytes);
        }

        return hash.GetHashAndReset();
    }
}
