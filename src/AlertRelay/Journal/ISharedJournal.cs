namespace EdgeAssist.AlertRelay.Journal;

/// <summary>
/// A journal that several relays write: an append that finds another head is refused with <see cref="JournalFault.Conflict"/>,
/// the relay reads what came in between, decides anew and appends behind it.
/// </summary>
internal interface ISharedJournal : IJournal
{
    /// <summary>Another relay has appended. Raised on any thread; may come late or, when the connection is lost, not at all.</summary>
    event Action? Advanced;

    /// <summary>Asks the log how far it is and moves <see cref="IJournal.Head"/> and <see cref="IJournal.Oldest"/> there.</summary>
    /// <exception cref="JournalException">The log cannot be reached, or it was started anew.</exception>
    ValueTask RefreshAsync(CancellationToken cancellationToken);

    /// <summary>A secret that all relays of this log share, made by the first of them.</summary>
    /// <param name="name">Which.</param>
    /// <param name="candidate">Becomes the secret when there is none yet.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<byte[]> SharedKeyAsync(string name, byte[] candidate, CancellationToken cancellationToken);
}
