using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;

namespace EdgeAssist.AlertRelay.Journal.Sqlite;

/// <summary>
/// Opening: takes ownership of the directory, checks every page and every seal, and when something is wrong moves the old
/// file aside, saves the records that can be read into a new one under a new epoch, and says so.
/// </summary>
internal static class SqliteJournalStart
{
    public static SqliteJournal Open(SqliteJournalOptions options, TimeProvider time)
    {
        Directory.CreateDirectory(options.Directory);
        var ownership = Own(options);
        try
        {
            var damage = Inspect(options);
            if (damage is not null) damage = Replace(options, damage, time);

            var writer = Connect(ConnectionString(options));
            Prepare(writer, options);
            var epoch = SqliteSchema.Meta(writer, "epoch")!;
            File.WriteAllText(options.EpochPath, epoch + "\n");
            return new SqliteJournal(writer, new SqliteReader(ConnectionString(options)), ownership, options.HeadPath, epoch, damage, time);
        }
        catch (SqliteException error)
        {
            ownership.Dispose();
            throw SqliteFaults.Explain(error, options.DatabasePath);
        }
        catch
        {
            ownership.Dispose();
            throw;
        }
    }

    internal static SqliteConnection Connect(string connectionString)
    {
        var connection = new SqliteConnection(connectionString);
        connection.Open();
        return connection;
    }

    // Pooling is ours (SqliteReader): a pooled handle would keep a file that was moved aside open.
    private static string ConnectionString(SqliteJournalOptions options) => new SqliteConnectionStringBuilder
    {
        DataSource = options.DatabasePath,
        Pooling = false,
        DefaultTimeout = 5,
    }.ToString();

    internal static FileStream Own(SqliteJournalOptions options)
    {
        try
        {
            return new FileStream(options.LockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error)
        {
            throw new JournalException(JournalFault.Conflict,
                $"Another process uses the data directory {options.Directory}. Stop it, or give this relay a directory of its own.", error);
        }
    }

    /// <summary>What is wrong with what is there, or null.</summary>
    private static string? Inspect(SqliteJournalOptions options)
    {
        if (!File.Exists(options.DatabasePath))
            return File.Exists(options.EpochPath) ? "the file is missing" : null;

        try
        {
            using var connection = Connect(ConnectionString(options));
            if (SqliteCopy.Damage(connection) is { } damage) return damage;
            SqliteSchema.Migrate(connection);
            return InspectRows(connection, options);
        }
        catch (SqliteException error) when (SqliteFaults.IsDamage(error))
        {
            return error.Message;
        }
    }

    private static string? InspectRows(SqliteConnection connection, SqliteJournalOptions options)
    {
        if (SqliteSchema.Meta(connection, "epoch") is not { } epoch)
        {
            // Also what is left when the log is gone before anything of it was in the database.
            return !File.Exists(options.EpochPath) && SqliteSchema.Scalar(connection, "SELECT 1 FROM journal LIMIT 1") is null ? null : "the epoch is missing";
        }

        var expected = 0L;
        foreach (var (offset, stored) in SqliteRows.All(connection))
        {
            if (expected != 0 && offset != expected) return string.Create(CultureInfo.InvariantCulture, $"record {expected} is missing");
            if (stored is null) return string.Create(CultureInfo.InvariantCulture, $"record {offset} is not what was written");
            expected = offset + 1;
        }

        var (head, marked) = (Math.Max(0, expected - 1), SqliteHeadMark.Read(options.HeadPath, epoch));
        return marked > head
            ? string.Create(CultureInfo.InvariantCulture, $"it ends at record {head}, and records up to {marked} had been acknowledged")
            : null;
    }

    /// <summary>Moves the database out of the way; nothing is deleted.</summary>
    /// <returns>Its new path.</returns>
    internal static string MoveAside(SqliteJournalOptions options, string why, TimeProvider time)
    {
        var aside = string.Create(CultureInfo.InvariantCulture, $"{options.DatabasePath}.{why}-{time.GetUtcNow():yyyyMMddTHHmmssfff}");
        foreach (var suffix in new[] { "", "-wal", "-shm" })
        {
            if (File.Exists(options.DatabasePath + suffix)) File.Move(options.DatabasePath + suffix, aside + suffix);
        }

        return aside;
    }

    private static string Replace(SqliteJournalOptions options, string what, TimeProvider time)
    {
        var aside = MoveAside(options, "damaged", time);
        if (!File.Exists(aside))
            return $"The journal {options.DatabasePath} was there before and is gone. A new one was started: clients begin anew with a snapshot. If you have a backup, stop the relay and put it back.";

        using var writer = Connect(ConnectionString(options));
        Prepare(writer, options);
        var saved = SqliteSalvage.Copy(aside, writer);
        return string.Create(CultureInfo.InvariantCulture,
            $"The journal {options.DatabasePath} was damaged ({what}). It was moved to {aside}; {saved} records could be read and were taken over into a new one. Clients begin anew with a snapshot. Check the disk.");
    }

    private static void Prepare(SqliteConnection connection, SqliteJournalOptions options)
    {
        // auto_vacuum has to be chosen before the first table. The page limit belongs to the connection, not to the file.
        SqliteSchema.Execute(connection, "PRAGMA auto_vacuum = INCREMENTAL");
        SqliteSchema.Execute(connection, "PRAGMA journal_mode = WAL");
        SqliteSchema.Execute(connection, "PRAGMA synchronous = FULL");
        SqliteSchema.Migrate(connection);
        if (SqliteSchema.Meta(connection, "epoch") is null)
            SqliteSchema.SetMeta(connection, "epoch", Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)));
        if (options.MaxPages is { } pages)
            SqliteSchema.Execute(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA max_page_count = {pages}"));
    }
}
