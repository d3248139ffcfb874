using Microsoft.Data.Sqlite;

namespace EdgeAssist.AlertRelay.Journal.Sqlite;

/// <summary>Takes what can be read of a damaged journal over into a new one, in order, numbered anew.</summary>
internal static class SqliteSalvage
{
    /// <returns>How many records were saved.</returns>
    public static long Copy(string damagedPath, SqliteConnection target)
    {
        var front = new List<JournalRecord>();
        var back = new List<JournalRecord>();
        var reached = 0L;
        Read(damagedPath, "ORDER BY j.offset", stored =>
        {
            front.Add(stored.Record);
            reached = stored.Offset;
        });

        // A broken page ends the way forward; what lies behind it can often still be reached from the other end.
        Read(damagedPath, $"WHERE j.offset > {reached} ORDER BY j.offset DESC", stored => back.Add(stored.Record));
        back.Reverse();

        var offset = 0L;
        using var transaction = target.BeginTransaction();
        using var insert = SqliteRows.InsertCommand(target);
        insert.Transaction = transaction;
        foreach (var record in front.Concat(back))
        {
            SqliteRows.Bind(insert, ++offset, record);
            insert.ExecuteNonQuery();
        }

        transaction.Commit();
        return offset;
    }

    private static void Read(string path, string order, Action<StoredRecord> take)
    {
        try
        {
            using var connection = SqliteJournalStart.Connect(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
            using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this folder and a number.
            command.CommandText = $"SELECT {SqliteRows.Columns} FROM journal j {order}";
#pragma warning restore CA2100
            using var row = command.ExecuteReader();
            while (row.Read())
            {
                if (SqliteRows.TryRead(row, out var stored)) take(stored);
            }
        }
        catch (SqliteException)
        {
            // This is the damage being salvaged: what was taken so far is what can be read from this end. The caller's
            // sentence tells the operator how many records that was.
        }
    }
}
