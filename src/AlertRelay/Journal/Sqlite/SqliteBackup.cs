using System.Security.Cryptography;
using Microsoft.Data.Sqlite;

namespace EdgeAssist.AlertRelay.Journal.Sqlite;

/// <summary>A copy of the journal as of one moment, taken while the relay runs, and putting it back.</summary>
internal static class SqliteBackup
{
    /// <summary>Writes the copy, then reads it back.</summary>
    /// <returns>How many records it holds, and a digest over them.</returns>
    /// <exception cref="JournalException">There is no journal, the copy cannot be written, or it is not what was copied.</exception>
    public static (long Records, string Digest) Take(SqliteJournalOptions options, string target)
    {
        if (!File.Exists(options.DatabasePath)) throw new JournalException(JournalFault.Unavailable, $"There is no journal in {options.Directory}.");
        if (File.Exists(target)) throw new JournalException(JournalFault.Unavailable, $"{target} exists already. Name a new file; an old backup is not overwritten.");
        try
        {
            return SqliteCopy.Take(options.DatabasePath, target, Check);
        }
        catch (SqliteException error)
        {
            throw SqliteFaults.Explain(error, target);
        }
    }

    /// <summary>
    /// Puts a copy in the place of the journal, which is kept aside. It begins a new epoch: what was written since the copy is
    /// not in it, and no client may take the one for the other.
    /// </summary>
    /// <returns>As <see cref="Take"/>.</returns>
    /// <exception cref="JournalException">The relay runs, or the copy is damaged; nothing was changed.</exception>
    public static (long Records, string Digest) Restore(SqliteJournalOptions options, string source, TimeProvider time)
    {
        if (!File.Exists(source)) throw new JournalException(JournalFault.Unavailable, $"There is no backup {source}.");
        Directory.CreateDirectory(options.Directory);
        using var ownership = SqliteJournalStart.Own(options);
        try
        {
            var read = Check(source);
            var part = options.DatabasePath + ".restoring";
            File.Copy(source, part, overwrite: true);
            using (var connection = SqliteJournalStart.Connect(new SqliteConnectionStringBuilder { DataSource = part, Pooling = false }.ToString()))
                SqliteSchema.SetMeta(connection, "epoch", Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)));
            SqliteJournalStart.MoveAside(options, "replaced", time);
            File.Move(part, options.DatabasePath);
            File.Delete(options.EpochPath);
            File.Delete(options.HeadPath);
            return read;
        }
        catch (SqliteException error)
        {
            throw SqliteFaults.Explain(error, source);
        }
    }

    private static (long Records, string Digest) Check(string path)
    {
        using var connection = SqliteJournalStart.Connect(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, Mode = SqliteOpenMode.ReadOnly }.ToString());
        if (SqliteCopy.Damage(connection) is { } check) throw Damaged(path, check);

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var records = 0L;
        foreach (var (offset, stored) in SqliteRows.All(connection))
        {
            if (stored is null) throw Damaged(path, $"record {offset} is not what was written");
            hash.AppendData(RecordSeal.Of(offset, stored.Record));
            records++;
        }

        return (records, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static JournalException Damaged(string path, string what) => new(JournalFault.Damaged, $"{path} is damaged: {what}. Take another backup.");
}
