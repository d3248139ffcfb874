using Microsoft.Data.Sqlite;

namespace EdgeAssist.AlertRelay.Journal.Sqlite;

/// <summary>A copy of a database as of one moment, taken while others write.</summary>
internal static class SqliteCopy
{
    /// <summary>Writes the copy, has it read back, and only then gives it its name. It is for the eyes that the original is for.</summary>
    /// <param name="source">The database.</param>
    /// <param name="target">A file that is not there yet.</param>
    /// <param name="check">Reads it back; throws when it is not what was copied.</param>
    /// <exception cref="SqliteException">It cannot be written.</exception>
    public static T Take<T>(string source, string target, Func<string, T> check)
    {
        var part = target + ".part";
        File.Delete(part);
        using (var connection = SqliteJournalStart.Connect(new SqliteConnectionStringBuilder { DataSource = source, Pooling = false, DefaultTimeout = 5, Mode = SqliteOpenMode.ReadWrite }.ToString()))
        using (var copy = SqliteSchema.Command(connection, "VACUUM INTO $target", null, ("$target", part)))
            copy.ExecuteNonQuery();
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(part, File.GetUnixFileMode(source));

        var read = check(part);
        using (var file = new FileStream(part, FileMode.Open, FileAccess.ReadWrite)) file.Flush(flushToDisk: true);
        File.Move(part, target);
        return read;
    }

    /// <summary>What is wrong with a database by SQLite's own check; null for nothing.</summary>
    public static string? Damage(SqliteConnection connection) => SqliteSchema.Scalar(connection, "PRAGMA quick_check(1)") is string check && check != "ok" ? check : null;
}
