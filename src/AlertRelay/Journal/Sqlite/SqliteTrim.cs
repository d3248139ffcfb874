using Microsoft.Data.Sqlite;

namespace EdgeAssist.AlertRelay.Journal.Sqlite;

/// <summary>Retention: forgets the oldest records, a bounded number at a time so that the writer is never held up for long.</summary>
internal static class SqliteTrim
{
    // 2,000 rows go in a few milliseconds; the caller comes again while there is more.
    internal const int MaxRows = 2_000;

    /// <returns>How many were forgotten, and the oldest offset left.</returns>
    public static (long Trimmed, long Oldest) Run(
        SqliteConnection writer, JournalRetention retention, long keepFrom, long oldest, long head, DateTimeOffset now)
    {
        var byCount = head - retention.Count + 1;
        var byAge = LastCommitBefore(writer, (now - retention.Age).UtcTicks) + 1;
        var target = Math.Min(Math.Min(Math.Max(byCount, byAge), keepFrom), oldest + MaxRows);
        if (target <= oldest) return (0, oldest);

        using (var transaction = writer.BeginTransaction(deferred: false))
        {
            Delete(writer, "DELETE FROM journal WHERE offset < $target", target);

            // The batch that reaches over the edge keeps its note.
            Delete(writer, "DELETE FROM commits WHERE last_offset < $target", target);
            transaction.Commit();
        }

        SqliteSchema.Execute(writer, "PRAGMA incremental_vacuum(256)");
        return (target - oldest, target);
    }

    // The clock may have been set back, so the notes are not sorted by time: the first young one ends the search, and
    // an old one behind it waits for the next time.
    private static long LastCommitBefore(SqliteConnection writer, long ticks)
    {
        using var command = writer.CreateCommand();
        command.CommandText =
            "SELECT last_offset, committed FROM commits ORDER BY last_offset LIMIT $rows";
        command.Parameters.AddWithValue("$rows", MaxRows);
        using var row = command.ExecuteReader();
        var last = 0L;
        while (row.Read() && row.GetInt64(1) < ticks) last = row.GetInt64(0);
        return last;
    }

    private static void Delete(SqliteConnection writer, string sql, long target)
    {
        using var command = writer.CreateCommand();
#pragma warning disable CA2100 // Constants of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.Parameters.AddWithValue("$target", target);
        command.ExecuteNonQuery();
    }
}
