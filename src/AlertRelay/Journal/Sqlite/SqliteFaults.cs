using Microsoft.Data.Sqlite;

namespace EdgeAssist.AlertRelay.Journal.Sqlite;

/// <summary>SQLite's result codes as what an operator can do about them (sqlite.org/rescode.html).</summary>
internal static class SqliteFaults
{
    private const int Busy = 5, ReadOnly = 8, IoError = 10, Corrupt = 11, Full = 13, CannotOpen = 14, NotADatabase = 26;

    public static bool IsDamage(SqliteException error) => error.SqliteErrorCode is Corrupt or NotADatabase;

    public static JournalException Explain(SqliteException error, string file) => error.SqliteErrorCode switch
    {
        Full => new JournalException(JournalFault.Full,
            $"The journal {file} has no room to grow: the disk is full or the size limit is reached. Free space; writing resumes by itself.", error),
        IoError or CannotOpen => new JournalException(JournalFault.Unavailable,
            $"The disk under the journal {file} fails ({error.Message}). Check the disk and its free space; writing resumes by itself.", error),
        ReadOnly => new JournalException(JournalFault.Unavailable,
            $"The journal {file} cannot be written. Give the service's user the right to write it.", error),
        Busy => new JournalException(JournalFault.Conflict,
            $"Another process holds the journal {file}. Only one relay may use a data directory.", error),
        Corrupt or NotADatabase => new JournalException(JournalFault.Damaged,
            $"The journal {file} is damaged. Restart the relay: it saves what can be read and starts a new epoch.", error),
        _ => new JournalException(JournalFault.Unavailable, $"The journal {file} failed: {error.Message}.", error),
    };
}
