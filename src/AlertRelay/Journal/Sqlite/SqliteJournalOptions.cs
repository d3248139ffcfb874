namespace EdgeAssist.AlertRelay.Journal.Sqlite;

/// <summary>Where and how large.</summary>
/// <param name="Directory">Holds <c>journal.db</c> and its side files; made when it is missing.</param>
/// <param name="MaxPages">Ceiling on the file in pages of 4 KiB; null: the disk is the limit.</param>
internal sealed record SqliteJournalOptions(string Directory, long? MaxPages = null)
{
    public string DatabasePath => Path.Combine(Directory, "journal.db");

    /// <summary>Says that there was a journal, and which: a missing database is then told from a first start.</summary>
    public string EpochPath => Path.Combine(Directory, "journal.epoch");

    /// <summary>See <see cref="SqliteHeadMark"/>.</summary>
    public string HeadPath => Path.Combine(Directory, "journal.head");

    public string LockPath => Path.Combine(Directory, "journal.lock");
}
