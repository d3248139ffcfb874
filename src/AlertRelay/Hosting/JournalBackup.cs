using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.Journal.Sqlite;

namespace EdgeAssist.AlertRelay.Hosting;

/// <summary>Copies of the journal: taken while the relay runs, put back while it does not.</summary>
public static class JournalBackup
{
    /// <summary>Writes a copy of a data directory's journal to a new file and reads it back.</summary>
    /// <returns>Records in it and a digest over them.</returns>
    /// <exception cref="IOException">It could not be done; the sentence says why.</exception>
    public static (long Records, string Digest) Take(string dataDirectory, string target) =>
        Explain(() => SqliteBackup.Take(new SqliteJournalOptions(dataDirectory), target));

    /// <summary>Puts a copy in the place of the journal; the one that was there is kept beside it. Clients begin anew with a snapshot.</summary>
    /// <inheritdoc cref="Take"/>
    public static (long Records, string Digest) Restore(string dataDirectory, string source) =>
        Explain(() => SqliteBackup.Restore(new SqliteJournalOptions(dataDirectory), source, TimeProvider.System));

    private static (long Records, string Digest) Explain(Func<(long Records, string Digest)> act)
    {
        try
        {
            return act();
        }
        catch (JournalException fault)
        {
            throw new IOException(fault.Message, fault);
        }
    }
}
