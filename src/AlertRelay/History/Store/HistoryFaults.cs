using Microsoft.Data.Sqlite;

namespace EdgeAssist.AlertRelay.History.Store;

/// <summary>SQLite's result codes as what an operator can do about them (sqlite.org/rescode.html).</summary>
internal static class HistoryFaults
{
    public static HistoryException Explain(SqliteException error, string file) => new(error.SqliteErrorCode switch
    {
        5 => $"The history {file} is being written by another process for longer than 5 s. Try again when its import is done.",
        8 => $"The history {file} cannot be written. Give this user the right to write it.",
        13 => $"The history {file} has no room to grow: the disk is full. Free space and try again.",
        11 or 26 => $"The history {file} is damaged. Put a backup in its place (edgeassist backup --restore), or remove it and import anew.",
        14 => $"The history {file} cannot be opened. Check that its directory is there and may be written.",
        _ => $"The history {file} failed: {error.Message}.",
    }, error);
}
