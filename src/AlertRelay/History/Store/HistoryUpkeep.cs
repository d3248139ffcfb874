using Microsoft.Data.Sqlite;

namespace EdgeAssist.AlertRelay.History.Store;

/// <summary>A call that was recognised, to be remembered.</summary>
internal sealed record RecognisedCall(string CallId, string CustomerKey, string Identifier, string Team, string Agent, DateTimeOffset At);

/// <summary>What an erasure took away.</summary>
public sealed record Erased(long Interactions, long Identifiers, long Calls, long AuditId);

/// <summary>How long anything is kept.</summary>
/// <param name="Interactions">Those that are over; what is open is kept.</param>
/// <param name="Calls">Which customer a call was of.</param>
/// <param name="Requests">Answers to request ids.</param>
internal sealed record HistoryRetention(TimeSpan Interactions, TimeSpan Calls, TimeSpan Requests);

/// <summary>Everything that is written but imports and pushes: which calls were whose, erasure, retention, how a source behaves.</summary>
internal static class HistoryUpkeep
{
    /// <summary>Notes whose calls they are.</summary>
    public static void Remember(this HistoryStore store, IReadOnlyCollection<RecognisedCall> calls) => store.Write(batch => batch.Run((connection, transaction) =>
    {
        using var put = new Statement(connection,
            "INSERT INTO calls (call_id, customer, identifier, team, agent, at) SELECT $call, id, $identifier, $team, $agent, $at FROM customers WHERE key = $key " +
            "ON CONFLICT (call_id) DO UPDATE SET customer = excluded.customer, identifier = excluded.identifier, team = excluded.team, agent = excluded.agent",
            "$call", "$identifier", "$team", "$agent", "$at", "$key") { Transaction = transaction };
        return calls.Sum(call => put.Run(call.CallId, call.Identifier, call.Team, call.Agent, call.At.ToUnixTimeMilliseconds(), call.CustomerKey));
    }));

    /// <summary>
    /// Forgets a customer and notes that it was done, by whom and why, without whom it was about. Behind the commit the log has to
    /// be emptied too (<see cref="HistoryStore.Settle"/>).
    /// </summary>
    /// <returns>Null when nothing is kept of them.</returns>
    public static Erased? Erase(this HistoryBatch batch, string key, string actor, string reason, DateTimeOffset now) =>
        batch.Run((connection, transaction) => Erase(connection, transaction, key, actor, reason, now));

    /// <summary>What a request id was answered with, and the digest of the request; null for one that is new.</summary>
    public static (byte[] Digest, byte[] Answer)? Answered(this HistoryBatch batch, string actor, string requestId) => batch.Run<(byte[], byte[])?>((connection, transaction) =>
    {
        using var find = new Statement(connection, "SELECT digest, answer FROM requests WHERE actor = $actor AND request_id = $id", "$actor", "$id") { Transaction = transaction };
        using var row = find.Query(actor, requestId);
        return row.Read() ? (row.GetFieldValue<byte[]>(0), row.GetFieldValue<byte[]>(1)) : null;
    });

    /// <summary>Keeps the answer to a request id.</summary>
    public static void Answer(this HistoryBatch batch, string actor, string requestId, byte[] digest, byte[] answer, DateTimeOffset now) =>
        batch.Run((connection, transaction) => Run(connection, transaction,
            "INSERT INTO requests (actor, request_id, at, digest, answer) VALUES ($actor, $id, $at, $digest, $answer)",
            ("$actor", actor), ("$id", requestId), ("$at", now.ToUnixTimeMilliseconds()), ("$digest", digest), ("$answer", answer)));

    /// <summary>Forgets what is past its time.</summary>
    /// <returns>Rows that went.</returns>
    public static long Trim(this HistoryStore store, HistoryRetention retention, DateTimeOffset now) => store.Write(batch => batch.Run((connection, transaction) =>
        Run(connection, transaction, "DELETE FROM interactions WHERE id IN (SELECT id FROM interactions WHERE at < $before AND state <> 1 LIMIT 10000)", Before(now - retention.Interactions))
        + Run(connection, transaction, "DELETE FROM calls WHERE at < $before", Before(now - retention.Calls))
        + Run(connection, transaction, "DELETE FROM requests WHERE at < $before", Before(now - retention.Requests))));

    /// <summary>Notes that a source was asked, and why it failed; null when it did not.</summary>
    public static void Note(this HistoryBatch batch, long source, string? failure, DateTimeOffset now) =>
        batch.Run((connection, transaction) => failure is null
            ? Run(connection, transaction, "UPDATE sources SET asked = asked + 1 WHERE id = $id", ("$id", source))
            : Run(connection, transaction, "UPDATE sources SET asked = asked + 1, failed = failed + 1, last_failure = $why, last_failed_at = $at WHERE id = $id",
                ("$why", failure), ("$at", now.ToUnixTimeMilliseconds()), ("$id", source)));

    private static Erased? Erase(SqliteConnection connection, SqliteTransaction transaction, string key, string actor, string reason, DateTimeOffset now)
    {
        using var find = new Statement(connection, "SELECT id FROM customers WHERE key = $key", "$key") { Transaction = transaction };
        if (find.Scalar(key) is not long id) return null;

        var interactions = Run(connection, transaction, "DELETE FROM interactions WHERE customer = $id", ("$id", id));
        var identifiers = Run(connection, transaction, "DELETE FROM identifiers WHERE customer = $id", ("$id", id));
        var calls = Run(connection, transaction, "DELETE FROM calls WHERE customer = $id", ("$id", id));
        Run(connection, transaction, "DELETE FROM customers WHERE id = $id", ("$id", id));
        using var note = new Statement(connection,
            "INSERT INTO audit (at, actor, what, reason, interactions, identifiers, calls) VALUES ($at, $actor, 'erase', $reason, $interactions, $identifiers, $calls) RETURNING id",
            "$at", "$actor", "$reason", "$interactions", "$identifiers", "$calls") { Transaction = transaction };
        return new Erased(interactions, identifiers, calls, (long)note.Scalar(now.ToUnixTimeMilliseconds(), actor, reason, interactions, identifiers, calls)!);
    }

    private static (string, object) Before(DateTimeOffset moment) => ("$before", moment.ToUnixTimeMilliseconds());

    private static long Run(SqliteConnection connection, SqliteTransaction transaction, string sql, params ReadOnlySpan<(string Name, object Value)> values)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // Every text is a constant of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in values) command.Parameters.AddWithValue(name, value);
        return command.ExecuteNonQuery();
    }
}
