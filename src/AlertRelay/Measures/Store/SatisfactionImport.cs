using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using EdgeAssist.AlertRelay.Journal.Sqlite;
using Microsoft.Data.Sqlite;

namespace EdgeAssist.AlertRelay.Measures.Store;

/// <summary>Takes a file of answers into the store, whole or not at all.</summary>
internal static class SatisfactionImport
{
    /// <exception cref="FormatException">The file cannot be used, or is on another scale than what is stored.</exception>
    public static SatisfactionOutcome Run(MeasuresStore store, byte[] file, double lowest, double highest, bool dryRun, DateTimeOffset now) => store.Write(connection =>
    {
        using var ends = Lookup(connection, "SELECT ended FROM call WHERE call_id = $id");
        using var scores = Lookup(connection, "SELECT score FROM satisfaction WHERE call_id = $id");
        var scale = string.Create(CultureInfo.InvariantCulture, $"{lowest} {highest}");
        if (SqliteSchema.Meta(connection, "scale") is { } known && known != scale)
            throw new FormatException($"Answers are kept on the scale {known.Replace(" ", " to ", StringComparison.Ordinal)}; this file is on {scale.Replace(" ", " to ", StringComparison.Ordinal)}. Convert it first.");

        var reader = new SatisfactionFile(
            lowest, highest, now,
            id => Find(ends, id) is long ended ? DateTimeOffset.FromUnixTimeMilliseconds(ended) : null,
            id => Find(scores, id) as double?);
        var outcome = reader.Read(file);
        if (!dryRun) Keep(connection, outcome, scale, Convert.ToHexStringLower(SHA256.HashData(file)));
        return outcome;
    });

    private static void Keep(SqliteConnection connection, SatisfactionOutcome outcome, string scale, string digest)
    {
        SqliteSchema.SetMeta(connection, "scale", scale);
        using var insert = connection.CreateCommand();
        insert.CommandText = "INSERT INTO satisfaction (call_id, score, answered) VALUES ($id, $score, $answered)";
        foreach (var answer in outcome.Taken)
        {
            insert.Parameters.Clear();
            insert.Parameters.AddWithValue("$id", answer.CallId);
            insert.Parameters.AddWithValue("$score", answer.Score);
            insert.Parameters.AddWithValue("$answered", answer.AnsweredAt?.ToUnixTimeMilliseconds() ?? (object)DBNull.Value);
            insert.ExecuteNonQuery();
        }

        // The same file again is no further file.
        using var note = connection.CreateCommand();
        note.CommandText = "INSERT OR IGNORE INTO satisfaction_import (sha256, row_count, imported, unchanged, refused) VALUES ($sha256, $rows, $imported, $unchanged, $refused)";
        note.Parameters.AddWithValue("$sha256", digest);
        note.Parameters.AddWithValue("$rows", outcome.Rows);
        note.Parameters.AddWithValue("$imported", outcome.Taken.Count);
        note.Parameters.AddWithValue("$unchanged", outcome.Unchanged);
        note.Parameters.AddWithValue("$refused", JsonSerializer.Serialize(outcome.Reasons));
        note.ExecuteNonQuery();
    }

    private static SqliteCommand Lookup(SqliteConnection connection, string sql)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // Every text is a constant of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.Parameters.AddWithValue("$id", "");
        return command;
    }

    private static object? Find(SqliteCommand lookup, string id)
    {
        lookup.Parameters[0].Value = id;
        return lookup.ExecuteScalar();
    }
}
