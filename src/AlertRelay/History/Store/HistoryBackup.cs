using EdgeAssist.AlertRelay.Journal.Sqlite;
using Microsoft.Data.Sqlite;

namespace EdgeAssist.AlertRelay.History.Store;

/// <summary>A copy of the history as of one moment, taken while others write, and putting it back.</summary>
internal static class HistoryBackup
{
    /// <summary>Writes the copy, then reads it back.</summary>
    /// <returns>Interactions in it; null when there is no history to copy.</returns>
    /// <exception cref="HistoryException">It cannot be written, or is not what was copied.</exception>
    public static long? Take(string directory, string target)
    {
        var source = HistoryStore.PathIn(directory);
        if (!File.Exists(source)) return null;
        if (File.Exists(target)) throw new HistoryException($"{target} exists already. Name a new file; an old backup is not overwritten.");
        try
        {
            return SqliteCopy.Take(source, target, Check);
        }
        catch (SqliteException error)
        {
            throw HistoryFaults.Explain(error, target);
        }
    }

    /// <summary>Puts a copy in the place of the history, which is kept beside it. The relay must not run.</summary>
    /// <inheritdoc cref="Take"/>
    public static long? Restore(string directory, string source, DateTimeOffset now)
    {
        if (!File.Exists(source)) return null;
        try
        {
            var interactions = Check(source);
            Directory.CreateDirectory(directory);
            var place = HistoryStore.PathIn(directory);
            var part = place + ".restoring";
            File.Copy(source, part, overwrite: true);
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(part, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            foreach (var suffix in new[] { "", "-wal", "-shm" })
            {
                if (File.Exists(place + suffix))
                    File.Move(place + suffix, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{place}.replaced-{now:yyyyMMddTHHmmssfff}{suffix}"));
            }

            File.Move(part, place);
            return interactions;
        }
        catch (SqliteException error)
        {
            throw HistoryFaults.Explain(error, source);
        }
    }

    private static long Check(string path)
    {
        using var connection = SqliteJournalStart.Connect(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, Mode = SqliteOpenMode.ReadOnly, DefaultTimeout = 5 }.ToString());
        if (SqliteCopy.Damage(connection) is { } check) throw new HistoryException($"{path} is damaged: {check}. Take another backup.");
        return (long)SqliteSchema.Scalar(connection, "SELECT COUNT(*) FROM interactions")!;
    }
}
