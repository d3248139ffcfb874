using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace EdgeAssist.AlertRelay.Journal.Sqlite;

/// <summary>Records as rows, with the seal that finds a flipped bit.</summary>
internal static class SqliteRows
{
    public const string Columns =
        "j.offset, j.kind, j.call_id, j.alert_id, j.team, j.agent, j.time, j.request_key, j.payload, j.seal, " +
        "(SELECT committed FROM commits WHERE last_offset >= j.offset ORDER BY last_offset LIMIT 1)";

    public static void Bind(SqliteCommand insert, long offset, JournalRecord record)
    {
        var parameters = insert.Parameters;
        parameters["$offset"].Value = offset;
        parameters["$kind"].Value = (int)record.Kind;
        parameters["$call"].Value = record.CallId;
        parameters["$alert"].Value = record.AlertId;
        parameters["$team"].Value = record.Team;
        parameters["$agent"].Value = record.Agent;
        parameters["$time"].Value = record.Time.UtcTicks;
        parameters["$request"].Value = record.RequestKey;
        parameters["$payload"].Value = record.Payload.ToArray();
        parameters["$seal"].Value = RecordSeal.Of(offset, record);
    }

    public static SqliteCommand InsertCommand(SqliteConnection connection)
    {
        var command = connection.CreateCommand();
        command.CommandText =
            "INSERT INTO journal (offset, kind, call_id, alert_id, team, agent, time, request_key, payload, seal) " +
            "VALUES ($offset, $kind, $call, $alert, $team, $agent, $time, $request, $payload, $seal)";
        foreach (var name in new[] { "$offset", "$kind", "$call", "$alert", "$team", "$agent", "$time", "$request", "$payload", "$seal" })
            command.Parameters.Add(new SqliteParameter { ParameterName = name, Value = "" });
        return command;
    }

    /// <summary>Every row in order; without its record where that is not what was written.</summary>
    public static IEnumerable<(long Offset, StoredRecord? Stored)> All(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this folder.
        command.CommandText = $"SELECT {Columns} FROM journal j ORDER BY j.offset";
#pragma warning restore CA2100
        using var row = command.ExecuteReader();
        while (row.Read()) yield return (row.GetInt64(0), TryRead(row, out var stored) ? stored : null);
    }

    /// <summary>The record under the cursor of a query of <see cref="Columns"/>; false when its seal is broken.</summary>
    public static bool TryRead(SqliteDataReader row, [NotNullWhen(true)] out StoredRecord? stored)
    {
        stored = null;
        try
        {
            return TryReadTyped(row, out stored);
        }
        catch (Exception wrong) when (wrong is InvalidCastException or OverflowException or InvalidOperationException)
        {
            // SQLite keeps a type with every value: a flipped bit there makes text of a number, or nothing of a payload.
            return false;
        }
    }

    private static bool TryReadTyped(SqliteDataReader row, [NotNullWhen(true)] out StoredRecord? stored)
    {
        stored = null;
        if (!IsTime(row.GetInt64(6)) || (!row.IsDBNull(10) && !IsTime(row.GetInt64(10)))) return false;   // outside DateTime: a flipped bit

        var record = new JournalRecord
        {
            Kind = (JournalKind)row.GetInt32(1),
            CallId = row.GetString(2),
            AlertId = row.GetString(3),
            Team = row.GetString(4),
            Agent = row.GetString(5),
            Time = new DateTimeOffset(row.GetInt64(6), TimeSpan.Zero),
            RequestKey = row.GetString(7),
            Payload = row.GetFieldValue<byte[]>(8),
        };
        var offset = row.GetInt64(0);
        stored = new StoredRecord(offset, record, row.IsDBNull(10) ? null : new DateTimeOffset(row.GetInt64(10), TimeSpan.Zero));
        return RecordSeal.Of(offset, record).AsSpan().SequenceEqual(row.GetFieldValue<byte[]>(9));
    }

    private static bool IsTime(long ticks) => ticks is >= 0 and <= 3_155_378_975_999_999_999;
}
